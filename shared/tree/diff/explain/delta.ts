import type { CompareCause } from '../../../contract/compare-values.ts';
import type { Image } from '../../image.ts';
import { children, nameBytes, S_IFMT } from '../../table.ts';
import { bytesOfText, equalBytes } from '../../text.ts';
import { Change, ONE_SIDED } from '../change.ts';
import { sourceMode } from '../compare-entries.ts';
import type { TreeDiff } from '../compare-trees.ts';
import { isCounted, pairOf } from '../noise.ts';
import type { SourceXattrs, XattrDifference } from '../source-xattrs.ts';
import { each, every, filtered, type Steps } from '../../../steps.ts';

import { NO_EVIDENCE, type Evidence } from './evidence.ts';

export type SideName = 'a' | 'b';
export const sideNames: readonly SideName[] = ['a', 'b'];
export const otherSide = (side: SideName): SideName => (side === 'a' ? 'b' : 'a');

/** A cause that was found, and which bits of which rows it explains. */
export interface Found {
  /** One sentence with the numbers. */
  readonly sentence: string;
  readonly explains: ReadonlyMap<number, number>;
  /** Where it does not follow from what is left: then, how much of the same attributes stays unexplained. */
  readonly confidence?: CompareCause['confidence'] | undefined;
}

/** What is said of a known cause wherever it is found. */
export type CauseWords = Pick<CompareCause, 'id' | 'title' | 'rule' | 'knownFrom' | 'advice'>;

/** One known cause of digest-divergence.md. */
export interface CauseRule extends CauseWords {
  /** undefined: it is not there. */
  readonly find: (delta: Delta) => Steps<Found | undefined>;
}

/** An entry of both sides. */
export interface Pair {
  readonly row: number;
  readonly a: number;
  readonly b: number;
}

/** What differs between two trees and is not explained yet. What was moved is one row: its place in B. */
export class Delta {
  readonly diff: TreeDiff;
  readonly evidence: Evidence;
  /** All that differ, explained or not. */
  readonly differing: readonly number[];
  readonly #left: Uint32Array;
  readonly #xattrNames = new Map<SideName, ReadonlyMap<string, number>>();
  readonly #commonXattrNames = new Map<SideName, ReadonlySet<string>>();
  readonly #linkCounts = new Map<SideName, ReadonlyMap<number, number>>();

  constructor(diff: TreeDiff, evidence: Evidence = NO_EVIDENCE) {
    this.diff = diff;
    this.evidence = evidence;
    this.differing = [...diff.differing].filter((row) => isCounted(diff.changes[row] ?? 0));
    this.#left = diff.changes.slice(0, diff.count);
  }

  /** Bits of `Change` that nothing explains yet. */
  left(row: number): number {
    return this.#left[row] ?? 0;
  }

  take({ explains }: Found): void {
    for (const [row, bits] of explains) this.#left[row] = this.left(row) & ~bits;
  }

  image(side: SideName): Image {
    return this.diff[side];
  }

  xattrs(side: SideName): SourceXattrs {
    return side === 'a' ? this.diff.comparer.xattrsA : this.diff.comparer.xattrsB;
  }

  /** Pairs of which one of the bits is left. */
  *pairs(bits: number): Steps<readonly Pair[]> {
    const found: Pair[] = [];
    yield* each(this.differing, (row) => {
      if ((this.left(row) & bits) === 0) return;
      const pair = pairOf(this.diff, row);
      if (pair !== undefined) found.push({ row, a: pair.entryA, b: pair.entryB });
    });
    return found;
  }

  /** All rows, those that are equal, too. */
  *rows(): Generator<number, void, void> {
    for (let row = 0; row < this.diff.count; row += 1) yield row;
  }

  /** Entries that both sides have at one place, whether they differ or not. */
  *common(): Generator<Pair, void, void> {
    const { rowA, rowB, count } = this.diff;
    for (let row = 0; row < count; row += 1) {
      const [a, b] = [rowA[row] ?? -1, rowB[row] ?? -1];
      if (a >= 0 && b >= 0) yield { row, a, b };
    }
  }

  /** Rows that are on one side alone, and were not moved, as far as nothing explains them yet. */
  *alone(side: SideName): Steps<readonly number[]> {
    return yield* filtered(
      this.differing,
      (row) => (this.left(row) & ONE_SIDED) !== 0 && this.entry(side, row) >= 0 && pairOf(this.diff, row) === undefined,
    );
  }

  /** The side's own entry of a row; -1: it has none. */
  entry(side: SideName, row: number): number {
    return (side === 'a' ? this.diff.rowA : this.diff.rowB)[row] ?? -1;
  }

  /** File type, `S_IF…`, in the source tree. */
  type(side: SideName, entry: number): number {
    return sourceMode(this.image(side), entry) & S_IFMT;
  }

