import type { Image } from '../image.ts';
import { children, Flag, isDirectory, nameBytes, type Table } from '../table.ts';
import { compareBytes } from '../text.ts';
import { ATTRIBUTES, Change } from './change.ts';
import { EntryComparer, type CompareOptions } from './compare-entries.ts';
import { findLinkChanges } from './links.ts';
import { findMoves } from './moves.ts';

/**
 * Two trees as one: each row is a name that is on either side, or on both. Rows are in depth-first order, the names of a
 * directory in byte order; a directory's subtree is `[row, end[row])`, as in the table of an image.
 */
export interface TreeDiff {
  readonly a: Image;
  readonly b: Image;
  readonly comparer: EntryComparer;
  /** Number of rows; every array has at least this length. Row 0 is the root. */
  readonly count: number;
  /** Row in A's table; -1: it is not there. */
  readonly rowA: Int32Array;
  readonly rowB: Int32Array;
  readonly parent: Uint32Array;
  readonly end: Uint32Array;
  /** Bits of `Change`; of what was moved, against its other place, on both rows. */
  readonly changes: Uint32Array;
  /** The other place of what was moved or renamed, both ways. */
  readonly partner: ReadonlyMap<number, number>;
  /** Rows whose bits are not 0, in order. */
  readonly differing: Uint32Array;
}

/**
 * Walks two trees together, each entry once: its time is linear in the entries, and nothing is allocated for those that
 * are equal. The 256 stubs of an image's root belong to no tree.
 */
export function compareTrees(a: Image, b: Image, options: CompareOptions = {}): TreeDiff {
  const comparer = new EntryComparer(a, b, options);
  const walk = new Walk(a, b, comparer);
  walk.run();
  const partner = findMoves(walk, comparer);
  findLinkChanges(walk, partner);
  return { ...walk.rows, a, b, comparer, partner, differing: rowsOf(walk.count, walk.changes) };
}

function rowsOf(count: number, changes: Uint32Array): Uint32Array {
  let length = 0;
  for (let row = 0; row < count; row += 1) if (changes[row] !== 0) length += 1;
  const rows = new Uint32Array(length);
  for (let row = 0, at = 0; row < count; row += 1) if (changes[row] !== 0) rows[at++] = row;
  return rows;
}

/** The children of a directory, one after the other, in byte order. */
class Siblings {
  readonly #table: Table;
  /** The reader of EROFS tells names that are out of order: where it told nothing, nobody needs to look again. */
  readonly #isSound: boolean;
  #row = 0;
  #stop = 0;
  /** In order, where the table's is not. */
  #sorted: readonly number[] | undefined;
  #at = 0;

  constructor({ table, kind, problems }: Image) {
    this.#table = table;
    this.#isSound = (kind === 'composefs' || kind === 'erofs') && problems.length === 0;
  }

