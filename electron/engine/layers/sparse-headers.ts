import { readPax } from './pax-records.ts';
import { BLOCK, headerNumber, isZero, padded, TYPE_AT, TYPE_PAX, TYPES_LONG, TYPE_PAX_GLOBAL } from './tar-header.ts';

/** GNU's old sparse files have a type of their own. */
const TYPE_SPARSE = 0x53; // S
const TYPE_DIRECTORY = 0x35; // 5
const SIZE_AT = 124;
const CHECKSUM_AT = 148;
const MAGIC_AT = 257;
const GNU_MAGIC = 'ustar  ';
/** Whether blocks with more of the map follow: in the header, and in each of those. */
const MORE_AT = 482;
const MORE_IN_MAP_AT = 504;
/** 344,000 pieces of a file. */
const MAX_MAP = 8 * 2 ** 20;
const MAX_PAX = 2 ** 20;

const isMarked = (block: Uint8Array, at: number): boolean => (block[at] ?? 0) !== 0;

/**
 * GNU's old format for sparse files goes on with its map behind the header, in blocks that the header's size does not count
 * (GNU tar, “Storing Sparse Files”). tar-stream does not know of them and would take them for content, and what lies behind
 * for headers. So such a header gets a size that counts them, before the library sees it; all else goes by as it is.
 */
export class SparseHeaders {
  /** Of headers that were changed and that the library has not come to. */
  readonly #changed: { readonly at: number; readonly blocks: number }[] = [];
  #at = 0;
  /** Bytes of content until the next header. */
  #skip = 0;
  /** Of the pax header before the next one. */
  #paxSize: number | undefined;
  /** What cannot be followed the library will refuse, or it has no sparse files. */
  #isLost = false;

  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    let left: Uint8Array = new Uint8Array(0);
    for await (const chunk of bytes) {
      const all = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
      const { done, bytes: seen } = this.#follow(all);
      if (done > 0) yield seen.subarray(0, done);
      left = seen.subarray(done);
      this.#at += done;
    }
    if (left.length > 0) yield left;
  }

  /**
   * Blocks of map in front of the content of an entry, as they are asked for in the order of the entries.
   * @param headerAt where the entry's header starts; undefined: there are no more entries
   * @throws RangeError where what was changed was no header
   */
  blocksOf(headerAt: number | undefined): number {
    const [next] = this.#changed;
    if (next === undefined || (headerAt !== undefined && next.at > headerAt)) return 0;
    if (next.at !== headerAt) throw new RangeError('headers that contradict each other');
    this.#changed.shift();
    return next.blocks;
  }

  /** How many of the bytes are done with; the bytes are others where a header among them was changed. */
  #follow(bytes: Uint8Array): { readonly done: number; readonly bytes: Uint8Array } {
    let all = bytes;
    let at = 0;
    while (at < all.length && !this.#isLost) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, all.length - at);
        at += step;
        this.#skip -= step;
        continue;
      }
      const header = all.subarray(at, at + BLOCK);
      if (header.length < BLOCK) return { done: at, bytes: all };
      if (isZero(header)) {
        at += BLOCK;
        continue;
      }
      const type = header[TYPE_AT] ?? 0;
      const size = headerNumber(header.subarray(SIZE_AT, SIZE_AT + 12));
      if (!Number.isSafeInteger(size) || size < 0) {
        this.#isLost = true;
      } else if (type === TYPE_PAX) {
        if (size > MAX_PAX) this.#isLost = true;
        else if (all.length < at + BLOCK + size) return { done: at, bytes: all };
        else {
          this.#takePax(all.subarray(at + BLOCK, at + BLOCK + size));
          at += BLOCK;
          this.#skip = padded(size);
        }
      } else if (type === TYPE_PAX_GLOBAL || TYPES_LONG.has(type)) {
        at += BLOCK;
        this.#skip = padded(size);
      } else if (type === TYPE_SPARSE && isGnu(header) && isMarked(header, MORE_AT)) {
        const blocks = countMap(all, at);
        if (blocks === undefined) return { done: at, bytes: all };
        all = Buffer.from(all); // it is not ours to change
        setSize(all.subarray(at, at + BLOCK), size + blocks * BLOCK);
        this.#changed.push({ at: this.#at + at, blocks });
        at += BLOCK;
        this.#skip = padded(size) + blocks * BLOCK;
        this.#paxSize = undefined;
      } else {
        at += BLOCK;
        this.#skip = type === TYPE_DIRECTORY ? 0 : padded(this.#paxSize ?? size);
        this.#paxSize = undefined;
      }
    }
    return { done: all.length, bytes: all };
  }

  #takePax(bytes: Uint8Array): void {
    try {
      const size = readPax(bytes).get('size');
      if (size !== undefined && size !== '') this.#paxSize = Number(size);
      if (this.#paxSize !== undefined && !Number.isSafeInteger(this.#paxSize)) this.#isLost = true;
    } catch {
      this.#isLost = true; // who reads the entry says what is wrong with it
    }
  }
}

const isGnu = (header: Uint8Array): boolean =>
  Buffer.from(header.subarray(MAGIC_AT, MAGIC_AT + GNU_MAGIC.length)).toString('latin1') === GNU_MAGIC;

/** @returns undefined: they are not all there yet @throws RangeError */
function countMap(bytes: Uint8Array, headerAt: number): number | undefined {
  for (let blocks = 1; ; blocks += 1) {
    if (blocks * BLOCK > MAX_MAP) throw new RangeError(`a sparse file with a map of more than ${MAX_MAP} bytes`);
    const at = headerAt + blocks * BLOCK;
    if (bytes.length < at + BLOCK) return undefined;
    if (!isMarked(bytes.subarray(at, at + BLOCK), MORE_IN_MAP_AT)) return blocks;
  }
}

/** Gives a header another size; its checksum, where it was wrong, stays wrong. */
function setSize(header: Uint8Array, size: number): void {
  const field = header.subarray(SIZE_AT, SIZE_AT + 12);
  const sum = (): number => field.reduce((all, byte) => all + byte, 0);
  const before = sum();
  field.fill(0);
  if (size < 8 ** 11) Buffer.from(size.toString(8).padStart(11, '0')).copy(field);
  else {
    Buffer.from(size.toString(16).padStart(22, '0'), 'hex').copy(field, 1);
    field[0] = 0x80;
  }
  const checksum = headerNumber(header.subarray(CHECKSUM_AT, CHECKSUM_AT + 8)) - before + sum();
  Buffer.from(`${Math.max(0, checksum).toString(8).padStart(6, '0')}\0 `).copy(header, CHECKSUM_AT);
}
