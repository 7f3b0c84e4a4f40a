/** Numbers 0, 1, 2… found again by what they stand for: whoever asks hashes, and compares. */
export class HashTable {
  /** Number plus 1; 0: free. At most half of the slots are taken. */
  #slots = new Uint32Array(1 << 12);
  #hashes = new Uint32Array(1 << 11);
  #count = 0;

  /** The number with this hash for which `isSame` says yes; -1: there is none. */
  find(hash: number, isSame: (number: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0) return -1;
      if (this.#hashes[number] === hash && isSame(number)) return number;
    }
  }

  /** Adds the next number. Numbers are given in order: this one is as many as were added before. */
  add(hash: number): number {
    const number = this.#count++;
    if (number === this.#hashes.length) this.#grow();
    this.#hashes[number] = hash;
    this.#place(number, hash);
    return number;
  }

  #place(number: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const hashes = new Uint32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    this.#slots = new Uint32Array(2 * hashes.length);
    for (let number = 0; number < this.#hashes.length; number += 1) this.#place(number, hashes[number] ?? 0);
    this.#hashes = hashes;
  }
}
