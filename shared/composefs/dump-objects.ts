import type { Image } from '../tree/image.ts';
import { Flag, S_IFMT, S_IFREG } from '../tree/table.ts';
import { ByteWriter, sourceOf } from './dump-bytes.ts';
import type { ByteSink, ByteSource } from './dump-bytes.ts';
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
  const order = list.sorted();
  for (let index = 0; index < order.length; index++) {
    const payload = order[index] ?? 0;
    if (index % BATCH === 0) list.touch(order, index, index + BATCH);
    const source = list.sourceOf(payload);
    const from = list.offset[payload] ?? 0;
    const to = from + (list.length[payload] ?? 0);
    if (wanted && !wanted(source.bytes.subarray(from, to))) continue;
    writer.bytes(source, from, to);
    writer.byte(LF);
  }
  writer.flush();
}

/** Payloads that are brought near before they are copied. */
const BATCH = 64;
/** Bytes that one pass of the sort looks at. */
const KEY = 4;
/** Groups up to this size are sorted by comparing: cheaper than a pass. */
const SMALL = 12;

const NOWHERE = sourceOf(new Uint8Array(0));

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
  /** Of no use, but to keep the reads that make it. */
  touched = 0;
  readonly #count: number;
  readonly #sources: readonly ByteSource[];
  /** Number of the first payload of each image, and behind them all their number. */
  readonly #starts: readonly number[];

  constructor(images: readonly Image[], filter: readonly Uint8Array[] | undefined) {
    const most = images.reduce((sum, { table }) => sum + table.count, 0);
    this.offset = new Uint32Array(most);
    this.length = new Uint16Array(most);
    this.#sources = images.map(({ table }) => sourceOf(table.bytes));
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
  sourceOf(payload: number): ByteSource {
    let image = 0;
    while (payload >= (this.#starts[image + 1] ?? Number.POSITIVE_INFINITY)) image++;
    return this.#sources[image] ?? NOWHERE;
  }

  /**
   * Reads the first and the last byte of payloads that come soon. They lie anywhere in the image, and a loop that does
   * nothing else waits for a dozen of them at once, where copying waits for each: 0.3 s less for 1,000,000.
   */
  touch(order: Uint32Array, from: number, to: number): void {
    let sum = 0;
    for (let index = from; index < Math.min(to, order.length); index++) {
      const payload = order[index] ?? 0;
      const at = this.offset[payload] ?? 0;
      const { bytes } = this.sourceOf(payload);
      sum += (bytes[at] ?? 0) + (bytes[at + (this.length[payload] ?? 0) - 1] ?? 0);
    }
    this.touched = sum;
  }

  /** The number of one payload of each kind, in the byte order of what they stand for. */
  sorted(): Uint32Array {
    const sort = new PayloadSort(this, this.#count);
    return sort.run();
  }

  /** Order by bytes, of what is behind the first `from` bytes. */
  compare(a: number, b: number, from: number): number {
    const bytesA = this.sourceOf(a).bytes;
    const bytesB = this.sourceOf(b).bytes;
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

  /** Four bytes from `depth` on as one number, zeros behind the payload's end. */
  key(payload: number, depth: number): number {
    const { bytes, view } = this.sourceOf(payload);
    const at = (this.offset[payload] ?? 0) + depth;
    const left = (this.length[payload] ?? 0) - depth;
    if (left >= KEY) return view.getUint32(at);
    let key = 0;
    for (let index = 0; index < left; index++) key |= (bytes[at + index] ?? 0) << (24 - 8 * index);
    return key >>> 0;
  }
}

/**
 * Sorts payloads. Four bytes at a time are put in front of the payload's number, so that the engine's own sort of 64-bit
 * integers does the work; a comparing function takes five times as long.
 */
class PayloadSort {
  readonly #list: PayloadList;
  /** Number and key of each element: together a little-endian u64. */
  readonly #pairs: Uint32Array;
  /** 1 where an element, once all are sorted, equals the one in front of it. */
  readonly #repeats: Uint8Array;
  /** Second keys, read along with the first ones, while payloads come in the order in which they lie in the image. */
  readonly #ahead: Uint32Array;
  /** Still to be sorted. */
  readonly #groups: Group[];

  constructor(list: PayloadList, count: number) {
    this.#list = list;
    this.#pairs = new Uint32Array(2 * count);
    this.#repeats = new Uint8Array(count);
    this.#ahead = new Uint32Array(count);
    this.#groups = [{ from: 0, to: count, depth: 0 }];
    for (let index = 0; index < count; index++) this.#pairs[2 * index] = index;
  }

  run(): Uint32Array {
    for (let group = this.#groups.pop(); group !== undefined; group = this.#groups.pop()) this.#sortGroup(group);
    const order = new Uint32Array(this.#repeats.length);
    let length = 0;
    for (let index = 0; index < order.length; index++) {
      if (this.#repeats[index] === 0) order[length++] = this.#pairs[2 * index] ?? 0;
    }
    return order.subarray(0, length);
  }

  /** Sorts a group by its next bytes, and puts what is still equal then on the pile. */
  #sortGroup({ from, to, depth }: Group): void {
    if (to - from <= SMALL) {
      this.#insertionSort(from, to, depth);
      return;
    }
    const pairs = this.#pairs;
    let first = 0;
    let isSorted = true;
    let longest = 0;
    for (let index = from; index < to; index++) {
      const payload = pairs[2 * index] ?? 0;
      const key = depth === KEY ? (this.#ahead[payload] ?? 0) : this.#list.key(payload, depth);
      if (depth === 0) this.#ahead[payload] = this.#list.key(payload, KEY);
      pairs[2 * index + 1] = key;
      if (index === from) first = key;
      else if (key !== first) isSorted = false;
      longest = Math.max(longest, this.#list.length[payload] ?? 0);
    }
    if (isSorted) {
      // a NUL looks as the end does, so that what is equal to the end may still differ in length
      if (longest <= depth + KEY) this.#sortByLength(from, to);
      else this.#groups.push({ from, to, depth: depth + KEY });
      return;
    }
    new BigUint64Array(pairs.buffer, 8 * from, to - from).sort();
    let start = from;
    for (let index = from + 1; index <= to; index++) {
      if (index < to && pairs[2 * index + 1] === pairs[2 * start + 1]) continue;
      if (index - start > 1) this.#groups.push({ from: start, to: index, depth: depth + KEY });
      start = index;
    }
  }

  #insertionSort(from: number, to: number, depth: number): void {
    const pairs = this.#pairs;
    for (let index = from + 1; index < to; index++) {
      const payload = pairs[2 * index] ?? 0;
      let hole = index;
      for (; hole > from; hole--) {
        const before = pairs[2 * hole - 2] ?? 0;
        if (this.#list.compare(before, payload, depth) <= 0) break;
        pairs[2 * hole] = before;
      }
      pairs[2 * hole] = payload;
    }
    for (let index = from + 1; index < to; index++) {
      const order = this.#list.compare(pairs[2 * index - 2] ?? 0, pairs[2 * index] ?? 0, depth);
      this.#repeats[index] = order === 0 ? 1 : 0;
    }
  }

  #sortByLength(from: number, to: number): void {
    const lengthOf = (payload: number): number => this.#list.length[payload] ?? 0;
    const payloads = Uint32Array.from({ length: to - from }, (_, index) => this.#pairs[2 * (from + index)] ?? 0);
    payloads.sort((a, b) => lengthOf(a) - lengthOf(b));
    let before = -1;
    for (const [index, payload] of payloads.entries()) {
      this.#pairs[2 * (from + index)] = payload;
      this.#repeats[from + index] = lengthOf(payload) === before ? 1 : 0;
      before = lengthOf(payload);
    }
  }
}
