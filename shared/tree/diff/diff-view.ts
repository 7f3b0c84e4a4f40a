import type { CompareCell, CompareFilter, CompareRow } from '../../contract/compare-values.ts';
import { Bitset } from '../bitset.ts';
import { kindOf } from '../format.ts';
import type { Image } from '../image.ts';
import { digestBytes, redirectBytes } from '../row.ts';
import { symlinkTarget } from '../symlink.ts';
import { displayBytes, hexOfBytes } from '../text.ts';
import { isDirectory, nameBytes } from '../table.ts';
import { attributesOf, bitsOf } from './change.ts';
import { nameOf, type TreeDiff } from './compare-trees.ts';
import { matchingRows, type Seen } from './noise.ts';
import { belowOf, pathOfRow, statusOf, sumBelow } from './summary.ts';

export const ALL_DIFFERENCES: CompareFilter = { text: '', statuses: [], attributes: [], onlyDifferences: true };

/**
 * The rows of a comparison as one looks at it. What a filter leaves shows with the directories that it lies in. Directories
 * in which something differs are open at first; what one opens or closes is kept when the filter changes.
 */
export class DiffView {
  readonly #diff: TreeDiff;
  readonly #expanded: Bitset;
  #seen: Seen;
  #sums: readonly Uint32Array[] | undefined;
  #filter: CompareFilter = ALL_DIFFERENCES;
  /** By itself, and with what it lies in. */
  #matches: Bitset;
  #kept: Bitset;
  #rows: Uint32Array | undefined;

  constructor(diff: TreeDiff, seen: Seen) {
    this.#diff = diff;
    this.#seen = seen;
    this.#matches = new Bitset(diff.count);
    this.#kept = this.#matches;
    this.setFilter(ALL_DIFFERENCES);
    this.#expanded = this.#kept.clone();
    this.#expanded.add(0);
  }

  get filter(): CompareFilter {
    return this.#filter;
  }

  get total(): number {
    return this.#laidOut.length;
  }

  get matches(): number {
    return this.#matches.count();
  }

