import { ImageError } from '../../erofs/image-error.ts';
import { upTo, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import { pathOf } from '../../tree/path.ts';
import { Flag, isDirectory, S_IFCHR, S_IFMT, S_IFREG, type Table } from '../../tree/table.ts';
import { compareStretches } from '../dump-reader/byte-pool.ts';
import { originalRows } from './original-rows.ts';
import type { WriteOptions } from './write-image.ts';

/** The root gets a whiteout for each two-digit hex name that it has no entry of: an object store hides behind them. */
export const STUBS = 256;

/** Names of the stubs, in order, two bytes each. */
export const stubNames = Uint8Array.from({ length: 2 * STUBS }, (_, at) =>
  '0123456789abcdef'.charCodeAt((at & 1) === 0 ? at >> 5 : (at >> 1) & 15),
);

/** What becomes inodes, in the order in which they lie on disk. */
export interface InodeOrder {
  /** Number of inodes. */
  readonly count: number;
  /** By inode: its row; stub number n: -1 - n. */
  readonly rows: Int32Array;
  /** By row: its inode. Of no meaning for stubs of the source. */
  readonly inodeOf: Uint32Array;
  /** By stub: its inode; 0: the root has an entry of that name. */
  readonly stubInodes: Uint32Array;
  /** By inode: 1 where it is a whiteout, 2 where it is a directory that has some. */
  readonly whiteouts: Uint8Array;
  readonly hasWhiteouts: boolean;
  /** By inode: how many names it has; undefined: what the source says is written. */
  readonly links: Uint32Array | undefined;
}

export const Whiteout = { is: 1, holds: 2 } as const;

/** Whether a row stands for a whiteout of the tree: a character device 0:0, or what composefs made of one. */
export function isWhiteout(image: Image, row: number): boolean {
  const { mode, rdev, flags } = image.table;
  const type = (mode[row] ?? 0) & S_IFMT;
  if (type === S_IFCHR) return rdev[row] === 0;
  if (type !== S_IFREG || image.kind !== 'composefs' || image.formatVersion === 2) return false; // which has them as devices
  return ((flags[row] ?? 0) & Flag.escapedWhiteout) !== 0;
}

/**
 * Numbers the inodes: breadth first, names in byte order (writer.md, section 4).
 *
 * @throws ImageError `corrupt`
 */
export function* orderInodes(image: Image, { hardLinks = 'keep' }: Pick<WriteOptions, 'hardLinks'>): Steps<InodeOrder> {
  const { table } = image;
  refuseBroken(image);
  const rows = new Int32Array(table.count + STUBS);
  const inodeOf = new Uint32Array(table.count);
  const stubInodes = new Uint32Array(STUBS);
  const whiteouts = new Uint8Array(table.count + STUBS);
  const originals = hardLinks === 'keep' ? yield* originalRows(image) : undefined;
  let hasWhiteouts = false;
  let count = 1; // the root
  const addChildren = (inode: number): void => {
    const directory = rows[inode] ?? 0;
    if (directory < 0 || !isDirectory(table, directory)) return;
    eachChild(table, directory, true, (row) => {
      if (row < 0) {
        stubInodes[-1 - row] = count;
        rows[count++] = row;
        return;
      }
      if (originals !== undefined && originals[row] !== row) return;
      inodeOf[row] = count;
      if (isWhiteout(image, row)) {
        whiteouts[count] = Whiteout.is;
        whiteouts[inode] = Whiteout.holds;
        hasWhiteouts = true;
      }
      rows[count++] = row;
    });
  };
  // one depth after the other
  for (let from = 0, to = count; from < to; from = to, to = count) yield* upTo(to, addChildren, from);
  if (originals !== undefined) {
    for (let row = 1; row < table.count; row += 1) inodeOf[row] = inodeOf[originals[row] ?? 0] ?? 0;
  }
  return { count, rows: rows.subarray(0, count), inodeOf, stubInodes, whiteouts, hasWhiteouts, links: undefined };
}

/**
 * Visits the entries of a directory that are written, in name order; in the root, where it has stubs, these among them, as
 * -1 - number.
 *
 * @throws ImageError `corrupt` where names are not sorted, or stand twice
 */
export function eachChild(table: Table, directory: number, hasStubs: boolean, visit: (row: number) => void): void {
  const { bytes, nameOffset, nameLength, end, flags } = table;
  const stop = end[directory] ?? 0;
  let stub = directory === 0 && hasStubs ? 0 : STUBS;
  let last = -1;
  for (let row = directory + 1; row < stop; row = end[row] ?? stop) {
    if (((flags[row] ?? 0) & Flag.stub) !== 0) continue;
    const name = nameOffset[row] ?? 0;
    const length = nameLength[row] ?? 0;
    if (last >= 0 && compareStretches(bytes, nameOffset[last] ?? 0, nameLength[last] ?? 0, name, length) >= 0) {
      throw new ImageError('corrupt', 'names are sorted by bytes and stand once, this one does not', {
        path: pathOf(table, row),
      });
    }
    last = row;
    for (; stub < STUBS; stub += 1) {
      const order = compareWithStub(bytes, name, length, stub);
      if (order < 0) break;
      if (order > 0) visit(-1 - stub);
    }
    visit(row);
  }
  for (; stub < STUBS; stub += 1) visit(-1 - stub);
}

function compareWithStub(bytes: Uint8Array, name: number, length: number, stub: number): number {
  const first = (bytes[name] ?? 0) - (stubNames[2 * stub] ?? 0);
  if (first !== 0) return first;
  if (length < 2) return -1;
  return (bytes[name + 1] ?? 0) - (stubNames[2 * stub + 1] ?? 0) || length - 2;
}

/** @throws ImageError `corrupt` where an entry is broken */
export function refuseBroken({ table, problems }: Image): void {
  const { count, flags } = table;
  for (let row = 0; row < count; row += 1) {
    if (((flags[row] ?? 0) & Flag.broken) === 0) continue;
    const problem = problems.find(({ entry, severity }) => entry === row && severity === 'error');
    const why = problem === undefined ? '' : `: ${problem.message}`;
    throw new ImageError('corrupt', `an entry is broken, so that nothing can be written of it${why}`, {
      path: pathOf(table, row),
    });
  }
}