  open(directory: number): void {
    this.#row = directory + 1;
    this.#stop = this.#table.end[directory] ?? 0;
    const isInOrder = this.#isSound || isSorted(this.#table, directory);
    this.#sorted = isInOrder ? undefined : sortedChildren(this.#table, directory);
    this.#at = 0;
    if (this.#sorted !== undefined) this.#row = this.#sorted[0] ?? this.#stop;
    this.#skipStubs();
  }

  /** -1: no more. */
  get row(): number {
    return this.#row < this.#stop ? this.#row : -1;
  }

  next(): void {
    this.#step();
    this.#skipStubs();
  }

  #step(): void {
    if (this.#sorted === undefined) this.#row = this.#table.end[this.#row] ?? this.#stop;
    else {
      this.#at += 1;
      this.#row = this.#sorted[this.#at] ?? this.#stop;
    }
  }

  #skipStubs(): void {
    const { flags } = this.#table;
    while (this.#row < this.#stop && ((flags[this.#row] ?? 0) & Flag.stub) !== 0) this.#step();
  }
}

/** Broken images alone have names out of order. */
function isSorted(table: Table, directory: number): boolean {
  const stop = table.end[directory] ?? 0;
  let before = directory + 1;
  for (let row = table.end[before] ?? stop; row < stop; row = table.end[row] ?? stop) {
    if (compareNames(table, before, table, row) > 0) return false;
    before = row;
  }
  return true;
}

function sortedChildren(table: Table, directory: number): readonly number[] {
  return [...children(table, directory)].toSorted((x, y) => compareBytes(nameBytes(table, x), nameBytes(table, y)));
}

function compareNames(a: Table, rowA: number, b: Table, rowB: number): number {
  const lengthA = a.nameLength[rowA] ?? 0;
  const lengthB = b.nameLength[rowB] ?? 0;
  const atA = a.nameOffset[rowA] ?? 0;
  const atB = b.nameOffset[rowB] ?? 0;
  const shorter = lengthA < lengthB ? lengthA : lengthB;
  for (let i = 0; i < shorter; i += 1) {
    const difference = (a.bytes[atA + i] ?? 0) - (b.bytes[atB + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** What the walk fills; the passes behind it look at it and add to it. */
export class Walk {
  readonly a: Image;
  readonly b: Image;
  readonly rowA: Int32Array;
  readonly rowB: Int32Array;
  readonly parent: Uint32Array;
  readonly end: Uint32Array;
  readonly changes: Uint32Array;
  count = 0;
  /** Whether any name is on one side alone: else nothing can have moved. */
  hasAdded = false;
  hasRemoved = false;
  readonly #comparer: EntryComparer;

  constructor(a: Image, b: Image, comparer: EntryComparer) {
    this.a = a;
    this.b = b;
    this.#comparer = comparer;
    // Room for the worst case costs nothing: pages that are never written to are not there.
    const most = a.table.count + b.table.count;
    this.rowA = new Int32Array(most);
    this.rowB = new Int32Array(most);
    this.parent = new Uint32Array(most);
    this.end = new Uint32Array(most);
    this.changes = new Uint32Array(most);
  }

  get rows(): Pick<TreeDiff, 'count' | 'rowA' | 'rowB' | 'parent' | 'end' | 'changes'> {
    const { count, rowA, rowB, parent, end, changes } = this;
    return { count, rowA, rowB, parent, end, changes };
  }

  run(): void {
    const [a, b] = [this.a.table, this.b.table];
    const ofA: Siblings[] = [];
    const ofB: Siblings[] = [];
    const open: number[] = [];
    let depth = -1;
    /** A pair, and where both are directories, into them. */
    const enter = (entryA: number, entryB: number, parent: number): void => {
      const row = this.#add(entryA, entryB, parent);
      this.changes[row] = this.#comparer.changes(entryA, entryB);
      const isFolderA = isDirectory(a, entryA);
      const isFolderB = isDirectory(b, entryB);
      if (isFolderA && isFolderB) {
        depth += 1;
        (ofA[depth] ??= new Siblings(this.a)).open(entryA);
        (ofB[depth] ??= new Siblings(this.b)).open(entryB);
        open[depth] = row;
        return;
      }
      // a directory in place of something else: what is in it is on one side
      if (isFolderA) this.#below('a', entryA, row);
      if (isFolderB) this.#below('b', entryB, row);
    };
    enter(0, 0, 0);
    while (depth >= 0) {
      const siblingsA = ofA[depth];
      const siblingsB = ofB[depth];
      const parent = open[depth] ?? 0;
      const entryA = siblingsA?.row ?? -1;
      const entryB = siblingsB?.row ?? -1;
      if (entryA === -1 && entryB === -1) {
        this.end[parent] = this.count;
        depth -= 1;
        continue;
      }
      const order = entryA === -1 ? 1 : entryB === -1 ? -1 : compareNames(a, entryA, b, entryB);
      if (order <= 0) siblingsA?.next();
      if (order >= 0) siblingsB?.next();
      if (order < 0) this.#oneSided('a', entryA, parent);
      else if (order > 0) this.#oneSided('b', entryB, parent);
      else enter(entryA, entryB, parent);
    }
  }

  #add(entryA: number, entryB: number, parent: number): number {
    const row = this.count++;
    this.rowA[row] = entryA;
    this.rowB[row] = entryB;
    this.parent[row] = parent;
    this.end[row] = row + 1;
    return row;
  }

  #oneSided(side: 'a' | 'b', entry: number, parent: number): void {
    const row = this.#addOne(side, entry, parent);
    this.#below(side, entry, row);
  }

  #addOne(side: 'a' | 'b', entry: number, parent: number): number {
    const row = side === 'a' ? this.#add(entry, -1, parent) : this.#add(-1, entry, parent);
    this.changes[row] = side === 'a' ? Change.removed : Change.added;
    if (side === 'a') this.hasRemoved = true;
    else this.hasAdded = true;
    return row;
  }

  /** All below a directory, as it lies in its table. */
  #below(side: 'a' | 'b', directory: number, row: number): void {
    const { parent, end } = (side === 'a' ? this.a : this.b).table;
    const stop = end[directory] ?? 0;
    for (let entry = directory + 1; entry < stop; entry += 1) {
      const at = this.#addOne(side, entry, row + (parent[entry] ?? 0) - directory);
      this.end[at] = row + (end[entry] ?? 0) - directory;
    }
    this.end[row] = this.count;
  }
}

/** The table and the row that a row of the comparison has its name from. */
export function nameOf(
  { a, b, rowA, rowB }: Pick<TreeDiff, 'a' | 'b' | 'rowA' | 'rowB'>,
  row: number,
): { readonly table: Table; readonly entry: number } {
  const entry = rowA[row] ?? -1;
  return entry >= 0 ? { table: a.table, entry } : { table: b.table, entry: rowB[row] ?? 0 };
}

/** Whether what was moved is in the directory where it was: then it was renamed. */
export function isRenamed({ parent, partner }: TreeDiff, row: number): boolean {
  const other = partner.get(row);
  return other !== undefined && parent[other] === parent[row];
}

/** Whether the trees are the same in all attributes. */
export const areEqual = ({ differing }: TreeDiff): boolean => differing.length === 0;

/** Bits of attributes alone, of a pair: what is on one side has none. */
export const attributeBits = ({ changes }: TreeDiff, row: number): number => (changes[row] ?? 0) & ATTRIBUTES;
