import { isDirectory } from '../../tree/table.ts';
import type { TableBuilder } from '../../tree/table-builder.ts';
import { hashBytes, sameBytes, type BytePool } from './byte-pool.ts';
import { dumpFault, shown, type DumpPlace } from './dump-fault.ts';
import { unescape } from './dump-fields.ts';
import { HashTable } from '../hash-table.ts';

const SLASH = 0x2f;
const DOT = 0x2e;
const MAX_NAME = 255;

/** Finds rows by their paths, as the lines of a dump write them. */
export class PathIndex {
  readonly #pool: BytePool;
  readonly #rows: TableBuilder;
  readonly #index = new HashTable();
  /** The directory of the last line, as written: the next line is in the same, mostly. */
  #lastText: Uint8Array = new Uint8Array(256);
  #lastLength = -1;
  #lastRow = 0;

  constructor(pool: BytePool, rows: TableBuilder) {
    this.#pool = pool;
    this.#rows = rows;
  }

  /**
   * Adds a row for the path at the beginning of a line.
   *
   * @param to where the path ends
   * @throws ImageError where it is no path, is there already, or its directory is not
   */
  add(place: DumpPlace, to: number): number {
    const { bytes, from } = place;
    if (bytes[from] !== SLASH) throw dumpFault(place, from, 'PATH begins with a slash');
    const isRoot = to === from + 1;
    if (this.#rows.count === 0) {
      if (!isRoot) throw dumpFault(place, from, `the first line is the root's, /, found ${shown(bytes, from, to)}`);
      this.#index.add(0);
      return this.#rows.add(0, 0, 0);
    }
    if (isRoot) throw dumpFault(place, from, 'there is one root, and it is in the first line');
    let slash = to - 1;
    while (bytes[slash] !== SLASH) slash -= 1;
    const parent = this.#directory(place, from, slash);
    const at = this.#pool.length;
    const length = this.#name(place, slash + 1, to);
    const hash = hashBytes(this.#pool.bytes, at, at + length, parent);
    if (this.#find(hash, parent, at, length) >= 0) {
      throw dumpFault(place, from, `a name stands once in a directory, found ${shown(bytes, from, to)} again`);
    }
    this.#index.add(hash);
    return this.#rows.add(parent, at, length);
  }

  /**
   * The row of a path of the text, other than the root's.
   *
   * @returns -1: there is none
   * @throws ImageError where it is no path
   */
  find(place: DumpPlace, from: number, to: number): number {
    let row = 0;
    for (let start = from + 1; start <= to && row >= 0;) {
      let end = start;
      while (end < to && place.bytes[end] !== SLASH) end += 1;
      row = this.#child(place, row, start, end);
      start = end + 1;
    }
    return row;
  }

  #directory(place: DumpPlace, from: number, slash: number): number {
    if (slash === from) return 0;
    if (slash - from === this.#lastLength) {
      let index = 0;
      while (index < this.#lastLength && this.#lastText[index] === place.bytes[from + index]) index += 1;
      if (index === this.#lastLength) return this.#lastRow;
    }
    const row = this.find(place, from, slash);
    if (row < 0) {
      const path = shown(place.bytes, from, slash);
      throw dumpFault(place, from, `a directory comes before what is in it; there was no ${path} so far`);
    }
    if (!isDirectory(this.#rows, row)) {
      throw dumpFault(place, from, `${shown(place.bytes, from, slash)} is no directory`);
    }
    if (slash - from > this.#lastText.length) this.#lastText = new Uint8Array(2 * (slash - from));
    this.#lastText.set(place.bytes.subarray(from, slash));
    this.#lastLength = slash - from;
    this.#lastRow = row;
    return row;
  }

  #child(place: DumpPlace, parent: number, from: number, to: number): number {
    const at = this.#pool.length;
    const length = this.#name(place, from, to);
    const hash = hashBytes(this.#pool.bytes, at, at + length, parent);
    this.#pool.length = at;
    return this.#find(hash, parent, at, length);
  }

  #find(hash: number, parent: number, at: number, length: number): number {
    const { nameOffset, nameLength, parent: parents } = this.#rows;
    const { bytes } = this.#pool;
    return this.#index.find(
      hash,
      (row) =>
        row > 0 &&
        parents[row] === parent &&
        nameLength[row] === length &&
        sameBytes(bytes, nameOffset[row] ?? 0, at, length),
    );
  }

  /** Puts a component to the end of the pool. @returns its length */
  #name(place: DumpPlace, from: number, to: number): number {
    const at = this.#pool.length;
    const length = unescape(place, from, to, this.#pool);
    const { bytes } = this.#pool;
    if (length === 0)
      throw dumpFault(place, from, 'a path has no empty name: there are two slashes, or one at its end');
    if (length > MAX_NAME)
      throw dumpFault(place, from, `a name has at most ${MAX_NAME} bytes, found ${length}`, 'limit');
    if (bytes[at] === DOT && (length === 1 || (length === 2 && bytes[at + 1] === DOT))) {
      throw dumpFault(place, from, 'no name is . or ..');
    }
    for (let index = at; index < at + length; index += 1) {
      const byte = bytes[index];
      if (byte === 0 || byte === SLASH)
        throw dumpFault(place, from, 'a name holds no slash and no NUL, escaped or not');
    }
    return length;
  }
}
