import { ImageError } from '../erofs/image-error.ts';
import { Bitset } from './bitset.ts';
import type { Image } from './image.ts';
import { Flag } from './table.ts';
import { displayBytes } from './text.ts';

/** Names that are indexed; an honest image has a handful. */
const MAX_NAMES = 64;
/** Names whose values are indexed too, at 4 bytes an entry each. */
const MAX_VALUE_NAMES = 8;
/** Values that a name can have for them to be indexed: labels are few, digests are not. */
const MAX_VALUES = 4096;

export interface IndexedXattr {
  readonly name: Uint8Array;
  /** Rows that have it. */
  readonly rows: Bitset;
  /** Where the value lies in the image's bytes, by row; undefined where there are too many values to be worth it. */
  readonly valueOffset: Uint32Array | undefined;
  /** Lengths of the values, by offset. */
  readonly valueLengths: ReadonlyMap<number, number>;
}

/** Which entries have which extended attributes. */
export interface XattrIndex {
  readonly names: readonly IndexedXattr[];
  /** All names are there; else only the first 64, and the rest is to be looked for in the image. */
  readonly complete: boolean;
}

const cache = new WeakMap<Image, XattrIndex>();

/**
 * The attributes of an image, read once: about 0.4 s for 1,000,000 entries with three each, which each further `xattr:`
 * filter is then spared. What cannot be read is left out; it is among the image's problems.
 */
export function xattrIndex(image: Image): XattrIndex {
  const known = cache.get(image);
  if (known !== undefined) return known;
  const builder = new Builder(image);
  const { count, flags } = image.table;
  for (let row = 0; row < count; row += 1) if (((flags[row] ?? 0) & Flag.xattrs) !== 0) builder.read(row);
  const index = { names: builder.names, complete: builder.complete };
  cache.set(image, index);
  return index;
}

/** Visits the attributes of an entry, as far as they can be read. */
export function visitXattrs(
  image: Image,
  row: number,
  visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void,
): void {
  try {
    if (image.eachXattr !== undefined) {
      image.eachXattr(row, visit);
      return;
    }
    const { byteOffset } = image.table.bytes;
    for (const { name, value } of image.xattrs(row)) visit(name, value.byteOffset - byteOffset, value.length);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
}

class Entry implements IndexedXattr {
  readonly name: Uint8Array;
  readonly rows: Bitset;
  valueOffset: Uint32Array | undefined;
  readonly valueLengths = new Map<number, number>();

  constructor(name: Uint8Array, count: number, hasValues: boolean) {
    this.name = name.slice();
    this.rows = new Bitset(count);
    this.valueOffset = hasValues ? new Uint32Array(count) : undefined;
  }

  add(row: number, offset: number, length: number): void {
    // A name that an inode has twice, as only a broken image can, has no one value there.
    if (this.rows.has(row)) this.forgetValues();
    this.rows.add(row);
    if (this.valueOffset === undefined) return;
    this.valueOffset[row] = offset;
    if (this.valueLengths.get(offset) !== undefined) return;
    this.valueLengths.set(offset, length);
    if (this.valueLengths.size > MAX_VALUES) this.forgetValues();
  }

  forgetValues(): void {
    this.valueOffset = undefined;
    this.valueLengths.clear();
  }
}

class Builder {
  readonly names: Entry[] = [];
  complete = true;
  readonly #image: Image;
  /** The image gives the same array for a name again and again; a few that it does not are looked up by their text. */
  readonly #byArray = new Map<Uint8Array, Entry | undefined>();
  readonly #byText = new Map<string, Entry>();
  #row = 0;

  constructor(image: Image) {
    this.#image = image;
  }

  read(row: number): void {
    this.#row = row;
    visitXattrs(this.#image, row, this.#visit);
  }

  readonly #visit = (name: Uint8Array, offset: number, length: number): void => {
    let entry = this.#byArray.get(name);
    if (entry === undefined) {
      entry = this.#entryOf(name);
      if (this.#byArray.size >= 256) this.#byArray.clear();
      this.#byArray.set(name, entry);
    }
    if (entry === undefined) this.complete = false;
    else entry.add(this.#row, offset, length);
  };

  #entryOf(name: Uint8Array): Entry | undefined {
    const text = displayBytes(name);
    const known = this.#byText.get(text);
    if (known !== undefined || this.names.length >= MAX_NAMES) return known;
    const withValues = this.names.filter(({ valueOffset }) => valueOffset !== undefined).length;
    const entry = new Entry(name, this.#image.table.count, withValues < MAX_VALUE_NAMES);
    this.names.push(entry);
    this.#byText.set(text, entry);
    return entry;
  }
}
