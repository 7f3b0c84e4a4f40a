import { ImageError } from '../../erofs/image-error.ts';

/** Offsets in the table are u32. */
const MAX_BYTES = 0xffff_ffff;

/** Bytes that columns point into: they only ever grow at the end. Offset 0 is nobody's, since it means “none”. */
export class BytePool {
  bytes: Uint8Array;
  length = 1;

  /** @param capacity bytes that there is room for at first; room that is not used costs no memory */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(Math.min(MAX_BYTES, Math.max(64, capacity)));
  }

  /** Makes room for so many more bytes. @throws ImageError `limit` */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    if (needed > MAX_BYTES) {
      throw new ImageError('limit', `names, contents and xattrs have at most ${MAX_BYTES} bytes together`);
    }
    const more = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, Math.ceil(this.bytes.length * 1.5))));
    more.set(this.bytes.subarray(0, this.length));
    this.bytes = more;
  }

  /** Appends a copy. @returns where it is */
  add(source: Uint8Array, from: number, to: number): number {
    this.reserve(to - from);
    const at = this.length;
    const { bytes } = this;
    if (to - from > 64) bytes.set(source.subarray(from, to), at);
    else for (let index = from, into = at; index < to; index += 1, into += 1) bytes[into] = source[index] ?? 0;
    this.length = at + to - from;
    return at;
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** Whether both stretches hold the same bytes. */
export function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

/** Negative, 0 or positive: order of names on disk. */
export function compareStretches(bytes: Uint8Array, a: number, aLength: number, b: number, bLength: number): number {
  const shorter = Math.min(aLength, bLength);
  for (let index = 0; index < shorter; index += 1) {
    const difference = (bytes[a + index] ?? 0) - (bytes[b + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** A number that differs where the bytes do, mostly (FNV-1a, mixed at its end). */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
  return (hash ^ (hash >>> 13)) >>> 0;
}
