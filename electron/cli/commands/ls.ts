import { writeLs } from '../../../shared/composefs/dump-text.ts';
import { rangesOf } from '../../../shared/composefs/dump-rows.ts';
import { kindOf } from '../../../shared/tree/format.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { pathBytes } from '../../../shared/tree/path.ts';
import { redirectBytes } from '../../../shared/tree/row.ts';
import { symlinkTarget } from '../../../shared/tree/symlink.ts';
import { Flag } from '../../../shared/tree/table.ts';
import type { Command, Options } from '../context.ts';
import { EntriesJson } from '../entries-json.ts';
import { filterNames } from '../filter-names.ts';
import { textOfBytes } from '../json-text.ts';
import { loadImage, reportProblems } from '../load-image.ts';
import type { Reporter } from '../reporter.ts';
import { namesOf } from '../names-of.ts';

/** `composefs-info ls`: a path a line. */
export const ls: Command = async ({ out, reporter }, files, options) => {
  const { json = false } = options;
  const filter = filterNames(options.filter);
  const list = new EntriesJson(out);
  for (const name of namesOf(files, options)) {
    const opened = await openImageOrLayers(name, options, reporter);
    if (opened === undefined) continue;
    const { file, image } = opened;
    if (json) {
      list.image({ image: file, kind: image.kind });
      for (const entry of listed(image, filter)) list.entry(lineJson(image, entry));
    } else writeLs(image, (bytes) => out.bytes(bytes), { filter });
    reportProblems(image, file, reporter);
  }
  if (json) list.end();
};

/** Without a session: a listing has no use for one. */
async function openImageOrLayers(
  name: string,
  options: Options,
  reporter: Reporter,
): Promise<{ readonly file: string; readonly image: Image } | undefined> {
  if (options.layers === undefined) {
    const image = loadImage(name, reporter);
    return image && { file: name, image };
  }
  const { openStack } = await import('../stack.ts');
  const stack = await openStack(options.layers, options, reporter);
  return stack && { file: stack.name, image: stack.image };
}

/** The rows that `ls` and `dump` print, the root's left out. */
export function* listed({ table }: Image, filter: readonly Uint8Array[] | undefined): Generator<number, void, void> {
  for (const { from, to } of rangesOf(table, filter)) {
    for (let entry = from; entry < to; entry++) {
      if (((table.flags[entry] ?? 0) & Flag.stub) === 0) yield entry;
    }
  }
}

function lineJson(image: Image, entry: number): Record<string, unknown> {
  const target = symlinkTarget(image, entry);
  const redirect = redirectBytes(image.table, entry);
  return {
    path: textOfBytes(pathBytes(image.table, entry)),
    kind: kindOf(image, entry),
    target: target && textOfBytes(target),
    redirect: redirect && textOfBytes(redirect),
  };
}
