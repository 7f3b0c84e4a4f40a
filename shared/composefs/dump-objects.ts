import type { Image } from '../tree/image.ts';
import { Flag, S_IFMT, S_IFREG } from '../tree/table.ts';
import { ByteWriter } from './dump-bytes.ts';
import type { ByteSink } from './dump-bytes.ts';
import { rangesOf } from './dump-rows.ts';

export interface ObjectsOptions {
  /** Only below these entries of the root, by name; undefined: all. */
  readonly filter?: readonly Uint8Array[] | undefined;
  /** Whether an object is to be listed, by its path below the store: a view, valid during the call. Asked once each. */
  readonly wanted?: ((payload: Uint8Array) => boolean) | undefined;
}

const LF = 0x0a;

/**
 * Writes what `composefs-info objects` prints: the path of each object that regular files of the images refer to, once
 * each, raw bytes in byte order, an LF behind each. With `wanted`, those that it wants: `missing-objects`.
 *
 * Paths are as the image has them, without the two bytes that 1.0.8 puts behind some (dump-format.md, bug B1).
 */
export function writeObjects(images: readonly Image[], sink: ByteSink, options: ObjectsOptions = {}): void {
  const { filter, wanted } = options;
  const list = new PayloadList(images, filter);
  const writer = new ByteWriter(sink);
  let previous = -1;
  for (const payload of list.sorted()) {
    if (previous !== -1 && list.compare(previous, payload, 0) === 0) continue;
    previous = payload;
    const bytes = list.bytesOf(payload);
    const from = list.offset[payload] ?? 0;
    const to = from + (list.length[payload] ?? 0);
    if (wanted && !wanted(bytes.subarray(from, to))) continue;
    writer.bytes(bytes, from, to);
    writer.byte(LF);
  }
  writer.flush();
}

/** Bytes that one pass of the sort looks at. */
const KEY = 4;
/** Groups up to this size are sorted by comparing: cheaper than a pass. */
const SMALL = 12;

/** A group of elements that are equal in all bytes before `depth`. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** The payloads of several images, numbered in the order of the images and their trees. Nothing is copied. */
class PayloadList {
  readonly offset: Uint32Array;
  readonly length: Uint16Array;
  readonly #count: number;
  readonly #sources: readonly Uint8Array[];
  /** Number of the first payload of each image, and behind them all their number. */
  readonly #starts: readonly number[];

  constructor(images: readonly Image[], filter: readonly Uint8Array[] | undefined) {
    const most = images.reduce((sum, { table }) => sum + table.count, 0);
    this.offset = new Uint32Array(most);
    this.length = new Uint16Array(most);
    this.#sources = images.map(({ table }) => table.bytes);
    const starts = [0];
    let count = 0;
    for (const image of images) {
      const { flags, mode, redirectOffset, redirectLength } = image.table;
      // a whiteout that has a redirect is no file any more, see dump-text.ts
      const hidden = image.kind === 'composefs' ? Flag.escapedWhiteout : 0;
      for (const { from, to } of rangesOf(image.table, filter)) {
        for (let entry = from; entry < to; entry++) {
          const redirect = redirectOffset[entry] ?? 0;
          if (redirect === 0 || ((mode[entry] ?? 0) & S_IFMT) !== S_IFREG || ((flags[entry] ?? 0) & hidden) !== 0) {
            continue;
          }
          this.offset[count] = redirect;
          this.length[count++] = redirectLength[entry] ?? 0;
        }
      }
      starts.push(count);
    }
    this.#starts = starts;
    this.#count = count;
  }

