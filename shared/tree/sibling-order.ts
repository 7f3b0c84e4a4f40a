import { verityStatuses } from '../contract/status.ts';
import type { Sort } from '../contract/values.ts';
import type { StatusOf } from './entry-status.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import { Flag, type Table } from './table.ts';

/** The children of every directory in an order other than the table's. */
export interface SiblingOrder {
  /** Where the children of a directory begin in `list`, by row; those of `entry` end at `first[entry + 1]`. */
  readonly first: Uint32Array;
  readonly list: Uint32Array;
}

/** By what to sort: columns of 32-bit keys, the most significant first. `blank` is 1 where there is no value. */
interface Keys {
  readonly columns: readonly Uint32Array[];
  readonly blank: Uint32Array | undefined;
  /** Order of entries that the keys cannot tell apart; undefined: they are equal. */
  readonly compareRest: ((a: number, b: number) => number) | undefined;
}

/**
 * Sorts siblings, for all directories at once. What has no value comes last, in either direction; equal ones stay in
 * name order. Radix sort over the whole table: 1,000,000 entries by size take about 50 ms here, in 16 bytes an entry
 * while it runs and 8 that stay, and no order of the input takes longer.
 *
 * @returns undefined for names ascending: that is the table's own order
 */
export function orderSiblings(image: Image, statusOf: StatusOf, sort: Sort): SiblingOrder | undefined {
  if (sort.column === 'name' && !sort.descending) return undefined;
  const { table } = image;
  const keys = keysOf(image, statusOf, sort);
  if (sort.descending) {
    for (const column of keys.columns) for (let i = 0; i < column.length; i += 1) column[i] = ~(column[i] ?? 0);
  }
  let order: Uint32Array = Uint32Array.from({ length: table.count }, (_, row) => row);
  for (const column of [...(keys.blank === undefined ? [] : [keys.blank]), ...keys.columns].toReversed()) {
    order = sortByHalf(sortByHalf(order, column, 0), column, 16);
  }
  const siblings = distribute(table, order);
  if (keys.compareRest !== undefined) {
    const { compareRest } = keys;
    sortTies(table, siblings, keys, sort.descending ? (a, b) => compareRest(b, a) || a - b : compareRest);
  }
  return siblings;
}

/** One pass of a stable radix sort, by 16 bits of a key. */
function sortByHalf(order: Uint32Array, key: Uint32Array, shift: 0 | 16): Uint32Array {
  const starts = new Uint32Array(0x1_0001);
  for (const value of key) {
    const digit = ((value >>> shift) & 0xffff) + 1;
    starts[digit] = (starts[digit] ?? 0) + 1;
  }
  const common = (((key[0] ?? 0) >>> shift) & 0xffff) + 1;
  if (starts[common] === key.length) return order;
  for (let digit = 1; digit < starts.length; digit += 1)
    starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (const row of order) {
    const digit = ((key[row] ?? 0) >>> shift) & 0xffff;
    const at = starts[digit] ?? 0;
    sorted[at] = row;
    starts[digit] = at + 1;
  }
  return sorted;
}

function distribute(table: Table, order: Uint32Array): SiblingOrder {
  const { count, parent } = table;
  const first = new Uint32Array(count + 1);
  for (let row = 1; row < count; row += 1) {
    const behind = (parent[row] ?? 0) + 1;
    first[behind] = (first[behind] ?? 0) + 1;
  }
  for (let row = 1; row <= count; row += 1) first[row] = (first[row] ?? 0) + (first[row - 1] ?? 0);
  const next = first.slice();
  const list = new Uint32Array(count - 1);
  for (const row of order) {
    if (row === 0) continue;
    const directory = parent[row] ?? 0;
    const at = next[directory] ?? 0;
    list[at] = row;
    next[directory] = at + 1;
  }
  return { first, list };
}

function sortTies(table: Table, { list }: SiblingOrder, keys: Keys, compare: (a: number, b: number) => number): void {
  const columns = [...(keys.blank === undefined ? [] : [keys.blank]), ...keys.columns];
  const isTie = (a: number, b: number): boolean =>
    table.parent[a] === table.parent[b] && columns.every((column) => column[a] === column[b]);
  for (let from = 0; from < list.length;) {
    const leader = list[from] ?? 0;
    let to = from + 1;
    let sorted = true;
    while (to < list.length && isTie(leader, list[to] ?? 0)) {
      sorted &&= compare(list[to - 1] ?? 0, list[to] ?? 0) <= 0;
      to += 1;
    }
    if (!sorted && keys.blank?.[leader] !== 1) list.subarray(from, to).sort((a, b) => compare(a, b) || a - b);
    from = to;
  }
}

