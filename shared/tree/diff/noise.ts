import type { CompareNoise } from '../../contract/compare-values.ts';
import type { FilterFault } from '../../contract/values.ts';
import { Bitset } from '../bitset.ts';
import type { StatusOf } from '../entry-status.ts';
import { filterEntries } from '../filter/filter.ts';
import type { Image } from '../image.ts';
import { ATTRIBUTES, bitsOf, Change, ONE_SIDED, XATTRS } from './change.ts';
import type { TreeDiff } from './compare-trees.ts';
import { changeOfXattr } from './source-xattrs.ts';

/** What is left of a comparison when noise is not counted. */
export interface Seen {
  /** Bits of `Change` by row, without what is ignored. */
  readonly changes: Uint32Array;
  /** Rows whose bits are not 0, in order. */
  readonly differing: Uint32Array;
  /** Rows that differ, but for noise. */
  readonly ignored: number;
}

const nobodyLooked: StatusOf = () => undefined;

/**
 * Applies the noise switches to a comparison. Only rows that differ are looked at, and only where names of xattrs are
 * ignored are these read again.
 *
 * @param statusOf of each side's entries, where the paths' filter asks for it
 * @returns what is left, or what is wrong with the filter of the paths
 */
export function withoutNoise(
  diff: TreeDiff,
  noise: CompareNoise,
  statusOf: { readonly a: StatusOf; readonly b: StatusOf } = { a: nobodyLooked, b: nobodyLooked },
): Seen | { readonly fault: FilterFault } {
  const { changes, differing, count } = diff;
  const ignoredPaths = noise.paths.trim() === '' ? undefined : pathsOf(diff, noise.paths, statusOf);
  if (ignoredPaths !== undefined && 'fault' in ignoredPaths) return ignoredPaths;
  const dropped = bitsOf(noise.attributes);
  const names = noise.xattrs.map(patternOf);
  if (dropped === 0 && names.length === 0 && ignoredPaths === undefined) return { changes, differing, ignored: 0 };
  const left = new Uint32Array(count);
  const rows = new Uint32Array(differing.length);
  let length = 0;
  for (const row of differing) {
    if (ignoredPaths?.has(row) === true) continue;
    let bits = (changes[row] ?? 0) & ~(dropped & ATTRIBUTES);
    if (names.length > 0 && (bits & XATTRS) !== 0) bits = withoutXattrs(diff, row, bits, names);
    if (bits === 0) continue;
    left[row] = bits;
    rows[length++] = row;
  }
  return { changes: left, differing: rows.slice(0, length), ignored: differing.length - length };
}

/** `user.*` and the like: `*` stands for any letters. */
function patternOf(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  // a star at a time: `.*` twice in a row would take time that is squared
  return new RegExp(
    `^${parts.filter((part, at) => part !== '' || at === 0 || at === parts.length - 1).join('.*')}$`,
    's',
  );
}

function withoutXattrs(diff: TreeDiff, row: number, bits: number, names: readonly RegExp[]): number {
  const pair = pairOf(diff, row);
  if (pair === undefined) return bits;
  let kept = 0;
  for (const { name } of diff.comparer.xattrDifferences(pair.entryA, pair.entryB)) {
    if (!names.some((pattern) => pattern.test(name))) kept |= changeOfXattr(name);
  }
  return (bits & ~XATTRS) | (bits & kept);
}

/** The entries of both sides that a row compares: its own, or of what was moved, those of both places. */
export function pairOf(
  { rowA, rowB, partner }: TreeDiff,
  row: number,
): { readonly entryA: number; readonly entryB: number } | undefined {
  const other = partner.get(row) ?? row;
  const entryA = Math.max(rowA[row] ?? -1, rowA[other] ?? -1);
  const entryB = Math.max(rowB[row] ?? -1, rowB[other] ?? -1);
  return entryA < 0 || entryB < 0 ? undefined : { entryA, entryB };
}

/** Rows that the filter finds on either side, and all below them. */
function pathsOf(
  diff: TreeDiff,
  text: string,
  statusOf: { readonly a: StatusOf; readonly b: StatusOf },
): Bitset | { readonly fault: FilterFault } | undefined {
  const rows = matchingRows(diff, text, statusOf);
  if (rows === undefined || 'fault' in rows) return rows;
  for (let row = rows.next(0); row < rows.size; row = rows.next(row + 1)) rows.addRange(row, diff.end[row] ?? row + 1);
  return rows;
}

/** Rows of which the filter finds one side; undefined: it asks for nothing. */
export function matchingRows(
  diff: TreeDiff,
  text: string,
  statusOf: { readonly a: StatusOf; readonly b: StatusOf } = { a: nobodyLooked, b: nobodyLooked },
): Bitset | { readonly fault: FilterFault } | undefined {
  const found = (image: Image, status: StatusOf): ReturnType<typeof filterEntries> =>
    filterEntries(text, { image, statusOf: status });
  const [inA, inB] = [found(diff.a, statusOf.a), found(diff.b, statusOf.b)];
  if (inA.fault !== undefined) return { fault: inA.fault };
  if (inB.fault !== undefined) return { fault: inB.fault };
  if (inA.matches === undefined || inB.matches === undefined) return undefined;
  const rows = new Bitset(diff.count);
  for (let row = 0; row < diff.count; row += 1) {
    const [entryA, entryB] = [diff.rowA[row] ?? -1, diff.rowB[row] ?? -1];
    if ((entryA >= 0 && inA.matches.has(entryA)) || (entryB >= 0 && inB.matches.has(entryB))) rows.add(row);
  }
  return rows;
}

/** Whether a row counts in sums: what was moved has two, of which that on B's side does. */
export const isCounted = (bits: number): boolean => (bits & Change.moved) === 0 || (bits & ONE_SIDED) === Change.added;