  /** What the payload's offset points into. */
  bytesOf(payload: number): Uint8Array {
    let image = 0;
    while (payload >= (this.#starts[image + 1] ?? 0)) image++;
    return this.#sources[image] ?? new Uint8Array(0);
  }

  /** Order by bytes, of what is behind the first `from` bytes. */
  compare(a: number, b: number, from: number): number {
    const bytesA = this.bytesOf(a);
    const bytesB = this.bytesOf(b);
    const offsetA = this.offset[a] ?? 0;
    const offsetB = this.offset[b] ?? 0;
    const lengthA = this.length[a] ?? 0;
    const lengthB = this.length[b] ?? 0;
    const shorter = Math.min(lengthA, lengthB);
    for (let index = from; index < shorter; index++) {
      const difference = (bytesA[offsetA + index] ?? 0) - (bytesB[offsetB + index] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /**
   * The numbers of all payloads, in the byte order of what they stand for. Four bytes at a time are put in front of the
   * number, so that the engine's own sort of 64-bit integers does the work; a comparing function takes five times as long.
   */
  sorted(): Uint32Array {
    const pairs = new Uint32Array(2 * this.#count); // number and key: together a little-endian u64
    for (let index = 0; index < this.#count; index++) pairs[2 * index] = index;
    const groups: Group[] = [{ from: 0, to: this.#count, depth: 0 }];
    for (let group = groups.pop(); group !== undefined; group = groups.pop()) this.#sortGroup(pairs, group, groups);
    const order = new Uint32Array(this.#count);
    for (let index = 0; index < order.length; index++) order[index] = pairs[2 * index] ?? 0;
    return order;
  }

  /** Sorts a group by its next bytes, and puts what is still equal then on the pile. */
  #sortGroup(pairs: Uint32Array, { from, to, depth }: Group, groups: Group[]): void {
    if (to - from <= SMALL) {
      this.#insertionSort(pairs, from, to, depth);
      return;
    }
    let first = 0;
    let isSorted = true;
    let longest = 0;
    for (let index = from; index < to; index++) {
      const payload = pairs[2 * index] ?? 0;
      const key = this.#key(payload, depth);
      pairs[2 * index + 1] = key;
      if (index === from) first = key;
      else if (key !== first) isSorted = false;
      longest = Math.max(longest, this.length[payload] ?? 0);
    }
    if (isSorted) {
      // a NUL looks as the end does, so that what is equal to the end may still differ in length
      if (longest <= depth + KEY) this.#sortByLength(pairs, from, to);
      else groups.push({ from, to, depth: depth + KEY });
      return;
    }
    new BigUint64Array(pairs.buffer, 8 * from, to - from).sort();
    let start = from;
    for (let index = from + 1; index <= to; index++) {
      if (index < to && pairs[2 * index + 1] === pairs[2 * start + 1]) continue;
      if (index - start > 1) groups.push({ from: start, to: index, depth: depth + KEY });
      start = index;
    }
  }

  /** Four bytes from `depth` on as one number, zeros behind the payload's end. */
  #key(payload: number, depth: number): number {
    const bytes = this.bytesOf(payload);
    const at = (this.offset[payload] ?? 0) + depth;
    const left = (this.length[payload] ?? 0) - depth;
    let key = 0;
    for (let index = 0; index < KEY; index++) key = (key << 8) | (index < left ? (bytes[at + index] ?? 0) : 0);
    return key >>> 0;
  }

  #insertionSort(pairs: Uint32Array, from: number, to: number, depth: number): void {
    for (let index = from + 1; index < to; index++) {
      const payload = pairs[2 * index] ?? 0;
      let hole = index;
      for (; hole > from; hole--) {
        const before = pairs[2 * hole - 2] ?? 0;
        if (this.compare(before, payload, depth) <= 0) break;
        pairs[2 * hole] = before;
      }
      pairs[2 * hole] = payload;
    }
  }

  #sortByLength(pairs: Uint32Array, from: number, to: number): void {
    const payloads = Uint32Array.from({ length: to - from }, (_, index) => pairs[2 * (from + index)] ?? 0);
    payloads.sort((a, b) => (this.length[a] ?? 0) - (this.length[b] ?? 0));
    payloads.forEach((payload, index) => (pairs[2 * (from + index)] = payload));
  }
}
