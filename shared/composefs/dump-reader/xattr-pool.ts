import { hashBytes, sameBytes, type BytePool } from './byte-pool.ts';
import { HashTable } from '../hash-table.ts';

/** The xattrs of a dump: equal ones are kept once, and names are arrays that come again and again. */
export class XattrPool {
  readonly #pool: BytePool;
  readonly #names: Uint8Array[] = [];
  readonly #nameNumbers = new HashTable();
  readonly #pairs = new HashTable();
  #pairName = new Uint32Array(1 << 8);
  #pairValue = new Uint32Array(1 << 8);
  #pairLength = new Uint16Array(1 << 8);
  /** Numbers of pairs, those of a list behind each other. */
  #list = new Uint32Array(1 << 10);
  #length = 0;

  constructor(pool: BytePool) {
    this.#pool = pool;
  }

  /** Where the next list begins. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends to the list a pair whose name and value are the last bytes of the pool; where both are known, the pool is
   * cut back.
   *
   * @returns whether the list from `start` on has the name for the first time
   */
  add(nameAt: number, nameLength: number, valueLength: number, start: number): boolean {
    const { bytes } = this.#pool;
    const valueAt = nameAt + nameLength;
    const name = this.#nameOf(bytes, nameAt, nameLength);
    const hash = hashBytes(bytes, valueAt, valueAt + valueLength, name);
    const known = this.#pairs.find(
      hash,
      (pair) =>
        this.#pairName[pair] === name &&
        this.#pairLength[pair] === valueLength &&
        sameBytes(bytes, this.#pairValue[pair] ?? 0, valueAt, valueLength),
    );
    if (known < 0) {
      // the name is kept elsewhere
      bytes.copyWithin(nameAt, valueAt, valueAt + valueLength);
      this.#pool.length = nameAt + valueLength;
    } else this.#pool.length = nameAt;
    const pair = known < 0 ? this.#newPair(hash, name, nameAt, valueLength) : known;
    let isNew = true;
    for (let index = start; index < this.#length; index += 1) {
      if (this.#pairName[this.#list[index] ?? 0] === name) isNew = false;
    }
    if (this.#length === this.#list.length) this.#list = grown(this.#list, new Uint32Array(2 * this.#length));
    this.#list[this.#length++] = pair;
    return isNew;
  }

  /** Visits the pairs of a list. */
  each(from: number, to: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    for (let index = from; index < to; index += 1) {
      const pair = this.#list[index] ?? 0;
      const name = this.#names[this.#pairName[pair] ?? 0];
      if (name !== undefined) visit(name, this.#pairValue[pair] ?? 0, this.#pairLength[pair] ?? 0);
    }
  }

  #nameOf(bytes: Uint8Array, at: number, length: number): number {
    const hash = hashBytes(bytes, at, at + length, 0);
    const known = this.#nameNumbers.find(hash, (number) => {
      const name = this.#names[number];
      if (name?.length !== length) return false;
      for (let index = 0; index < length; index += 1) if (name[index] !== bytes[at + index]) return false;
      return true;
    });
    if (known >= 0) return known;
    this.#names.push(bytes.slice(at, at + length));
    return this.#nameNumbers.add(hash);
  }

  #newPair(hash: number, name: number, valueAt: number, valueLength: number): number {
    const pair = this.#pairs.add(hash);
    if (pair === this.#pairName.length) {
      this.#pairName = grown(this.#pairName, new Uint32Array(2 * pair));
      this.#pairValue = grown(this.#pairValue, new Uint32Array(2 * pair));
      this.#pairLength = grown(this.#pairLength, new Uint16Array(2 * pair));
    }
    this.#pairName[pair] = name;
    this.#pairValue[pair] = valueAt;
    this.#pairLength[pair] = valueLength;
    return pair;
  }
}

function grown<T extends Uint32Array | Uint16Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
