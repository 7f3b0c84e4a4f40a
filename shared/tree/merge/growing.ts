/** A list of numbers from 0 to 2^32 - 1, four bytes each. */
export class Growing {
  #numbers: Uint32Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#numbers = new Uint32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(Math.ceil(this.#length * 1.5) + 16);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
  }

  /** @param index below `length` */
  set(index: number, number: number): void {
    this.#numbers[index] = number;
  }

  /** 0 where there is none. */
  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  /** All of them; valid until the next `push`. */
  get view(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}