  /** Other noise is left out now. */
  setSeen(seen: Seen): void {
    this.#seen = seen;
    this.#sums = undefined;
    this.setFilter(this.#filter);
  }

  /** @returns what is wrong with the text, where something is; the rows are then as before */
  setFilter(filter: CompareFilter): string | undefined {
    const diff = this.#diff;
    const found = matchingRows(diff, filter.text);
    if (found !== undefined && 'fault' in found) return found.fault.message;
    const matches = found ?? Bitset.full(diff.count);
    const statuses = new Set(filter.statuses);
    const attributes = bitsOf(filter.attributes);
    if (filter.onlyDifferences || statuses.size > 0 || attributes !== 0) {
      const wanted = new Bitset(diff.count);
      const test = (row: number): void => {
        const bits = this.#seen.changes[row] ?? 0;
        if (attributes !== 0 && (bits & attributes) === 0) return;
        if (statuses.size === 0 || statuses.has(statusOf(diff, this.#seen, row))) wanted.add(row);
      };
      if (filter.onlyDifferences) for (const row of this.#seen.differing) test(row);
      else for (let row = 0; row < diff.count; row += 1) test(row);
      matches.intersect(wanted);
    }
    this.#filter = filter;
    this.#matches = matches;
    this.#kept = withAncestors(diff, matches);
    this.#rows = undefined;
    return undefined;
  }

  /** Opens or closes a directory; with `recursive`, all below it too. */
  setExpanded(row: number, expanded: boolean, recursive: boolean): void {
    const stop = recursive ? (this.#diff.end[row] ?? 0) : row + 1;
    if (expanded) this.#expanded.addRange(row, stop);
    else this.#expanded.deleteRange(row, stop);
    this.#rows = undefined;
  }

  /** Opens what hides a row. @returns where it is; undefined: the filter hides it */
  reveal(row: number): number | undefined {
    if (!this.#kept.has(row)) return undefined;
    for (let at = row; at !== 0;) {
      at = this.#diff.parent[at] ?? 0;
      if (!this.#expanded.has(at)) this.#rows = undefined;
      this.#expanded.add(at);
    }
    return this.indexOf(row);
  }

  /** Where a row is among the visible ones; undefined: it is not. */
  indexOf(row: number): number | undefined {
    const rows = this.#laidOut;
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    return rows[low] === row ? low : undefined;
  }

  /** The next or previous difference that the filter leaves, wrapping, revealed. */
  nextDifference(
    row: number,
    direction: 'next' | 'previous',
  ): { readonly at: number; readonly row: number } | undefined {
    const list = this.#seen.differing;
    const step = direction === 'next' ? 1 : -1;
    // the first behind `row`, or the last before it
    let at = direction === 'next' ? 0 : list.length - 1;
    while (at >= 0 && at < list.length && (list[at] ?? 0) * step <= row * step) at += step;
    for (let tried = 0; tried < list.length; tried += 1, at += step) {
      const found = list[(at + list.length) % list.length] ?? 0;
      if (!this.#matches.has(found)) continue;
      const index = this.reveal(found);
      return index === undefined ? undefined : { at: index, row: found };
    }
    return undefined;
  }

  /** The visible rows from `from` up to, without, `to`, as far as there are any. */
  rows(from: number, to: number): readonly CompareRow[] {
    const rows = this.#laidOut;
    this.#sums ??= sumBelow(this.#diff, this.#seen);
    const found: CompareRow[] = [];
    for (let at = from; at < Math.min(to, rows.length); at += 1) found.push(this.row(rows[at] ?? 0));
    return found;
  }

  /** One row, visible or not. */
  row(row: number): CompareRow {
    const diff = this.#diff;
    const seen = this.#seen;
    const sums = (this.#sums ??= sumBelow(diff, seen));
    const { table, entry } = nameOf(diff, row);
    const [entryA, entryB] = [diff.rowA[row] ?? -1, diff.rowB[row] ?? -1];
    const isFolder =
      (entryA >= 0 && isDirectory(diff.a.table, entryA)) || (entryB >= 0 && isDirectory(diff.b.table, entryB));
    const hasChildren = this.#kept.next(row + 1) < (diff.end[row] ?? 0);
    const partner = diff.partner.get(row);
    const { position, siblings } = this.#place(row);
    let depth = 0;
    for (let at = row; at !== 0; at = diff.parent[at] ?? 0) depth += 1;
    return {
      row,
      name: row === 0 ? '/' : displayBytes(nameBytes(table, entry)),
      depth,
      expanded: isFolder ? hasChildren && this.#expanded.has(row) : undefined,
      hasChildren,
      position,
      siblings,
      status: statusOf(diff, seen, row),
      attributes: attributesOf(seen.changes[row] ?? 0),
      partner: partner === undefined ? undefined : { row: partner, path: pathOfRow(diff, partner) },
      a: entryA < 0 ? undefined : cellOf(diff.a, entryA),
      b: entryB < 0 ? undefined : cellOf(diff.b, entryB),
      below: belowOf(sums, row),
    };
  }

  #placeOf: { readonly parent: number; readonly kept: Bitset; readonly position: Map<number, number> } | undefined;

  /** Positions of the siblings of one directory are worked out at once: neighbours are asked for together. */
  #place(row: number): { readonly position: number; readonly siblings: number } {
    if (row === 0) return { position: 1, siblings: 1 };
    const { parent, end } = this.#diff;
    const directory = parent[row] ?? 0;
    if (this.#placeOf?.parent !== directory || this.#placeOf.kept !== this.#kept) {
      const position = new Map<number, number>();
      const stop = end[directory] ?? 0;
      for (let at = this.#kept.next(directory + 1); at < stop; at = this.#kept.next(end[at] ?? stop)) {
        position.set(at, position.size + 1);
      }
      this.#placeOf = { parent: directory, kept: this.#kept, position };
    }
    const { position } = this.#placeOf;
    return { position: position.get(row) ?? 1, siblings: position.size };
  }

  get #laidOut(): Uint32Array {
    return (this.#rows ??= layOut(this.#diff, this.#kept, this.#expanded));
  }
}

/** Rows with their ancestors. Each row's parent comes before it. */
function withAncestors({ parent }: TreeDiff, rows: Bitset): Bitset {
  const kept = rows.clone();
  kept.add(0);
  for (let row = rows.next(0); row < rows.size; row = rows.next(row + 1)) {
    for (let at = parent[row] ?? 0; !kept.has(at); at = parent[at] ?? 0) kept.add(at);
  }
  return kept;
}

function layOut({ count, end }: TreeDiff, kept: Bitset, expanded: Bitset): Uint32Array {
  const rows = new Uint32Array(kept.count());
  let length = 0;
  for (let row = kept.next(0); row < count;) {
    rows[length++] = row;
    row = kept.next(expanded.has(row) ? row + 1 : (end[row] ?? count));
  }
  return rows.subarray(0, length);
}

/** A side of a row. */
export function cellOf(image: Image, entry: number): CompareCell {
  const { table } = image;
  const kind = kindOf(image, entry);
  const [digest, redirect] = [digestBytes(table, entry), redirectBytes(table, entry)];
  const target = kind === 'symlink' ? symlinkTarget(image, entry) : undefined;
  return {
    entry,
    kind,
    mode: table.mode[entry] ?? 0,
    uid: table.uid[entry] ?? 0,
    gid: table.gid[entry] ?? 0,
    size: kind === 'file' || kind === 'symlink' ? (table.size[entry] ?? 0) : undefined,
    mtime: table.mtime[entry] ?? 0,
    mtimeNsec: table.mtimeNsec[entry] ?? 0,
    digest: digest && hexOfBytes(digest),
    redirect: redirect && displayBytes(redirect),
    target: target && displayBytes(target),
  };
}
