import { TableBuilder } from '../../tree/table-builder.ts';
import { compareStretches } from './byte-pool.ts';

/** Rows sorted as a table wants them: depth first, the names of a directory in byte order. */
export interface TreeOrder {
  /** By row in tree order: the row that it was. undefined: they stood in that order already. */
  readonly from: Uint32Array | undefined;
  /** The inverse. */
  readonly to: Uint32Array | undefined;
}

/** Finds the order of rows that stand in any, parents before their children, and sets `end` where none has to move. */
export function treeOrder(rows: TableBuilder): TreeOrder {
  const { count, parent } = rows;
  const { start, list } = childLists(rows);
  const from = new Uint32Array(count);
  const to = new Uint32Array(count);
  const next = start.slice(0, count);
  let isSorted = true;
  let row = 0;
  for (let at = 1; at < count; at += 1) {
    // up to the nearest directory that has children left; the root has, as long as rows are left
    while ((next[row] ?? 0) === (start[row + 1] ?? 0)) row = parent[row] ?? 0;
    const child = list[next[row] ?? 0] ?? 0;
    next[row] = (next[row] ?? 0) + 1;
    from[at] = child;
    to[child] = at;
    if (child !== at) isSorted = false;
    row = child;
  }
  if (!isSorted) return { from, to };
  setEnds(rows);
  return { from: undefined, to: undefined };
}

/** Children of each row: `list` from `start[row]` up to `start[row + 1]`, sorted by name. */
function childLists(rows: TableBuilder): { readonly start: Uint32Array; readonly list: Uint32Array } {
  const { count, parent } = rows;
  const start = new Uint32Array(count + 1);
  for (let row = 1; row < count; row += 1) {
    const slot = (parent[row] ?? 0) + 1;
    start[slot] = (start[slot] ?? 0) + 1;
  }
  for (let row = 0; row < count; row += 1) start[row + 1] = (start[row + 1] ?? 0) + (start[row] ?? 0);
  const list = new Uint32Array(Math.max(0, count - 1));
  const fill = start.slice(0, count);
  for (let row = 1; row < count; row += 1) {
    const directory = parent[row] ?? 0;
    const at = fill[directory] ?? 0;
    list[at] = row;
    fill[directory] = at + 1;
  }
  for (let row = 0; row < count; row += 1) sortNames(rows, list.subarray(start[row] ?? 0, start[row + 1] ?? 0));
  return { start, list };
}

function sortNames({ bytes, nameOffset, nameLength }: TableBuilder, children: Uint32Array): void {
  const compare = (a: number, b: number): number =>
    compareStretches(bytes, nameOffset[a] ?? 0, nameLength[a] ?? 0, nameOffset[b] ?? 0, nameLength[b] ?? 0);
  for (let index = 1; index < children.length; index += 1) {
    if (compare(children[index - 1] ?? 0, children[index] ?? 0) <= 0) continue;
    children.sort(compare);
    return;
  }
}

function setEnds({ count, parent, end }: TableBuilder): void {
  for (let row = 0; row < count; row += 1) end[row] = row + 1;
  for (let row = count - 1; row > 0; row -= 1) {
    const above = parent[row] ?? 0;
    if ((end[above] ?? 0) < (end[row] ?? 0)) end[above] = end[row] ?? 0;
  }
}

/** The same rows in tree order; `inode` counts rows, and so moves with them. */
export function moveRows(rows: TableBuilder, { from, to }: TreeOrder): TableBuilder {
  if (from === undefined || to === undefined) return rows;
  const { count } = rows;
  const moved = new TableBuilder(rows.bytes, count);
  for (let at = 0; at < count; at += 1) {
    const row = from[at] ?? 0;
    moved.add(to[rows.parent[row] ?? 0] ?? 0, rows.nameOffset[row] ?? 0, rows.nameLength[row] ?? 0);
    moved.inode[at] = to[rows.inode[row] ?? 0] ?? 0;
    moved.mode[at] = rows.mode[row] ?? 0;
    moved.uid[at] = rows.uid[row] ?? 0;
    moved.gid[at] = rows.gid[row] ?? 0;
    moved.size[at] = rows.size[row] ?? 0;
    moved.mtime[at] = rows.mtime[row] ?? 0;
    moved.mtimeNsec[at] = rows.mtimeNsec[row] ?? 0;
    moved.nlink[at] = rows.nlink[row] ?? 0;
    moved.rdev[at] = rows.rdev[row] ?? 0;
    moved.redirectOffset[at] = rows.redirectOffset[row] ?? 0;
    moved.redirectLength[at] = rows.redirectLength[row] ?? 0;
    moved.digestOffset[at] = rows.digestOffset[row] ?? 0;
    moved.flags[at] = rows.flags[row] ?? 0;
  }
  setEnds(moved);
  return moved;
}

/** A column of one number a row, in tree order. */
export function moveColumn(column: Uint32Array, count: number, { from }: TreeOrder): Uint32Array {
  return from === undefined ? column.subarray(0, count) : from.map((row) => column[row] ?? 0);
}
