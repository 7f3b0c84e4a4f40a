import { Bitset } from '../bitset.ts';
import { Flag, isDirectory, type Table } from '../table.ts';
import { Change } from './change.ts';
import type { Walk } from './compare-trees.ts';

/**
 * Notes where other paths are one inode on both sides: not inode numbers, which any writer may choose, but which names
 * are together. A name that was moved counts as the name that it was. The link count of such an inode then says nothing
 * of its own, and is no difference.
 */
export function findLinkChanges(walk: Walk, partner: ReadonlyMap<number, number>): void {
  const { count, rowA, rowB, changes } = walk;
  const linkedA = linkedInodes(walk.a.table);
  const linkedB = linkedInodes(walk.b.table);
  if (linkedA === undefined && linkedB === undefined) return;
  // rows are called by A's row where there is one, so that both sides speak of the same
  const groupsA = groupsOf(walk.a.table, linkedA, rowA, count, (row) => row);
  const groupsB = groupsOf(walk.b.table, linkedB, rowB, count, (row) =>
    (rowA[row] ?? -1) >= 0 ? row : (partner.get(row) ?? row),
  );
  const equal = new Map<readonly number[], readonly number[]>();
  for (const row of new Set([...groupsA.keys(), ...groupsB.keys()])) {
    const isPair = (rowA[row] ?? -1) >= 0 && ((rowB[row] ?? -1) >= 0 || partner.has(row));
    if (!isPair) continue;
    const groupA = groupsA.get(row) ?? [row];
    const groupB = groupsB.get(row) ?? [row];
    if (equal.get(groupA) === groupB) continue;
    if (groupA.length === groupB.length && groupA.every((member, at) => member === groupB[at])) {
      equal.set(groupA, groupB);
      continue;
    }
    note(changes, row);
    const other = partner.get(row);
    if (other !== undefined) note(changes, other);
  }
}

function note(changes: Uint32Array, row: number): void {
  changes[row] = ((changes[row] ?? 0) | Change.links) & ~Change.nlink;
}

/** Inodes that several names have, a bit each: numbers of inodes are places in the image, or count them. */
function linkedInodes(table: Table): Bitset | undefined {
  const { count, flags, inode } = table;
  const isLink = (entry: number): boolean => ((flags[entry] ?? 0) & Flag.hardLink) !== 0 && !isDirectory(table, entry);
  let last = -1;
  for (let entry = 0; entry < count; entry += 1) {
    if (isLink(entry)) last = Math.max(last, inode[entry] ?? 0);
  }
  if (last < 0) return undefined;
  const linked = new Bitset(last + 1);
  for (let entry = 0; entry < count; entry += 1) if (isLink(entry)) linked.add(inode[entry] ?? 0);
  return linked;
}

/** By row: the rows that are the same inode, itself included, sorted. */
function groupsOf(
  { inode }: Table,
  linked: Bitset | undefined,
  entries: Int32Array,
  count: number,
  nameOf: (row: number) => number,
): ReadonlyMap<number, readonly number[]> {
  const byInode = new Map<number, number[]>();
  if (linked === undefined) return byInode;
  for (let row = 0; row < count; row += 1) {
    const entry = entries[row] ?? -1;
    if (entry < 0) continue;
    const number = inode[entry] ?? 0;
    if (number >= linked.size || !linked.has(number)) continue;
    const list = byInode.get(number);
    if (list === undefined) byInode.set(number, [nameOf(row)]);
    else list.push(nameOf(row));
  }
  const groups = new Map<number, readonly number[]>();
  for (const list of byInode.values()) {
    const sorted = list.toSorted((x, y) => x - y);
    for (const row of sorted) groups.set(row, sorted);
  }
  return groups;
}