function keysOf(image: Image, statusOf: StatusOf, { column }: Sort): Keys {
  const { table } = image;
  switch (column) {
    case 'name':
      return numbers([Uint32Array.from({ length: table.count }, (_, row) => row)]);
    case 'size':
      return sizes(image);
    case 'mode':
      return numbers([Uint32Array.from(table.mode.subarray(0, table.count))]);
    case 'owner':
      return numbers([table.uid.slice(0, table.count), table.gid.slice(0, table.count)]);
    case 'modified':
      return numbers([...halves(table.mtime, table.count), table.mtimeNsec.slice(0, table.count)]);
    case 'links':
      return numbers([table.nlink.slice(0, table.count)]);
    case 'inode':
      return numbers([table.inode.slice(0, table.count)]);
    case 'redirect':
      return texts(table, table.redirectOffset, (row) => table.redirectLength[row] ?? 0);
    case 'digest':
      return texts(table, table.digestOffset, (row) => (((table.flags[row] ?? 0) & Flag.sha512) === 0 ? 32 : 64));
    case 'verity':
      return statuses(table, statusOf);
  }
}

const numbers = (columns: readonly Uint32Array[]): Keys => ({ columns, blank: undefined, compareRest: undefined });

/** Whole doubles as two keys that sort alike, negative ones included. */
function halves(values: Float64Array, count: number): [Uint32Array, Uint32Array] {
  const high = new Uint32Array(count);
  const low = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) {
    const value = values[row] ?? 0;
    high[row] = Math.floor(value / 0x1_0000_0000) + 0x8000_0000;
    low[row] = value; // modulo 2^32, two's complement: what ECMA-262 ToUint32 does
  }
  return [high, low];
}

function sizes(image: Image): Keys {
  const { count, size } = image.table;
  const blank = new Uint32Array(count);
  const [high, low] = halves(size, count);
  for (let row = 0; row < count; row += 1) {
    const kind = kindOf(image, row);
    if (kind === 'file' || kind === 'symlink') continue;
    blank[row] = 1;
    high[row] = 0;
    low[row] = 0;
  }
  return { columns: [high, low], blank, compareRest: undefined };
}

function statuses({ count }: Table, statusOf: StatusOf): Keys {
  const rank = new Map(verityStatuses.map((status, index) => [status, index]));
  const key = new Uint32Array(count);
  const blank = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) {
    const status = statusOf(row);
    if (status === undefined) blank[row] = 1;
    else key[row] = rank.get(status) ?? 0;
  }
  return { columns: [key], blank, compareRest: undefined };
}

/** Bytes of a text that become keys; the rest is compared where these are equal. */
const KEY_BYTES = 16;

/** Texts by their bytes: the first 16 behind what all have in common are keys. */
function texts({ bytes, count }: Table, offset: Uint32Array, lengthOf: (row: number) => number): Keys {
  const common = commonPrefix(bytes, offset, count, lengthOf);
  const columns = Array.from({ length: KEY_BYTES / 4 }, () => new Uint32Array(count));
  const blank = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) {
    const at = offset[row] ?? 0;
    if (at === 0) {
      blank[row] = 1;
      continue;
    }
    const length = Math.min(lengthOf(row), common + KEY_BYTES);
    for (let i = common; i < length; i += 1) {
      const column = columns[(i - common) >>> 2];
      if (column !== undefined)
        column[row] = (column[row] ?? 0) | ((bytes[at + i] ?? 0) << (24 - 8 * ((i - common) & 3)));
    }
  }
  const compareRest = (a: number, b: number): number => {
    const [atA, atB, lengthA, lengthB] = [offset[a] ?? 0, offset[b] ?? 0, lengthOf(a), lengthOf(b)];
    if (atA === atB) return lengthA - lengthB;
    const shorter = Math.min(lengthA, lengthB);
    for (let i = common; i < shorter; i += 1) {
      const difference = (bytes[atA + i] ?? 0) - (bytes[atB + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  };
  return { columns, blank, compareRest };
}

function commonPrefix(
  bytes: Uint8Array,
  offset: Uint32Array,
  count: number,
  lengthOf: (row: number) => number,
): number {
  let common = -1;
  let from = 0;
  for (let row = 0; row < count && common !== 0; row += 1) {
    const at = offset[row] ?? 0;
    if (at === 0) continue;
    if (common === -1) [from, common] = [at, lengthOf(row)];
    let length = 0;
    while (length < common && length < lengthOf(row) && bytes[at + length] === bytes[from + length]) length += 1;
    common = length;
  }
  return Math.max(0, common);
}
