import type { PlacedContent, WriteOptions } from '../composefs/writer/write-image.ts';
import { FilteredImage } from './filtered-image.ts';
import type { Content, Fact, Field, Image, ImageKind, Problem, Xattr } from './image.ts';
import { digestBytes, redirectBytes } from './row.ts';
import { Flag, isDirectory, type Table } from './table.ts';

type Columns = { -readonly [K in keyof Table]: Table[K] };
const columnNames = [
  'parent',
  'end',
  'nameOffset',
  'nameLength',
  'inode',
  'mode',
  'uid',
  'gid',
  'size',
  'mtime',
  'mtimeNsec',
  'nlink',
  'rdev',
  'redirectOffset',
  'redirectLength',
  'digestOffset',
  'flags',
] as const satisfies readonly (keyof Table)[];
type ColumnName = (typeof columnNames)[number];

/**
 * An image of which some is made otherwise: columns are copied where they are changed, entries can be left out, and all else
 * is the image's own. The writer takes it as it takes the image, with `options` on top.
 */
export class DraftImage implements Image {
  readonly #image: Image;
  readonly #columns: Columns;
  readonly #copied = new Set<ColumnName>();
  /** By row: the image's. undefined: the same. */
  #rows: Uint32Array | undefined;
  /** By row of the image: the row whose xattrs it has, but for those that it keeps of its own. */
  readonly #xattrsOf = new Map<number, { readonly from: number; readonly keepsOwn: (name: Uint8Array) => boolean }>();
  /** By inode. */
  #placed: ReadonlyMap<number, PlacedContent> = new Map();
  #originals: Uint32Array | undefined;
  #isSplit = false;
  readonly #keeps: ((name: string) => boolean)[] = [];
  originalRow?: (entry: number) => number;

  constructor(image: Image) {
    this.#image = image;
    this.#columns = { ...image.table };
    if (image.originalRow !== undefined) this.originalRow = (entry) => this.#originalRow(entry);
  }

  get table(): Table {
    return this.#columns;
  }
  get kind(): ImageKind {
    return this.#image.kind;
  }
  get formatVersion(): number | undefined {
    return this.#image.formatVersion;
  }
  get problems(): readonly Problem[] {
    return this.#rows === undefined ? this.#image.problems : [];
  }
  get problemsOmitted(): number {
    return this.#image.problemsOmitted;
  }
  get facts(): readonly Fact[] {
    return this.#image.facts;
  }

