import { formatBytes, formatMode, kindOf } from '../../../shared/tree/format.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { redirectBytes } from '../../../shared/tree/row.ts';
import { symlinkTarget } from '../../../shared/tree/symlink.ts';
import { Flag, isDirectory, nameBytes } from '../../../shared/tree/table.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import type { Command } from '../context.ts';
import { EntriesJson } from '../entries-json.ts';
import { entryJson } from '../entry-json.ts';
import { imageJson } from '../image-json.ts';
import { reportProblems } from '../load-image.ts';
import type { Output } from '../output.ts';
import { namesOf } from '../names-of.ts';
import { checkObjects, openSubject, storesFor } from '../session.ts';

/** The tree as tree(1) draws it, or flat as JSON. */
export const tree: Command = async ({ out, reporter }, files, options) => {
  const { json = false, depth = Number.POSITIVE_INFINITY, stubs = false } = options;
  const list = new EntriesJson(out);
  for (const name of namesOf(files, options)) {
    const subject = await openSubject(name, options, reporter);
    if (subject === undefined) continue;
    const { file, session, beside } = subject;
    const stores = await storesFor(session, options.store, reporter, beside);
    await checkObjects(session, stores, reporter);
    if (json) {
      list.image(imageJson(session, file, stores));
      for (const { entry, level } of walk(session.image, depth, stubs)) {
        list.entry({ depth: level, ...entryJson(session, entry) });
      }
    } else {
      drawTree(out, session, file, { depth, stubs });
    }
    reportProblems(session.image, file, reporter);
  }
  if (json) list.end();
};

interface Step {
  readonly entry: number;
  /** 0 for the root. */
  readonly level: number;
}

/** All rows in tree order, but for what lies deeper than `depth`, and the stubs of the root. */
function* walk({ table }: Image, depth: number, stubs: boolean): Generator<Step, void, void> {
  const { count, end, flags } = table;
  const stops: number[] = [];
  for (let entry = 0; entry < count;) {
    while (stops.length > 0 && entry >= (stops.at(-1) ?? 0)) stops.pop();
    if (stubs || ((flags[entry] ?? 0) & Flag.stub) === 0) yield { entry, level: stops.length };
    const behind = end[entry] ?? count;
    if (stops.length >= depth) entry = behind;
    else {
      if (behind > entry + 1) stops.push(behind);
      entry += 1;
    }
  }
}

/** tree(1): a branch for each level above that goes on, and a corner for the last of a directory. */
function drawTree(
  out: Output,
  session: ImageSession,
  file: string,
  { depth, stubs }: { readonly depth: number; readonly stubs: boolean },
): void {
  const { image } = session;
  const { table } = image;
  const { parent, flags, end } = table;
  // the last entry of each directory, which need not be its last row: that may be a stub
  const last = new Uint32Array(table.count);
  for (let entry = 1; entry < table.count; entry++) {
    if (stubs || ((flags[entry] ?? 0) & Flag.stub) === 0) last[parent[entry] ?? 0] = entry;
  }
  const bars: string[] = [];
  let folders = 0;
  let others = 0;
  for (const { entry, level } of walk(image, depth, stubs)) {
    if (level === 0) {
      out.text(`${displayBytes(Buffer.from(file))}\n`);
      continue;
    }
    const isLast = last[parent[entry] ?? 0] === entry;
    bars.length = level - 1;
    out.text(`${bars.join('')}${isLast ? '└── ' : '├── '}${describe(session, entry)}\n`);
    if ((end[entry] ?? 0) > entry + 1) bars.push(isLast ? '    ' : '│   ');
    if (isDirectory(table, entry)) folders++;
    else others++;
  }
  out.text(
    `\n${folders} ${folders === 1 ? 'directory' : 'directories'}, ${others} ${others === 1 ? 'other entry' : 'other entries'}\n`,
  );
}

/** `[-rw-r--r--  1.2 KiB] name -> target @ redirect, missing`. */
function describe(session: ImageSession, entry: number): string {
  const { image, statusOf } = session;
  const { table } = image;
  const kind = kindOf(image, entry);
  const size = kind === 'file' ? formatBytes(table.size[entry] ?? 0) : '';
  let line = `[${formatMode(table.mode[entry] ?? 0)} ${size.padStart(8)}] ${displayBytes(nameBytes(table, entry))}`;
  if (kind === 'directory') line += '/';
  const target = kind === 'symlink' ? symlinkTarget(image, entry) : undefined;
  if (target) line += ` -> ${displayBytes(target)}`;
  const redirect = kind === 'file' ? redirectBytes(table, entry) : undefined;
  if (redirect) line += ` @ ${displayBytes(redirect)}`;
  const bits = table.flags[entry] ?? 0;
  const words = [
    kind === 'whiteout' ? 'whiteout' : undefined,
    (bits & Flag.opaque) !== 0 && entry !== 0 ? 'opaque' : undefined,
    (bits & Flag.hardLink) !== 0 ? 'hard link' : undefined,
    (bits & Flag.compressed) !== 0 ? 'compressed' : undefined,
    statusOf(entry),
    (bits & Flag.broken) !== 0 ? 'broken' : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? line : `${line}, ${words.join(', ')}`;
}
