import type { EntryDetails, XattrValue } from '../../../shared/contract/values.ts';
import { formatBytes, formatMode, formatTime } from '../../../shared/tree/format.ts';
import type { Field, Image } from '../../../shared/tree/image.ts';
import type { Part } from '../../../shared/tree/merge/merge-layers.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { displayBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { entryDetails } from '../../engine/entry-details.ts';
import { attempt } from '../attempt.ts';
import type { Command } from '../context.ts';
import { EntriesJson } from '../entries-json.ts';
import { entryJson, valueJson } from '../entry-json.ts';
import { imageJson } from '../image-json.ts';
import { reportProblems } from '../load-image.ts';
import { lookupPath } from '../lookup-path.ts';
import { openSubject, storesFor } from '../session.ts';
import type { Stack } from '../stack.ts';

/** Everything that is known of entries of one image. The first operand is the image, where --layers does not say it. */
export const stat: Command = async ({ out, reporter }, operands, options) => {
  const { json = false, raw = false, store } = options;
  const subject = await openSubject(operands[0] ?? '', options, reporter);
  if (subject === undefined) return;
  const { file, session, stack, beside } = subject;
  const { image } = session;
  const paths = options.layers === undefined ? operands.slice(1) : operands;
  const stores = await storesFor(session, store, reporter, beside);
  const list = new EntriesJson(out);
  if (json) list.image(imageJson(session, file, stores));
  let separator = '';
  for (const path of paths) {
    try {
      const entry = lookupPath(image, path);
      const details = await entryDetails(session, entry, stores);
      const fields = attempt(() => image.fields(entry)) ?? [];
      if (json) list.entry(statJson(image, entryJson(session, entry), details, fields));
      else {
        out.text(
          `${separator}${describe(details)}${stack === undefined ? '' : describeLayers(stack, entry)}${raw ? describeFields(image, fields) : ''}`,
        );
        separator = '\n';
      }
      reportProblems(image, file, reporter, entry);
    } catch (error) {
      reporter.error(error, file);
    }
  }
  if (json) list.end();
};

function statJson(
  { table }: Image,
  entry: Record<string, unknown>,
  details: EntryDetails,
  fields: readonly Field[],
): Record<string, unknown> {
  const { mtime, device, whiteout, opaque, layout, inodeOffset, digestAlgorithm, verity, hardLinks, problems } =
    details;
  return {
    ...entry,
    mtime: Number.isSafeInteger(Number(mtime.seconds)) ? Number(mtime.seconds) : mtime.seconds,
    device,
    whiteout,
    opaque,
    layout,
    inodeOffset,
    digestAlgorithm,
    verity: verity?.status,
    verityMessage: verity?.message,
    objectPath: verity?.objectPath,
    objectSize: verity?.objectSize,
    content: details.content,
    contentNote: details.contentNote,
    xattrs: details.xattrs.map(({ value, ...xattr }) => ({ ...xattr, ...valueJson(value) })),
    hardLinks,
    problems,
    fields: fields.map(({ offset, length, name, value }) => {
      return { offset, name, hex: hexOfBytes(table.bytes.subarray(offset, offset + length)), value };
    }),
  };
}

const inodeText = ({ row, inodeOffset, layout }: EntryDetails): string =>
  `${row.inode}${inodeOffset === undefined ? '' : ` at byte ${inodeOffset}`}, ${layout}`;

function describe(details: EntryDetails): string {
  const { row, mtime, device, verity } = details;
  const lines: (readonly [string, string | undefined])[] = [
    ['path', details.path],
    ['type', details.whiteout ?? row.kind],
    ['size', row.size === undefined ? undefined : `${row.size} (${formatBytes(row.size)})`],
    ['mode', `0${(row.mode & 0o7777).toString(8)} (${formatMode(row.mode)})`],
    ['owner', `${row.uid}:${row.gid}`],
    ['modified', modified(mtime)],
    ['device', device && `${device.major}:${device.minor}`],
    ['target', row.target],
    ['links', `${row.nlink}${details.hardLinks.length === 0 ? '' : `, also ${details.hardLinks.join(', ')}`}`],
    ['inode', inodeText(details)],
    ['opaque', details.opaque ? 'yes: hides what lower layers have here' : undefined],
    ['content', details.contentNote === undefined ? details.content : `${details.content}: ${details.contentNote}`],
    ['redirect', row.redirect],
    ['digest', row.digest && `${details.digestAlgorithm ?? ''}:${row.digest}`],
    ['verity', verity && `${verity.status}: ${verity.message}`],
    ['object', verity?.objectPath],
  ];
  const text = lines.filter(([, value]) => value !== undefined).map(([name, value]) => line(name, value ?? ''));
  for (const xattr of details.xattrs) text.push(describeXattr(xattr));
  for (const { severity, message, offset } of details.problems) {
    text.push(line(severity, `${message} (byte ${offset})`));
  }
  return text.join('');
}

/** Which layer an entry is from, and what lies below it. */
function describeLayers({ image, layers }: Stack, entry: number): string {
  const nameOf = ({ layer, row }: Part): string => {
    const opened = layers[layer];
    return opened === undefined ? '' : `${layer + 1} ${opened.name}, ${pathOf(opened.image.table, row)}`;
  };
  const below = image.below(entry).map((part) => line(words[part.how], nameOf(part)));
  return [line('layer', nameOf(image.partOf(entry))), ...below].join('');
}

const words = { merged: 'merges', hidden: 'hides', data: 'data' } as const;

const line = (name: string, value: string): string => `${`${name}:`.padEnd(10)}${value}\n`;

function modified({ seconds, nsec }: EntryDetails['mtime']): string {
  const text = formatTime(Number(seconds), nsec, 'full');
  return text.startsWith('@') ? `${seconds}.${String(nsec).padStart(9, '0')}` : text;
}

function describeXattr({ name, effectiveName, value, valueLength, decoded, storage, offset }: XattrValue): string {
  const shown = decoded ?? displayBytes(value);
  const cut = value.length < valueLength ? ` … (${valueLength} bytes)` : '';
  const seen =
    effectiveName === undefined ? ', hidden by a mount' : effectiveName === name ? '' : `, as ${effectiveName}`;
  return line('xattr', `${name} = ${shown}${cut} (${storage}, byte ${offset}${seen})`);
}

/** The inode and what follows it, as `xxd` would show it, with the kernel's names. */
function describeFields({ table }: Image, fields: readonly Field[]): string {
  return fields
    .map(({ offset, length, name, value }) => {
      const bytes = hexOfBytes(table.bytes.subarray(offset, offset + Math.min(length, 32)));
      return `${offset.toString(16).padStart(8, '0')}  ${(length > 32 ? `${bytes}…` : bytes).padEnd(32)}  ${name}: ${value}\n`;
    })
    .join('');
}
