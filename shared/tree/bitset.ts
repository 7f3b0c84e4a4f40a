/** A set of rows, one bit each: 125 kB for 1,000,000 entries. */
export class Bitset {
  /** Rows are in it from 0 up to, without, this. */
  readonly size: number;
  /** Bit `row & 31` of word `row >>> 5`; bits from `size` on are 0. */
  readonly words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  /** All rows from 0 up to `size`. */
  static full(size: number): Bitset {
    const all = new Bitset(size);
    all.addRange(0, size);
    return all;
  }

  clone(): Bitset {
    const copy = new Bitset(this.size);
    copy.words.set(this.words);
    return copy;
  }

  has(row: number): boolean {
    return (((this.words[row >>> 5] ?? 0) >>> (row & 31)) & 1) !== 0;
  }

  add(row: number): void {
    const word = row >>> 5;
    this.words[word] = (this.words[word] ?? 0) | (1 << (row & 31));
  }

  delete(row: number): void {
    const word = row >>> 5;
    this.words[word] = (this.words[word] ?? 0) & ~(1 << (row & 31));
  }

  /** Adds the rows from `from` up to, without, `to`. */
  addRange(from: number, to: number): void {
    for (let row = from; row < to;) {
      if ((row & 31) === 0 && to - row >= 32) {
        this.words[row >>> 5] = 0xffff_ffff;
        row += 32;
      } else this.add(row++);
    }
  }

  /** Removes the rows from `from` up to, without, `to`. */
  deleteRange(from: number, to: number): void {
    for (let row = from; row < to;) {
      if ((row & 31) === 0 && to - row >= 32) {
        this.words[row >>> 5] = 0;
        row += 32;
      } else this.delete(row++);
    }
  }

  /** Keeps only what is in `other` too. */
  intersect(other: Bitset): void {
    for (let i = 0; i < this.words.length; i += 1) this.words[i] = (this.words[i] ?? 0) & (other.words[i] ?? 0);
  }

  /** Adds what is in `other`. */
  unite(other: Bitset): void {
    for (let i = 0; i < this.words.length; i += 1) this.words[i] = (this.words[i] ?? 0) | (other.words[i] ?? 0);
  }

  /** Removes what is in `other`. */
  subtract(other: Bitset): void {
    for (let i = 0; i < this.words.length; i += 1) this.words[i] = (this.words[i] ?? 0) & ~(other.words[i] ?? 0);
  }

  count(): number {
    let total = 0;
    for (const word of this.words) {
      let bits = word - ((word >>> 1) & 0x5555_5555);
      bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
      total += Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
    }
    return total;
  }

  /** The first row of the set from `row` on; `size` where there is none. */
  next(row: number): number {
    if (row >= this.size) return this.size;
    let index = row >>> 5;
    let word = ((this.words[index] ?? 0) >>> (row & 31)) << (row & 31);
    while (word === 0) {
      index += 1;
      if (index >= this.words.length) return this.size;
      word = this.words[index] ?? 0;
    }
    return index * 32 + (31 - Math.clz32(word & -word));
  }

  equals(other: Bitset): boolean {
    return this.size === other.size && this.words.every((word, i) => word === other.words[i]);
  }
}
