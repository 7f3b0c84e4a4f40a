import type { LinkPairs } from './link-pairs.ts';

/** Why a dirent is left. */
export const Left = {
  /** It is not the same on the other side, or not there. */
  unequal: 0,
  /** A directory that is the same by itself: left for what is below it. */
  above: 1,
  /** A name of several of an inode, which is the same by itself: left if the other names are not. */
  linked: 2,
} as const;
type Why = (typeof Left)[keyof typeof Left];

/** The dirents that are left of one image, in depth-first order. */
export class LeftDirents {
  /** Number of them; may be set to fewer, which takes the last ones away. */
  length = 0;
  #offsets = new Uint32Array(1 << 12);
  #nids = new Uint32Array(1 << 12);
  #depths = new Uint16Array(1 << 12);
  #whys = new Uint8Array(1 << 12);

  add(offset: number, nid: number, depth: number, why: Why): void {
    if (this.length === this.#offsets.length) this.#grow();
    this.#offsets[this.length] = offset;
    this.#nids[this.length] = nid;
    this.#depths[this.length] = depth;
    this.#whys[this.length++] = why;
  }

  /** Says of one that was added why it is left. */
  set(index: number, why: Why): void {
    this.#whys[index] = why;
  }

  /** Which are left in the end, 1 each. @param isApart whether the names of an inode are not the same on both sides */
  #marks(isApart: (nid: number) => boolean): Uint8Array {
    const marks = new Uint8Array(this.length);
    /** By depth: whether something is left below the directory that comes next, on the way back. */
    const below = new Uint8Array(0x1_0001);
    for (let index = this.length - 1; index >= 0; index -= 1) {
      const depth = this.#depths[index] ?? 0;
      const why = this.#whys[index];
      const isLeft =
        why === Left.unequal ||
        (why === Left.above && below[depth + 1] === 1) ||
        (why === Left.linked && isApart(this.#nids[index] ?? 0));
      below[depth + 1] = 0;
      if (!isLeft) continue;
      below[depth] = 1;
      marks[index] = 1;
    }
    return marks;
  }

  #nextAbove(from: number): number {
    const next = this.#whys.subarray(0, this.length).indexOf(Left.above, from);
    return next === -1 ? this.length : next;
  }

  #offsetsOf(marks: Uint8Array): Uint32Array {
    return this.#offsets.subarray(0, this.length).filter((_, index) => marks[index] === 1);
  }

  /**
   * Offsets of those that are left in the end, of both sides: a directory that is on both is left on both, though it be for
   * what is on one alone.
   */
  static offsets(
    a: LeftDirents,
    b: LeftDirents,
    links: LinkPairs,
  ): { readonly a: Uint32Array; readonly b: Uint32Array } {
    const marksA = a.#marks((nid) => links.isApartA(nid));
    const marksB = b.#marks((nid) => links.isApartB(nid));
    let [atA, atB] = [a.#nextAbove(0), b.#nextAbove(0)];
    while (atA < a.length && atB < b.length) {
      const isLeft = (marksA[atA] ?? 0) | (marksB[atB] ?? 0);
      marksA[atA] = isLeft;
      marksB[atB] = isLeft;
      [atA, atB] = [a.#nextAbove(atA + 1), b.#nextAbove(atB + 1)];
    }
    return { a: a.#offsetsOf(marksA), b: b.#offsetsOf(marksB) };
  }

  #grow(): void {
    const length = 2 * this.#offsets.length;
    this.#offsets = copied(new Uint32Array(length), this.#offsets);
    this.#nids = copied(new Uint32Array(length), this.#nids);
    this.#depths = copied(new Uint16Array(length), this.#depths);
    this.#whys = copied(new Uint8Array(length), this.#whys);
  }
}

function copied<T extends Uint8Array | Uint16Array | Uint32Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
