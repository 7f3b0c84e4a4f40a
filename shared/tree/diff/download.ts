import type { DownloadPlan, ObjectSum } from '../../contract/compare-values.ts';
import type { Image } from '../image.ts';
import { indexObjects } from '../objects.ts';
import { digestBytes, redirectBytes } from '../row.ts';
import { ancestry, nameBytes } from '../table.ts';
import { displayBytes, hexOfBytes } from '../text.ts';

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
export function planDownload(a: Image, b: Image, options: DownloadOptions = {}): DownloadPlan {
  const { isStored = () => false, stores = [], imageBytes } = options;
  const keysOfA = new Set(keysOf(a).keys());
  const objects = keysOf(b);
  const sums = { wanted: sum(), shared: sum(), inStores: sum(), missing: sum(), dropped: sum() };
  const folders = new Map<string, { objects: number; bytes: number }>();
  for (const [key, entry] of objects) {
    const bytes = b.table.size[entry] ?? 0;
    add(sums.wanted, bytes);
    if (keysOfA.has(key)) add(sums.shared, bytes);
    else if (isStored(entry)) add(sums.inStores, bytes);
    else {
      add(sums.missing, bytes);
      const path = folderOf(b, entry);
      const folder = folders.get(path) ?? sum();
      add(folder, bytes);
      folders.set(path, folder);
    }
  }
  for (const [key, entry] of keysOf(a)) if (!objects.has(key)) add(sums.dropped, a.table.size[entry] ?? 0);
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

/** The first entry of each distinct object. */
function keysOf(image: Image): ReadonlyMap<string, number> {
  const { table } = image;
  const keys = new Map<string, number>();
  for (const entry of indexObjects(image).firstEntry) {
    const digest = digestBytes(table, entry);
    const redirect = redirectBytes(table, entry) ?? new Uint8Array(0);
    const key = digest === undefined ? `${table.size[entry] ?? 0} ${displayBytes(redirect)}` : hexOfBytes(digest);
    if (!keys.has(key)) keys.set(key, entry);
  }
  return keys;
}

/** `/usr/lib` of what lies in it, or below. */
function folderOf({ table }: Image, entry: number): string {
  const names = ancestry(table, entry)
    .slice(1, -1)
    .slice(0, 2)
    .map((at) => displayBytes(nameBytes(table, at)));
  return `/${names.join('/')}`;
}
