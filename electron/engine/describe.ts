import type { EntryRow } from '../../shared/contract/values.ts';
import { formatMode, formatTime } from '../../shared/tree/format.ts';
import { pathOf } from '../../shared/tree/path.ts';
import { digestBytes, entryRow, redirectBytes } from '../../shared/tree/row.ts';
import { displayBytes, hexOfBytes } from '../../shared/tree/text.ts';
import type { ImageSession } from './image-session.ts';
import { slices } from './slices.ts';

export type DescribeFormat = 'path' | 'digest' | 'redirect' | 'row' | 'json';

/**
 * Entries as text for the clipboard: a line each, in the order given. What has no digest or redirect has no line in
 * those formats. `row` is separated by tabs, for a spreadsheet; `json` is one array.
 */
export async function describeEntries(
  session: ImageSession,
  entries: readonly number[],
  format: DescribeFormat,
): Promise<string> {
  const lines: string[] = [];
  const breathe = slices();
  for (const entry of entries) {
    const place = session.place(entry);
    const line = describers[format](place.session, place.entry);
    if (line !== undefined) lines.push(line);
    await breathe();
  }
  return format === 'json' ? `[\n${lines.join(',\n')}\n]` : lines.join('\n');
}

type Describe = (session: ImageSession, entry: number) => string | undefined;

const describers: Readonly<Record<DescribeFormat, Describe>> = {
  path: ({ image }, entry) => pathOf(image.table, entry),
  digest: ({ image }, entry) => {
    const digest = digestBytes(image.table, entry);
    return digest && hexOfBytes(digest);
  },
  redirect: ({ image }, entry) => {
    const redirect = redirectBytes(image.table, entry);
    return redirect && displayBytes(redirect);
  },
  row: ({ image, statusOf }, entry) => {
    const row = entryRow(image, entry, statusOf);
    const cells = [
      pathOf(image.table, entry),
      row.size ?? '',
      formatMode(row.mode),
      `${row.uid}:${row.gid}`,
      formatTime(row.mtime, row.mtimeNsec, 'iso'),
      row.target ?? row.redirect ?? '',
      row.digest ?? '',
      row.verity ?? '',
    ];
    return cells.join('\t');
  },
  json: ({ image, statusOf }, entry) => {
    const row = entryRow(image, entry, statusOf);
    const facts = Object.entries(row).filter(([name]) => !ofView.has(name));
    return JSON.stringify({ path: pathOf(image.table, entry), ...Object.fromEntries(facts) });
  },
};

/** What says where a row stands in a view, and nothing about the entry. */
const ofView: ReadonlySet<string> = new Set<keyof EntryRow>([
  'entry',
  'depth',
  'expanded',
  'hasChildren',
  'position',
  'siblings',
  'matches',
]);
