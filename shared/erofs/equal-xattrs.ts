import type { XattrArea } from '../tree/image.ts';
import { equalWords, type Raw } from './raw.ts';

/** Pairs of shared entries that are remembered: most inodes have one of a few. */
const MAX_PAIRS = 1 << 16;

/**
 * Tells equal xattrs of two EROFS images by their bytes, without reading one of them: what lies in the inode is compared
 * word by word, what is shared by the entries that the ids lead to. Where it says no, they may still be equal, in another
 * order or place.
 */
export class EqualXattrs {
  readonly #a: Raw;
  readonly #b: Raw;
  /** By the offset in A of a shared entry: the offset in B of one that is equal. */
  readonly #equal = new Map<number, number>();
  #lastA = -1;
  #lastB = -1;
  /** Bytes of shared entries that are still looked at: images are untrusted, and entries of theirs may overlap. */
  #left: number;

  /** @param a the whole image, as `b` */
  constructor(a: Raw, b: Raw) {
    this.#a = a;
    this.#b = b;
    this.#left = 4 * (a.view.byteLength + b.view.byteLength);
  }

  /** Whether two areas say the same. That each lies in its image, the caller has checked. */
  areEqual(a: XattrArea, b: XattrArea): boolean {
    if (a.sharedCount !== b.sharedCount || a.stop - a.inline !== b.stop - b.inline) return false;
    for (let index = 0; index < 4 * a.sharedCount; index += 4) {
      const atA = a.sharedBase + 4 * this.#a.view.getUint32(a.shared + index, true);
      const atB = b.sharedBase + 4 * this.#b.view.getUint32(b.shared + index, true);
      if (!this.#sharedEqual(atA, atB)) return false;
    }
    return equalWords(this.#a.words, a.inline, this.#b.words, b.inline, a.stop - a.inline);
  }

  #sharedEqual(atA: number, atB: number): boolean {
    if (atA === this.#lastA && atB === this.#lastB) return true;
    if (this.#equal.get(atA) !== atB) {
      const [viewA, viewB] = [this.#a.view, this.#b.view];
      if (atA + 4 > viewA.byteLength || atB + 4 > viewB.byteLength) return false;
      const head = viewA.getUint32(atA, true);
      if (head !== viewB.getUint32(atB, true)) return false;
      // e_name_len, e_name_index, e_value_size; padded to words
      const length = (4 + (head & 0xff) + (head >>> 16) + 3) & ~3;
      this.#left -= length;
      if (this.#left < 0 || !equalWords(this.#a.words, atA, this.#b.words, atB, length)) return false;
      if (this.#equal.size < MAX_PAIRS) this.#equal.set(atA, atB);
    }
    this.#lastA = atA;
    this.#lastB = atB;
    return true;
  }
}
