import type { Image } from './image.ts';
import { Flag, type Table } from './table.ts';

/** The distinct objects that an image refers to. */
export interface ObjectIndex {
  readonly count: number;
  /** Number of the object that holds an entry's bytes, by row; -1: none. Numbered in tree order of first use. */
  readonly ofEntry: Int32Array;
  /** The first entry that refers to an object, by number: its redirect, digest and size are the object's. */
  readonly firstEntry: Uint32Array;
}

const NONE = 0;

/** Probes after which the hash table is given up, an entry: honest images need fewer than two. */
const MAX_PROBES = 32;

/**
 * Numbers the objects: two entries refer to one object where redirect, digest and size are the same. Entries without a
 * redirect refer to none, whatever digest they have.
 *
 * The image's author chooses the digests, and so could make all of them fall into one slot: past `maxProbes` an entry
 * the objects are told apart by sorting, which takes longer and cannot be fooled.
 */
export function indexObjects(image: Pick<Image, 'table'>, maxProbes = MAX_PROBES): ObjectIndex {
  const { table } = image;
  const backed = rowsWithObject(table);
  return byHash(table, backed, maxProbes) ?? bySorting(table, backed);
}

function rowsWithObject(table: Table): Uint32Array {
  const { count, flags, redirectOffset } = table;
  const rows = new Uint32Array(count);
  let length = 0;
  for (let entry = 0; entry < count; entry += 1) {
    // Directories of an overlay layer can have a redirect too, to another directory.
    if (((flags[entry] ?? 0) & Flag.backed) !== 0 && redirectOffset[entry] !== NONE) rows[length++] = entry;
  }
  return rows.subarray(0, length);
}

/** Digest bytes lie anywhere, unaligned; four of them are enough for a hash, since what meets is compared in full. */
function hashOf(table: Table, entry: number): number {
  const { bytes, redirectLength } = table;
  const digest = table.digestOffset[entry] ?? NONE;
  // Without a digest: the end of the redirect, since its beginning is often a folder that many share.
  const length = redirectLength[entry] ?? 0;
  const from = digest === NONE ? (table.redirectOffset[entry] ?? 0) + Math.max(0, length - 12) : digest;
  const stop = from + (digest === NONE ? Math.min(length, 12) : 8);
  let hash = (table.size[entry] ?? 0) | 0;
  for (let at = from; at < stop; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function byHash(table: Table, rows: Uint32Array, maxProbes: number): ObjectIndex | undefined {
  const ofEntry = new Int32Array(table.count).fill(-1);
  const firstEntry = new Uint32Array(rows.length);
  // All hashes before the first look into the table: reads of the image that wait for nothing else overlap.
  const hashes = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) hashes[i] = hashOf(table, rows[i] ?? 0);
  /** By slot: 1 + number of the object, 0 for none; and its hash, which tells most others apart without a look. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(rows.length * 2 + 2)));
  const slotHashes = new Uint32Array(slots.length);
  const mask = slots.length - 1;
  let count = 0;
  let probes = maxProbes * rows.length;
  for (let i = 0; i < rows.length; i += 1) {
    const entry = rows[i] ?? 0;
    const hash = hashes[i] ?? 0;
    let slot = hash & mask;
    let found = slots[slot] ?? 0;
    while (
      found !== 0 &&
      (slotHashes[slot] !== hash || compareObjects(table, firstEntry[found - 1] ?? 0, entry) !== 0)
    ) {
      if ((probes -= 1) < 0) return undefined;
      slot = (slot + 1) & mask;
      found = slots[slot] ?? 0;
    }
    if (found === 0) {
      firstEntry[count] = entry;
      count += 1;
      found = count;
      slots[slot] = found;
      slotHashes[slot] = hash;
    }
    ofEntry[entry] = found - 1;
  }
  return { count, ofEntry, firstEntry: firstEntry.slice(0, count) };
}

function bySorting(table: Table, rows: Uint32Array): ObjectIndex {
  const sorted = rows.toSorted((a, b) => compareObjects(table, a, b) || a - b);
  // First of its kind, by row; then numbered in tree order, as the hash table does.
  const first = new Uint32Array(table.count);
  let leader = 0;
  sorted.forEach((entry, i) => {
    if (i === 0 || compareObjects(table, leader, entry) !== 0) leader = entry;
    first[entry] = leader;
  });
  const ofEntry = new Int32Array(table.count).fill(-1);
  const firstEntry = new Uint32Array(rows.length);
  let count = 0;
  for (const entry of rows) {
    const at = first[entry] ?? 0;
    if (at === entry) firstEntry[count++] = entry;
    ofEntry[entry] = at === entry ? count - 1 : (ofEntry[at] ?? -1);
  }
  return { count, ofEntry, firstEntry: firstEntry.slice(0, count) };
}

const digestLength = (table: Table, entry: number): number =>
  table.digestOffset[entry] === NONE ? 0 : ((table.flags[entry] ?? 0) & Flag.sha512) !== 0 ? 64 : 32;

/** An order in which only equal objects are equal; digests first, since they differ soonest. */
function compareObjects(table: Table, a: number, b: number): number {
  const sizes = (table.size[a] ?? 0) - (table.size[b] ?? 0);
  if (sizes !== 0) return sizes;
  const { bytes } = table;
  const [digestA, digestB] = [table.digestOffset[a] ?? 0, table.digestOffset[b] ?? 0];
  const digests = compareRanges(bytes, digestA, digestLength(table, a), digestB, digestLength(table, b));
  if (digests !== 0) return digests;
  const [redirectA, redirectB] = [table.redirectOffset[a] ?? 0, table.redirectOffset[b] ?? 0];
  return compareRanges(bytes, redirectA, table.redirectLength[a] ?? 0, redirectB, table.redirectLength[b] ?? 0);
}

function compareRanges(bytes: Uint8Array, a: number, lengthA: number, b: number, lengthB: number): number {
  if (a === b || lengthA !== lengthB) return lengthA - lengthB;
  for (let i = 0; i < lengthA; i += 1) {
    const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
