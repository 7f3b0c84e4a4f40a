import type { DownloadPlan, ObjectSum } from '../../contract/compare-values.ts';
import { each, upTo, type Steps } from '../../steps.ts';
import type { Image } from '../image.ts';
import { indexObjects } from '../objects.ts';
import { ancestry, Flag, nameBytes, type Table } from '../table.ts';
import { displayBytes } from '../text.ts';

/** Tells whether the stores hold an object that B refers to, by the first entry of B that does. */
export type IsStored = (entry: number) => boolean;

export interface DownloadOptions {
  readonly isStored?: IsStored | undefined;
  readonly stores?: readonly string[];
  readonly imageBytes?: number | undefined;
}

const MAX_FOLDERS = 200;

const definitions: DownloadPlan['definitions'] = {
  wanted: 'Distinct objects that B refers to; their sizes are those that B says.',
  shared: 'Of these, objects that A refers to as well: a store that serves A has them.',
  inStores: 'Of the others, objects of the right size that lie in the stores given.',
  missing: 'The rest: what must be fetched, the image file itself not counted.',
  dropped: 'Distinct objects that A refers to and B does not: a garbage collection can free them once A is gone.',
};

/**
 * What an update from A to B must fetch. Objects are told apart by their digest, and without one by redirect and size; so
 * one that lies under another redirect on both sides is shared.
 */
export function* planDownload(a: Image, b: Image, options: DownloadOptions = {}): Steps<DownloadPlan> {
  const { isStored = () => false, stores = [], imageBytes } = options;
  const sums = { wanted: sum(), shared: sum(), inStores: sum(), missing: sum(), dropped: sum() };
  const folders = new Map<string, { objects: number; bytes: number }>();
  const ofA = yield* inOrder(a);
  const ofB = yield* inOrder(b);
  const drop = (entry: number): void => add(sums.dropped, a.table.size[entry] ?? 0);
  let at = 0;
  yield* each(ofB, (entry) => {
    let order = 1;
    for (; at < ofA.length; at += 1) {
      order = compareKeys(a.table, ofA[at] ?? 0, b.table, entry);
      if (order >= 0) break;
      drop(ofA[at] ?? 0);
    }
    const bytes = b.table.size[entry] ?? 0;
    add(sums.wanted, bytes);
    if (at < ofA.length && order === 0) {
      add(sums.shared, bytes);
      at += 1;
    } else if (isStored(entry)) add(sums.inStores, bytes);
    else {
      add(sums.missing, bytes);
      const path = folderOf(b, entry);
      const folder = folders.get(path) ?? sum();
      add(folder, bytes);
      folders.set(path, folder);
    }
  });
  for (; at < ofA.length; at += 1) drop(ofA[at] ?? 0);
  return {
    ...sums,
    folders: [...folders]
      .map(([path, folder]) => ({ path, objects: folder.objects, bytes: folder.bytes }))
      .toSorted((x, y) => y.bytes - x.bytes || (x.path < y.path ? -1 : 1))
      .slice(0, MAX_FOLDERS),
    imageBytes,
    definitions,
    stores,
  };
}

type Mutable = { -readonly [K in keyof ObjectSum]: ObjectSum[K] };
const sum = (): Mutable => ({ objects: 0, bytes: 0 });
const add = (total: Mutable, bytes: number): void => {
  total.objects += 1;
  total.bytes += bytes;
};

const BUCKETS = 1 << 16;

/** The first two bytes of the digest; all objects without one are in one bucket. */
function bucketOf({ bytes, digestOffset }: Table, entry: number): number {
  const at = digestOffset[entry] ?? 0;
  return at === 0 ? 0 : ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/**
 * The first entry of each distinct object, in the order of `compareKeys`. Digests are as good as random, so that the two
 * first bytes sort nearly all of it; whoever chooses them all alike makes it take longer, not wrong.
 */
function* inOrder(image: Image): Steps<Uint32Array> {
  const { table } = image;
  const { firstEntry } = indexObjects(image);
  yield;
  const from = new Uint32Array(BUCKETS + 1);
  yield* each(firstEntry, (entry) => {
    const next = bucketOf(table, entry) + 1;
    from[next] = (from[next] ?? 0) + 1;
  });
  for (let bucket = 1; bucket <= BUCKETS; bucket += 1) from[bucket] = (from[bucket] ?? 0) + (from[bucket - 1] ?? 0);
  const place = from.slice();
  const sorted = new Uint32Array(firstEntry.length);
  yield* each(firstEntry, (entry) => {
    const bucket = bucketOf(table, entry);
    const to = place[bucket] ?? 0;
    sorted[to] = entry;
    place[bucket] = to + 1;
  });
  yield* upTo(BUCKETS, (bucket) => {
    const [start, end] = [from[bucket] ?? 0, from[bucket + 1] ?? 0];
    // of equal ones, the first entry comes first
    if (end - start > 1) sorted.subarray(start, end).sort((x, y) => compareKeys(table, x, table, y) || x - y);
  });
  let length = 0;
  yield* each(sorted, (entry) => {
    if (length === 0 || compareKeys(table, sorted[length - 1] ?? 0, table, entry) !== 0) sorted[length++] = entry;
  });
  return sorted.subarray(0, length);
}

/** An order in which objects are equal that have the same content, as far as digests say; without them, the same name. */
function compareKeys(a: Table, entryA: number, b: Table, entryB: number): number {
  const buckets = bucketOf(a, entryA) - bucketOf(b, entryB);
  if (buckets !== 0) return buckets;
  const [digestA, digestB] = [a.digestOffset[entryA] ?? 0, b.digestOffset[entryB] ?? 0];
  const [lengthA, lengthB] = [digestLength(a, entryA), digestLength(b, entryB)];
  if (lengthA !== 0 || lengthB !== 0) return compareRanges(a.bytes, digestA, lengthA, b.bytes, digestB, lengthB);
  const sizes = (a.size[entryA] ?? 0) - (b.size[entryB] ?? 0);
  if (sizes !== 0) return sizes;
  const [redirectA, redirectB] = [a.redirectOffset[entryA] ?? 0, b.redirectOffset[entryB] ?? 0];
  const [namedA, namedB] = [a.redirectLength[entryA] ?? 0, b.redirectLength[entryB] ?? 0];
  return compareRanges(a.bytes, redirectA, namedA, b.bytes, redirectB, namedB);
}

const digestLength = (table: Table, entry: number): number =>
  table.digestOffset[entry] === 0 ? 0 : ((table.flags[entry] ?? 0) & Flag.sha512) !== 0 ? 64 : 32;

function compareRanges(
  a: Uint8Array,
  atA: number,
  lengthA: number,
  b: Uint8Array,
  atB: number,
  lengthB: number,
): number {
  if (lengthA !== lengthB) return lengthA - lengthB;
  for (let i = 0; i < lengthA; i += 1) {
    const difference = (a[atA + i] ?? 0) - (b[atB + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `/usr/lib` of what lies in it, or below. */
function folderOf({ table }: Image, entry: number): string {
  const names = ancestry(table, entry)
    .slice(1, -1)
    .slice(0, 2)
    .map((at) => displayBytes(nameBytes(table, at)));
  return `/${names.join('/')}`;
}
