import type { Image } from '../tree/image.ts';
import { children, Flag, nameBytes, type Table } from '../tree/table.ts';
import { equalBytes } from '../tree/text.ts';

/** Rows that a listing walks, from `from` up to, without, `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The rows to be listed, the root's left out: all, or the root's entries of these names and what is below them. */
export function rangesOf(table: Table, filter: readonly Uint8Array[] | undefined): readonly RowRange[] {
  if (filter === undefined) return [{ from: 1, to: table.count }];
  const ranges: RowRange[] = [];
  for (const entry of children(table, 0)) {
    const name = nameBytes(table, entry);
    if (filter.some((wanted) => equalBytes(wanted, name))) ranges.push({ from: entry, to: table.end[entry] ?? 0 });
  }
  return ranges;
}

/**
 * For each inode that has several names in these rows: the row of the first one. undefined: there are no hard links.
 *
 * The table's own `Flag.hardLink` does not say it: a filter may leave the first name out.
 */
export function firstNames(table: Table, ranges: readonly RowRange[]): ReadonlyMap<number, number> | undefined {
  const { flags, inode } = table;
  const linked = new Set<number>();
  for (const { from, to } of ranges) {
    for (let entry = from; entry < to; entry++) {
      if (((flags[entry] ?? 0) & (Flag.hardLink | Flag.stub)) === Flag.hardLink) linked.add(inode[entry] ?? 0);
    }
  }
  if (linked.size === 0) return undefined;
  const first = new Map<number, number>();
  for (const { from, to } of ranges) {
    for (let entry = from; entry < to; entry++) {
      const number = inode[entry] ?? 0;
      if (linked.has(number) && !first.has(number)) first.set(number, entry);
    }
  }
  return first;
}

/** Whether an earlier row of those that `firstNames` saw has the same inode. */
export function isLink(table: Table, first: ReadonlyMap<number, number> | undefined, entry: number): boolean {
  if (first === undefined) return false;
  const row = first.get(table.inode[entry] ?? 0);
  return row !== undefined && row < entry;
}

/**
 * Rows whose attributes the reader could not take: it stopped at an inode that reaches out of the image, has a size beyond
 * all limits, or is of a kind unknown. What is merely `corrupt` (two equal names, a NUL in a redirect) has attributes.
 */
export function unreadableRows(image: Pick<Image, 'table' | 'problems' | 'problemsOmitted'>): ReadonlySet<number> {
  const unreadable = new Set<number>();
  const told = new Set<number>();
  for (const { severity, code, entry } of image.problems) {
    if (severity !== 'error' || entry === undefined) continue;
    told.add(entry);
    if (code !== 'corrupt') unreadable.add(entry);
  }
  if (image.problemsOmitted === 0) return unreadable;
  // of the rest it is not known why they are broken
  const { count, flags } = image.table;
  for (let entry = 0; entry < count; entry++) {
    if (((flags[entry] ?? 0) & Flag.broken) !== 0 && !told.has(entry)) unreadable.add(entry);
  }
  return unreadable;
}
