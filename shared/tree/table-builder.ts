import type { Table } from './table.ts';

/** A table that grows row by row. Columns are public and writable for as long as it is built; `finish` closes it. */
export class TableBuilder {
  /** What offsets point into; may become another array for as long as the rows are built. */
  bytes: Uint8Array;
  count = 0;
  capacity: number;
  parent: Uint32Array;
  end: Uint32Array;
  nameOffset: Uint32Array;
  nameLength: Uint8Array;
  inode: Uint32Array;
  mode: Uint16Array;
  uid: Uint32Array;
  gid: Uint32Array;
  size: Float64Array;
  mtime: Float64Array;
  mtimeNsec: Uint32Array;
  nlink: Uint32Array;
  rdev: Uint32Array;
  redirectOffset: Uint32Array;
  redirectLength: Uint16Array;
  digestOffset: Uint32Array;
  flags: Uint16Array;

  /** @param capacity rows that there is room for at first: a guess that saves growing, not a limit */
  constructor(bytes: Uint8Array, capacity: number) {
    this.bytes = bytes;
    this.capacity = capacity;
    this.parent = new Uint32Array(capacity);
    this.end = new Uint32Array(capacity);
    this.nameOffset = new Uint32Array(capacity);
    this.nameLength = new Uint8Array(capacity);
    this.inode = new Uint32Array(capacity);
    this.mode = new Uint16Array(capacity);
    this.uid = new Uint32Array(capacity);
    this.gid = new Uint32Array(capacity);
    this.size = new Float64Array(capacity);
    this.mtime = new Float64Array(capacity);
    this.mtimeNsec = new Uint32Array(capacity);
    this.nlink = new Uint32Array(capacity);
    this.rdev = new Uint32Array(capacity);
    this.redirectOffset = new Uint32Array(capacity);
    this.redirectLength = new Uint16Array(capacity);
    this.digestOffset = new Uint32Array(capacity);
    this.flags = new Uint16Array(capacity);
  }

  /** Adds a row below `parent`, all else zero, and says its number. `end` is set as for a leaf. */
  add(parent: number, nameOffset: number, nameLength: number): number {
    const row = this.count++;
    if (row === this.capacity) this.#resize(Math.ceil(this.capacity * 1.3) + 64);
    this.parent[row] = parent;
    this.end[row] = row + 1;
    this.nameOffset[row] = nameOffset;
    this.nameLength[row] = nameLength;
    return row;
  }

  /** The table, in columns that are at most an eighth longer than it needs. */
  finish(): Table {
    if (this.capacity > this.count * 1.125 + 64) this.#resize(this.count);
    return this;
  }

  #resize(capacity: number): void {
    const words = (column: Uint32Array): Uint32Array => copy(column, new Uint32Array(capacity));
    const halves = (column: Uint16Array): Uint16Array => copy(column, new Uint16Array(capacity));
    const doubles = (column: Float64Array): Float64Array => copy(column, new Float64Array(capacity));
    this.parent = words(this.parent);
    this.end = words(this.end);
    this.nameOffset = words(this.nameOffset);
    this.nameLength = copy(this.nameLength, new Uint8Array(capacity));
    this.inode = words(this.inode);
    this.mode = halves(this.mode);
    this.uid = words(this.uid);
    this.gid = words(this.gid);
    this.size = doubles(this.size);
    this.mtime = doubles(this.mtime);
    this.mtimeNsec = words(this.mtimeNsec);
    this.nlink = words(this.nlink);
    this.rdev = words(this.rdev);
    this.redirectOffset = words(this.redirectOffset);
    this.redirectLength = halves(this.redirectLength);
    this.digestOffset = words(this.digestOffset);
    this.flags = halves(this.flags);
    this.capacity = capacity;
  }
}

interface Column extends ArrayLike<number> {
  readonly buffer: ArrayBufferLike;
  set(from: ArrayLike<number>): void;
  subarray(from: number, to: number): ArrayLike<number>;
}

function copy<T extends Column>(from: T, into: T): T {
  into.set(from.subarray(0, Math.min(from.length, into.length)));
  return into;
}
