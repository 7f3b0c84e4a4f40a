import { decodeXattr } from '../../composefs/decode-xattr.ts';
import { Bitset } from '../bitset.ts';
import type { Image } from '../image.ts';
import { Flag } from '../table.ts';
import { bytesOfText, displayBytes } from '../text.ts';
import { visitXattrs, xattrIndex, type IndexedXattr } from '../xattr-index.ts';
import { matches, type Pattern } from './pattern.ts';

/**
 * Rows of `candidates` with an attribute of that name, and that value where one is asked for. A value matches as it is
 * stored, without its last NUL, or in words as `decodeXattr` has them.
 */
export function searchXattrs(image: Image, name: Pattern, value: Pattern | undefined, candidates: Bitset): Bitset {
  const found = new Bitset(candidates.size);
  const { names, complete } = xattrIndex(image);
  for (const indexed of names) {
    if (!matches(name, indexed.name, 0, indexed.name.length)) continue;
    if (value === undefined) found.unite(indexed.rows);
    else addWithValue(found, image, indexed, value, candidates);
  }
  if (!complete) addFromImage(found, image, name, value, candidates);
  return found;
}

/** Each value is looked at once where many rows share few. */
function addWithValue(
  found: Bitset,
  image: Image,
  { name, rows, valueLengths, valueOffset }: IndexedXattr,
  value: Pattern,
  candidates: Bitset,
): void {
  const asked = new Bitset(candidates.size);
  asked.unite(rows);
  asked.intersect(candidates);
  if (valueOffset === undefined) {
    addFromImage(found, image, { kind: 'whole', bytes: name }, value, asked);
    return;
  }
  const wanted = new Set<number>();
  for (const [offset, length] of valueLengths) {
    if (matchesValue(value, name, image.table.bytes, offset, length)) wanted.add(offset);
  }
  if (wanted.size === valueLengths.size) found.unite(asked);
  if (wanted.size === 0 || wanted.size === valueLengths.size) return;
  for (let row = asked.next(0); row < asked.size; row = asked.next(row + 1)) {
    if (wanted.has(valueOffset[row] ?? 0)) found.add(row);
  }
}

function addFromImage(
  found: Bitset,
  image: Image,
  name: Pattern,
  value: Pattern | undefined,
  candidates: Bitset,
): void {
  const { bytes, flags } = image.table;
  let isFound = false;
  const visit = (attribute: Uint8Array, offset: number, length: number): void => {
    isFound ||=
      matches(name, attribute, 0, attribute.length) &&
      (value === undefined || matchesValue(value, attribute, bytes, offset, length));
  };
  for (let row = candidates.next(0); row < candidates.size; row = candidates.next(row + 1)) {
    if (((flags[row] ?? 0) & Flag.xattrs) === 0) continue;
    isFound = false;
    visitXattrs(image, row, visit);
    if (isFound) found.add(row);
  }
}

function matchesValue(value: Pattern, name: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  const stop = offset + length;
  if (matches(value, bytes, offset, stop)) return true;
  // SELinux labels and others end with a NUL that nobody types.
  if (length > 0 && bytes[stop - 1] === 0 && matches(value, bytes, offset, stop - 1)) return true;
  const words = bytesOfText(decodeXattr(displayBytes(name), bytes.subarray(offset, stop)) ?? '');
  return words.length > 0 && matches(value, words, 0, words.length);
}
