import { upTo, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import { Flag, isDirectory } from '../../tree/table.ts';

/**
 * For each row, the row of the file that it is a name of: itself, but for hard links. undefined: there are none.
 *
 * The file's place among its directory's entries is the inode's place on disk. A dump says which name is the file. In an
 * image that mkcomposefs wrote, the nid does: inodes lie breadth first, so that it is between those before and behind it.
 * Everywhere else, the first name is.
 */
export function* originalRows(image: Image): Steps<Uint32Array | undefined> {
  const { count, inode, flags } = image.table;
  let hasLinks = false;
  for (let row = 0; row < count && !hasLinks; row += 1) hasLinks = ((flags[row] ?? 0) & Flag.hardLink) !== 0;
  if (!hasLinks) return undefined;
  const originals = new Uint32Array(count);
  if (image.originalRow !== undefined) {
    yield* upTo(count, (row) => {
      originals[row] = image.originalRow?.(row) ?? row;
    });
    return originals;
  }
  const linked = new Map<number, number>();
  yield* upTo(count, (row) => {
    if (((flags[row] ?? 0) & Flag.hardLink) !== 0 && !isDirectory(image.table, row)) linked.set(inode[row] ?? 0, -1);
  });
  if (image.kind === 'composefs' && (image.formatVersion ?? 2) < 2) yield* placeByNid(image, linked);
  yield* upTo(count, (row) => {
    originals[row] = row;
    const number = inode[row] ?? 0;
    const known = linked.get(number);
    if (known === undefined || isDirectory(image.table, row)) return;
    if (known < 0) linked.set(number, row);
    else originals[row] = known;
  });
  yield* upTo(count, (row) => {
    const known = linked.get(inode[row] ?? 0);
    if (known !== undefined && !isDirectory(image.table, row)) originals[row] = known;
  });
  return originals;
}

/** Notes, for each inode with several names, a row that lies where its nid says; nothing for those where none does. */
function* placeByNid({ table }: Image, linked: Map<number, number>): Steps<void> {
  const rows = yield* breadthFirst(table.end, table.count);
  const { inode } = table;
  // rows of inodes with several names, from there up to the next of an inode that has one
  let from = 0;
  let before = 0;
  yield* upTo(rows.length, (at) => {
    const number = inode[rows[at] ?? 0] ?? 0;
    if (linked.has(number)) return;
    if (from < at) placeBetween(rows.subarray(from, at), inode, before, number, linked);
    from = at + 1;
    before = number;
  });
  placeBetween(rows.subarray(from), inode, before, Infinity, linked);
}

/** Of rows in a stretch, gives each inode that lies there one, so that nids rise. */
function placeBetween(
  rows: Uint32Array,
  inode: Uint32Array,
  before: number,
  behind: number,
  linked: Map<number, number>,
): void {
  const isHere = (number: number): boolean => number > before && number < behind;
  const numbers = [...new Set(Array.from(rows, (row) => inode[row] ?? 0))].filter(isHere).toSorted((a, b) => a - b);
  let at = 0;
  for (const number of numbers) {
    while (at < rows.length && inode[rows[at] ?? 0] !== number) at += 1;
    if (at === rows.length) return; // not written breadth first: the first names will do
    linked.set(number, rows[at] ?? 0);
    at += 1;
  }
}

function* breadthFirst(end: Uint32Array, count: number): Steps<Uint32Array> {
  const rows = new Uint32Array(count);
  let length = 1;
  const addChildren = (at: number): void => {
    const directory = rows[at] ?? 0;
    const stop = end[directory] ?? 0;
    for (let row = directory + 1; row < stop; row = end[row] ?? stop) rows[length++] = row;
  };
  // one depth after the other
  for (let from = 0, to = length; from < to; from = to, to = length) yield* upTo(to, addChildren, from);
  return rows;
}
