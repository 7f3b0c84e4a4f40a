import type { Image } from './image.ts';
import { Flag } from './table.ts';
import { compareBytes, displayBytes } from './text.ts';
import { visitXattrs } from './xattr-index.ts';

/** Entries that are looked at: enough to meet every name that is not rare, in a few ms. */
const MAX_ENTRIES = 5000;

const cache = new WeakMap<Image, readonly Uint8Array[]>();

/**
 * Names of the extended attributes that an image uses, in byte order. In an image with more than 5000 entries that have
 * any, as many are looked at, spread over the whole tree: a rare name can be missing.
 */
export function xattrNames(image: Image): readonly Uint8Array[] {
  const known = cache.get(image);
  if (known !== undefined) return known;
  const { count, flags } = image.table;
  const names = new Map<string, Uint8Array>();
  const step = Math.max(1, Math.floor(count / MAX_ENTRIES));
  for (let entry = 0; entry < count; entry += step) {
    if (((flags[entry] ?? 0) & Flag.xattrs) === 0) continue;
    visitXattrs(image, entry, (name) => names.set(displayBytes(name), name.slice()));
  }
  const sorted = [...names.values()].toSorted(compareBytes);
  cache.set(image, sorted);
  return sorted;
}
