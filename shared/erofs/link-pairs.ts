/**
 * Which inodes with several names stand beside which on the other side. Where each name of the one is a name of the other,
 * the group is the same on both sides, whatever its number is.
 */
export class LinkPairs {
  readonly #ofA = new Map<number, number>();
  readonly #ofB = new Map<number, number>();
  readonly #apartA = new Set<number>();
  readonly #apartB = new Set<number>();

  /** Whether two were met before, as one pair. */
  has(nidA: number, nidB: number): boolean {
    return this.#ofA.get(nidA) === nidB && this.#ofB.get(nidB) === nidA;
  }

  /** Two inodes that are equal have the same name. */
  join(nidA: number, nidB: number): void {
    const [otherB, otherA] = [this.#ofA.get(nidA), this.#ofB.get(nidB)];
    if (otherB === nidB && otherA === nidA) return;
    if (otherB === undefined && otherA === undefined) {
      this.#ofA.set(nidA, nidB);
      this.#ofB.set(nidB, nidA);
      return;
    }
    this.setApart(nidA, nidB);
    this.setApart(otherA ?? -1, otherB ?? -1);
  }

  /** These have a name that does not go together. @param nidA -1: none */
  setApart(nidA: number, nidB: number): void {
    if (nidA >= 0) this.#apartA.add(nidA);
    if (nidB >= 0) this.#apartB.add(nidB);
  }

  isApartA(nid: number): boolean {
    return this.#apartA.has(nid) || this.#apartB.has(this.#ofA.get(nid) ?? -1);
  }

  isApartB(nid: number): boolean {
    return this.#apartB.has(nid) || this.#apartA.has(this.#ofB.get(nid) ?? -1);
  }
}