  permissions(side: SideName, entry: number): number {
    return sourceMode(this.image(side), entry) & ~S_IFMT;
  }

  /** Seconds and nanoseconds. */
  time(side: SideName, entry: number): readonly [sec: number, nsec: number] {
    const { mtime, mtimeNsec } = this.image(side).table;
    return [mtime[entry] ?? 0, mtimeNsec[entry] ?? 0];
  }

  xattrDifferences({ a, b }: Pair): readonly XattrDifference[] {
    return this.diff.comparer.xattrDifferences(a, b);
  }

  /** Names of all xattrs of a side's tree, and how many entries have them. */
  *xattrNames(side: SideName): Steps<ReadonlyMap<string, number>> {
    const known = this.#xattrNames.get(side);
    if (known !== undefined) return known;
    const names = new Map<string, number>();
    yield* this.each(side, (entry) => {
      for (const { name } of this.xattrs(side).of(entry)) names.set(name, (names.get(name) ?? 0) + 1);
    });
    this.#xattrNames.set(side, names);
    return names;
  }

  /** Names of xattrs of a side's tree, as far as the other side has the same entries, of the same types. */
  *commonXattrNames(side: SideName): Steps<ReadonlySet<string>> {
    const known = this.#commonXattrNames.get(side);
    if (known !== undefined) return known;
    const names = new Set<string>();
    yield* each(this.common(), (pair) => {
      if (((this.diff.changes[pair.row] ?? 0) & Change.type) !== 0) return;
      for (const { name } of this.xattrs(side).of(pair[side])) names.add(name);
    });
    this.#commonXattrNames.set(side, names);
    return names;
  }

  /** By inode: how many names it has in a side's tree. */
  *linkCounts(side: SideName): Steps<ReadonlyMap<number, number>> {
    const known = this.#linkCounts.get(side);
    if (known !== undefined) return known;
    const { inode } = this.image(side).table;
    const names = new Map<number, number>();
    yield* this.each(side, (entry) => {
      const number = inode[entry] ?? 0;
      names.set(number, (names.get(number) ?? 0) + 1);
    });
    this.#linkCounts.set(side, names);
    return names;
  }

  /** Visits all entries of a side. */
  each(side: SideName, visit: (entry: number) => void): Steps<void> {
    return each(this.entries(side), visit);
  }

  every(side: SideName, isSo: (entry: number) => boolean): Steps<boolean> {
    return every(this.entries(side), isSo);
  }

  /** All entries of a side but the stubs, which belong to no tree. */
  *entries(side: SideName): Generator<number, void, void> {
    const own = side === 'a' ? this.diff.rowA : this.diff.rowB;
    for (let row = 0; row < this.diff.count; row += 1) {
      const entry = own[row] ?? -1;
      if (entry >= 0) yield entry;
    }
  }

  /** The row of a name in the root that both sides have. */
  inRoot(name: string): Pair | undefined {
    const { rowA, rowB, end } = this.diff;
    const bytes = bytesOfText(name);
    const stop = end[0] ?? 0;
    for (let row = 1; row < stop; row = end[row] ?? stop) {
      const [a, b] = [rowA[row] ?? -1, rowB[row] ?? -1];
      if (a >= 0 && b >= 0 && equalBytes(nameBytes(this.diff.a.table, a), bytes)) return { row, a, b };
    }
    return undefined;
  }

  isEmpty(side: SideName, directory: number): boolean {
    return children(this.image(side).table, directory).next().done === true;
  }
}

/** Each row with the same bits, as far as they are left. */
export function* explaining(delta: Delta, rows: Iterable<number>, bits: number): Steps<ReadonlyMap<number, number>> {
  const explains = new Map<number, number>();
  yield* each(rows, (row) => {
    const some = delta.left(row) & bits;
    if (some !== 0) explains.set(row, some);
  });
  return explains;
}

/** As `explaining`, of pairs. */
export function* explainingPairs(
  delta: Delta,
  pairs: readonly Pair[],
  bits: number,
): Steps<ReadonlyMap<number, number>> {
  const explains = new Map<number, number>();
  yield* each(pairs, ({ row }) => {
    const some = delta.left(row) & bits;
    if (some !== 0) explains.set(row, some);
  });
  return explains;
}

/** Whether two entries of one side have the same xattrs. */
export function sameXattrs(xattrs: SourceXattrs, one: number, other: number): boolean {
  const [ours, theirs] = [xattrs.of(one), xattrs.of(other)];
  return (
    ours.length === theirs.length &&
    ours.every((xattr, at) => {
      const match = theirs[at];
      return match !== undefined && match.name === xattr.name && equalBytes(match.value, xattr.value);
    })
  );
}