  /** What the writer is to know of it. */
  get options(): Pick<WriteOptions, 'objectOf' | 'hardLinks'> {
    const placed = this.#placed;
    return {
      hardLinks: this.#isSplit ? 'split' : 'keep',
      ...(placed.size === 0 ? {} : { objectOf: (row: number) => placed.get(this.#columns.inode[row] ?? 0) }),
    };
  }

  /** What the writer is given. */
  get source(): Image {
    const keeps = this.#keeps;
    return keeps.length === 0 ? this : new FilteredImage(this, (name) => keeps.every((isKept) => isKept(name)));
  }

  /** Leaves xattrs out, of all entries. */
  keepXattrs(keeps: (name: string) => boolean): void {
    this.#keeps.push(keeps);
  }

  /** A column, to be changed. */
  column<K extends ColumnName>(name: K): Columns[K] {
    if (!this.#copied.has(name)) {
      // each column is an array of one kind, and so is its copy
      this.#columns[name] = this.#columns[name].slice(0, this.#columns.count) as Columns[K];
      this.#copied.add(name);
    }
    return this.#columns[name];
  }

  /** Row of the image that a row comes from. */
  rowOfImage(row: number): number {
    return this.#rows?.[row] ?? row;
  }

  /**
   * Leaves entries out, with all that is below them. Files that lose names lose as many links.
   *
   * @returns how many
   */
  drop(isDropped: (row: number) => boolean): number {
    const { count, end, parent, inode } = this.#columns;
    const kept = new Uint32Array(count);
    const lost = new Map<number, number>();
    let length = 0;
    for (let row = 0, stop = 0; row < count; row += 1) {
      if (row >= stop && (row === 0 || !isDropped(row))) {
        kept[length++] = row;
        continue;
      }
      stop = Math.max(stop, end[row] ?? 0);
      if (!isDirectory(this.#columns, row)) lost.set(inode[row] ?? 0, (lost.get(inode[row] ?? 0) ?? 0) + 1);
    }
    if (length === count) return 0;
    const rowOf = new Uint32Array(count);
    for (let row = 0; row < length; row += 1) rowOf[kept[row] ?? 0] = row;
    const newParent = Uint32Array.from(kept.subarray(0, length), (row) => rowOf[parent[row] ?? 0] ?? 0);
    const rows = Uint32Array.from(kept.subarray(0, length), (row) => this.rowOfImage(row));
    this.#pick(kept.subarray(0, length));
    this.#columns.parent = newParent;
    const newEnd = Uint32Array.from({ length }, (_, row) => row + 1);
    for (let row = length - 1; row > 0; row -= 1) {
      const above = newParent[row] ?? 0;
      newEnd[above] = Math.max(newEnd[above] ?? 0, newEnd[row] ?? 0);
    }
    this.#columns.end = newEnd;
    this.#columns.count = length;
    this.#rows = rows;
    if (this.#image.originalRow === undefined) this.#originals = undefined;
    else this.#originals = originalsAmong(this.#image, rows);
    this.#relink(lost);
    return count - length;
  }

  /** Gives an entry the xattrs of another. @param keepsOwn names that it has as before */
  takeXattrs(row: number, from: number, keepsOwn: (name: Uint8Array) => boolean = () => false): void {
    const [own, other] = [this.rowOfImage(row), this.rowOfImage(from)];
    this.#xattrsOf.set(own, { from: other, keepsOwn });
    const flags = this.column('flags');
    flags[row] = (flags[row] ?? 0) | ((flags[from] ?? 0) & Flag.xattrs);
  }

  /** Says where the bytes of files are to be, by inode. */
  place(contents: ReadonlyMap<number, PlacedContent>): void {
    this.#placed = new Map([...this.#placed, ...contents]);
  }

  /** Each name becomes a file of its own. */
  splitLinks(): void {
    this.#isSplit = true;
  }

  /** Files that have the same number are one from now on, the first name being the file. */
  link(inode: Uint32Array): void {
    this.#columns.inode = inode;
    this.#copied.add('inode');
    const first = new Map<number, number>();
    this.#originals = Uint32Array.from({ length: this.#columns.count }, (_, row) => {
      const number = inode[row] ?? 0;
      if (isDirectory(this.#columns, row)) return row;
      const known = first.get(number);
      if (known === undefined) first.set(number, row);
      return known ?? row;
    });
    this.originalRow = (entry) => this.#originalRow(entry);
    this.#relink(new Map());
  }

  xattrs(entry: number): readonly Xattr[] {
    const row = this.rowOfImage(entry);
    const taken = this.#xattrsOf.get(row);
    if (taken === undefined) return this.#image.xattrs(row);
    const { from, keepsOwn } = taken;
    return [
      ...this.#image.xattrs(from).filter(({ name }) => !keepsOwn(name)),
      ...this.#image.xattrs(row).filter(({ name }) => keepsOwn(name)),
    ];
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    const row = this.rowOfImage(entry);
    const isTaken = this.#xattrsOf.has(row);
    if (!isTaken && this.#image.eachXattr !== undefined) {
      this.#image.eachXattr(row, visit);
      return;
    }
    const { byteOffset } = this.table.bytes;
    for (const { name, value } of this.xattrs(entry)) visit(name, value.byteOffset - byteOffset, value.length);
  }

  content(entry: number): Content {
    const content = this.#image.content(this.rowOfImage(entry));
    if (content.kind !== 'object') return content;
    return { kind: 'object', redirect: redirectBytes(this.table, entry), digest: digestBytes(this.table, entry) };
  }

  mtimeSeconds(entry: number): bigint {
    const seconds = this.#columns.mtime[entry] ?? 0;
    return Number.isSafeInteger(seconds) ? BigInt(seconds) : this.#image.mtimeSeconds(this.rowOfImage(entry));
  }

  fields(entry: number): readonly Field[] {
    return this.#image.fields(this.rowOfImage(entry));
  }

  #originalRow(entry: number): number {
    return this.#originals?.[entry] ?? (this.#rows === undefined ? (this.#image.originalRow?.(entry) ?? entry) : entry);
  }

  /** All columns, of these rows alone. */
  #pick(kept: Uint32Array): void {
    for (const name of columnNames) {
      const column = this.column(name);
      for (const [at, row] of kept.entries()) column[at] = column[row] ?? 0;
    }
  }

  /** Which names are a file's second ones, and how many links it has after it lost some. */
  #relink(lost: ReadonlyMap<number, number>): void {
    const { count, inode } = this.#columns;
    const flags = this.column('flags');
    const nlink = this.column('nlink');
    const seen = new Set<number>();
    for (let row = 0; row < count; row += 1) {
      if (isDirectory(this.#columns, row)) continue;
      const number = inode[row] ?? 0;
      const bits = flags[row] ?? 0;
      flags[row] = seen.has(number) ? bits | Flag.hardLink : bits & ~Flag.hardLink;
      seen.add(number);
      nlink[row] = Math.max(1, (nlink[row] ?? 1) - (lost.get(number) ?? 0));
    }
  }
}

/** By row that is left: the one that is the file, the first of its names where that was left out. */
function originalsAmong(image: Image, rows: Uint32Array): Uint32Array {
  const rowOf = new Map<number, number>();
  for (const [row, from] of rows.entries()) rowOf.set(from, row);
  const first = new Map<number, number>();
  return Uint32Array.from(rows, (from, row) => {
    const original = image.originalRow?.(from) ?? from;
    const known = rowOf.get(original) ?? first.get(original);
    if (known === undefined) first.set(original, row);
    return known ?? row;
  });
}
