import type { Image, XattrArea } from '../image.ts';

/** Pairs of shared entries that are remembered: most inodes have one of a few. */
const MAX_PAIRS = 1 << 16;

const newArea = (): XattrArea => ({ inline: 0, stop: 0, shared: 0, sharedCount: 0, sharedBase: 0 });

const viewOf = ({ table: { bytes } }: Image): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Tells equal xattrs of two EROFS images by their bytes, without reading one of them: what lies in the inode is compared
 * word by word, what is shared by the entries that the ids lead to. Where it says no, they may still be equal, in another
 * order or place.
 */
export class XattrAreas {
  readonly #a: Image;
  readonly #b: Image;
  readonly #viewA: DataView;
  readonly #viewB: DataView;
  readonly #areaA = newArea();
  readonly #areaB = newArea();
  /** By the offset in A of a shared entry: the offset in B of one that is equal. */
  readonly #equal = new Map<number, number>();
  #lastA = -1;
  #lastB = -1;

  constructor(a: Image, b: Image) {
    this.#a = a;
    this.#b = b;
    this.#viewA = viewOf(a);
    this.#viewB = viewOf(b);
  }

  areEqual(entryA: number, entryB: number): boolean {
    const [a, b] = [this.#areaA, this.#areaB];
    if (this.#a.xattrArea?.(entryA, a) !== true || this.#b.xattrArea?.(entryB, b) !== true) return false;
    if (a.sharedCount !== b.sharedCount || a.stop - a.inline !== b.stop - b.inline) return false;
    for (let index = 0; index < a.sharedCount; index += 1) {
      const atA = a.sharedBase + 4 * this.#viewA.getUint32(a.shared + 4 * index, true);
      const atB = b.sharedBase + 4 * this.#viewB.getUint32(b.shared + 4 * index, true);
      if (!this.#sharedEqual(atA, atB)) return false;
    }
    return this.#rangeEqual(a.inline, b.inline, a.stop - a.inline);
  }

  #sharedEqual(atA: number, atB: number): boolean {
    if (atA === this.#lastA && atB === this.#lastB) return true;
    if (this.#equal.get(atA) !== atB) {
      if (atA + 4 > this.#viewA.byteLength || atB + 4 > this.#viewB.byteLength) return false;
      const head = this.#viewA.getUint32(atA, true);
      if (head !== this.#viewB.getUint32(atB, true)) return false;
      const length = 4 + (head & 0xff) + (head >>> 16);
      if (!this.#rangeEqual(atA, atB, length)) return false;
      if (this.#equal.size < MAX_PAIRS) this.#equal.set(atA, atB);
    }
    this.#lastA = atA;
    this.#lastB = atB;
    return true;
  }

  #rangeEqual(atA: number, atB: number, length: number): boolean {
    const [viewA, viewB] = [this.#viewA, this.#viewB];
    if (atA + length > viewA.byteLength || atB + length > viewB.byteLength) return false;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (viewA.getInt32(atA + at, true) !== viewB.getInt32(atB + at, true)) return false;
    }
    for (; at < length; at += 1) if (viewA.getUint8(atA + at) !== viewB.getUint8(atB + at)) return false;
    return true;
  }
}
