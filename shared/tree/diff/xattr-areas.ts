import { EqualXattrs } from '../../erofs/equal-xattrs.ts';
import { rawOf } from '../../erofs/raw.ts';
import type { Image, XattrArea } from '../image.ts';

const newArea = (): XattrArea => ({ inline: 0, stop: 0, shared: 0, sharedCount: 0, sharedBase: 0 });

/** Tells equal xattrs of two images by their bytes. Where it says no, they may still be equal. */
export class XattrAreas {
  readonly #a: Image;
  readonly #b: Image;
  readonly #areaA = newArea();
  readonly #areaB = newArea();
  readonly #equal: EqualXattrs;

  constructor(a: Image, b: Image) {
    this.#a = a;
    this.#b = b;
    this.#equal = new EqualXattrs(rawOf(a.table.bytes), rawOf(b.table.bytes));
  }

  areEqual(entryA: number, entryB: number): boolean {
    const [a, b] = [this.#areaA, this.#areaB];
    if (this.#a.xattrArea?.(entryA, a) !== true || this.#b.xattrArea?.(entryB, b) !== true) return false;
    return this.#equal.areEqual(a, b);
  }
}
