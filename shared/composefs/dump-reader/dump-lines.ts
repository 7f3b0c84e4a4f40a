import { ImageError } from '../../erofs/image-error.ts';
import type { Image, Problem } from '../../tree/image.ts';
import { ProblemLog } from '../../tree/problem-log.ts';
import { TableBuilder } from '../../tree/table-builder.ts';
import { Flag, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../tree/table.ts';
import { BytePool } from './byte-pool.ts';
import { decimal, decimal32, digest, Mtime, octal, unescape } from './dump-fields.ts';
import { dumpFault, shown, type DumpPlace } from './dump-fault.ts';
import { DumpImage } from './dump-image.ts';
import { HardLinks } from './hard-links.ts';
import { PathIndex } from './path-index.ts';
import { moveColumn, moveRows, treeOrder } from './tree-order.ts';
import { XattrPool } from './xattr-pool.ts';

const SPACE = 0x20;
const DASH = 0x2d;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const AT = 0x40;
const CR = 0x0d;

const FIELDS = [
  'PATH',
  'SIZE',
  'MODE',
  'NLINK',
  'UID',
  'GID',
  'RDEV',
  'MTIME',
  'PAYLOAD',
  'CONTENT',
  'DIGEST',
] as const;
const Column = {
  path: 0,
  size: 1,
  mode: 2,
  nlink: 3,
  uid: 4,
  gid: 5,
  rdev: 6,
  mtime: 7,
  payload: 8,
  content: 9,
  digest: 10,
};

/** Limits of mkcomposefs 1.0.8 (dump-format.md, section 3; image-format.md, section 11). */
const MAX_INLINE = 5000;
const MAX_TARGET = 4095;
const MAX_SIZE = 2 ** 53;
const MAX_XATTR_TEXT = 65_535;
const MAX_XATTR_NAME = 255;
const MAX_XATTR_BYTES = 32_767;

const types: ReadonlySet<number> = new Set([S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK]);

/** Takes a dump line by line. Rows are numbered as the lines come until all are there; then they are sorted. */
export class DumpLines {
  readonly #pool: BytePool;
  readonly #rows: TableBuilder;
  readonly #paths: PathIndex;
  readonly #links: HardLinks;
  readonly #xattrs: XattrPool;
  readonly #log = new ProblemLog();
  readonly #mtime = new Mtime();
  readonly #exactMtimes = new Map<number, bigint>();
  readonly #starts = new Int32Array(FIELDS.length);
  readonly #ends = new Int32Array(FIELDS.length);
  #xattrsFrom = new Uint32Array(0);
  #xattrsTo = new Uint32Array(0);
  #contentOffset = new Uint32Array(0);
  /** Lines of hard links that have a target, and no attributes. */
  #bareLinks = 0;
  #place: DumpPlace = { bytes: new Uint8Array(0), from: 0, to: 0, line: 0, offset: 0 };

  constructor(textLength: number) {
    this.#pool = new BytePool(textLength);
    this.#rows = new TableBuilder(this.#pool.bytes, Math.ceil(textLength / 200) + 64);
    this.#paths = new PathIndex(this.#pool, this.#rows);
    this.#links = new HardLinks(this.#rows, this.#paths);
    this.#xattrs = new XattrPool(this.#pool);
  }

  /** @throws ImageError */
  add(place: DumpPlace): void {
    this.#place = place;
    this.#split(place);
    const starts = this.#starts;
    const modeStart = starts[Column.mode] ?? 0;
    const isLink = place.bytes[modeStart] === AT;
    const mode = octal(place, isLink ? modeStart + 1 : modeStart, this.#ends[Column.mode] ?? 0);
    const type = mode & S_IFMT;
    if (!types.has(type)) {
      throw this.#fault(
        modeStart,
        `MODE has no file type that exists: 0${mode.toString(8)}; 100644 is a regular file's`,
      );
    }
    const row = this.#paths.add(place, this.#ends[Column.path] ?? 0);
    if (row === 0 && (isLink || type !== S_IFDIR)) throw this.#fault(modeStart, 'the root is a directory');
    this.#makeRoom();
    this.#rows.mode[row] = mode;
    this.#rows.inode[row] = row;
    if (isLink) {
      if (type === S_IFDIR) throw this.#fault(modeStart, 'a directory has one name: it cannot be a hard link');
      if (this.#isNone(Column.payload))
        throw this.#fault(starts[Column.payload] ?? 0, 'PAYLOAD of a hard link is a path');
      if (this.#isNone(Column.nlink)) this.#bareLinks += 1;
      this.#links.add(row, place, starts[Column.payload] ?? 0, this.#ends[Column.payload] ?? 0);
      return;
    }
    this.#attributes(row, type);
    if (type === S_IFREG) this.#file(row);
    else if (type === S_IFLNK) this.#symlink(row);
    else this.#other(row, type);
    this.#xattrList(row);
  }

  /** @throws ImageError */
  finish(): Image {
    const rows = this.#rows;
    if (rows.count === 0)
      throw new ImageError('corrupt', 'line 1, column 1: the dump is empty, and has no root', { offset: 0 });
    const copyColumns = (row: number, original: number): void => {
      for (const column of [this.#xattrsFrom, this.#xattrsTo, this.#contentOffset]) column[row] = column[original] ?? 0;
      const exact = this.#exactMtimes.get(original);
      if (exact !== undefined) this.#exactMtimes.set(row, exact);
    };
    this.#links.resolve(copyColumns, (row, line, offset, message) =>
      this.#warn(row, offset, `line ${line}: ${message}`),
    );
    rows.bytes = this.#pool.finish();
    const order = treeOrder(rows);
    const moved = moveRows(rows, order);
    markLaterNames(moved);
    const count = moved.count;
    const rowOf = (row: number): number => order.to?.[row] ?? row;
    const problems: Problem[] = this.#log.problems.map((problem) =>
      problem.entry === undefined ? problem : { ...problem, entry: rowOf(problem.entry) },
    );
    return new DumpImage({
      table: moved.finish(),
      xattrs: this.#xattrs,
      xattrsFrom: moveColumn(this.#xattrsFrom, count, order),
      xattrsTo: moveColumn(this.#xattrsTo, count, order),
      contentOffset: moveColumn(this.#contentOffset, count, order),
      exactMtimes: new Map([...this.#exactMtimes].map(([row, exact]) => [rowOf(row), exact])),
      problems,
      problemsOmitted: this.#log.omitted,
      bareLinks: this.#bareLinks,
      facts: [
        { label: 'format', value: 'dump: the text that mkcomposefs --from-file takes' },
        { label: 'lines', value: String(count) },
      ],
    });
  }

  /** Finds the fixed fields. */
  #split(place: DumpPlace): void {
    const { bytes, from, to } = place;
    if (from === to) throw dumpFault(place, from, 'the line is empty');
    if (bytes[to - 1] === CR)
      throw dumpFault(place, to - 1, 'the line ends with a carriage return: lines end with LF alone');
    let field = 0;
    let start = from;
    for (let at = from; field < FIELDS.length; at += 1) {
      const byte = at < to ? bytes[at] : SPACE;
      if (byte === 0) throw dumpFault(place, at, 'a line holds no NUL byte: it is written \\x00');
      if (byte !== SPACE) continue;
      const name = FIELDS[field] ?? '';
      if (at === start)
        throw dumpFault(place, at, `${name} is empty: there are two spaces, or none at all; nothing is written -`);
      this.#starts[field] = start;
      this.#ends[field] = at;
      field += 1;
      start = at + 1;
      if (at >= to && field < FIELDS.length) {
        throw dumpFault(
          place,
          to,
          `a line has ${FIELDS.length} fields, ${FIELDS[field]} and what follows it are missing`,
        );
      }
    }
  }

  #attributes(row: number, type: number): void {
    const place = this.#place;
    const rows = this.#rows;
    const starts = this.#starts;
    const ends = this.#ends;
    const number = (column: number): number =>
      decimal32(place, starts[column] ?? 0, ends[column] ?? 0, FIELDS[column] ?? '');
    rows.size[row] = Math.min(MAX_SIZE, this.#size());
    rows.nlink[row] = number(Column.nlink);
    rows.uid[row] = number(Column.uid);
    rows.gid[row] = number(Column.gid);
    const rdev = number(Column.rdev);
    const isDevice = type === S_IFCHR || type === S_IFBLK;
    if (isDevice) rows.rdev[row] = rdev;
    else if (rdev !== 0) this.#ignored(row, Column.rdev, 'RDEV counts for devices alone');
    if (rows.nlink[row] === 0) this.#ignored(row, Column.nlink, 'NLINK is 0, of a file that has a name');
    this.#mtime.read(place, starts[Column.mtime] ?? 0, ends[Column.mtime] ?? 0);
    rows.mtime[row] = this.#mtime.seconds;
    rows.mtimeNsec[row] = this.#mtime.nanoseconds;
    if (this.#mtime.exact !== undefined) this.#exactMtimes.set(row, this.#mtime.exact);
    if (type === S_IFCHR && rdev === 0) rows.flags[row] = Flag.whiteout;
  }

  #size(): number {
    return decimal(this.#place, this.#starts[Column.size] ?? 0, this.#ends[Column.size] ?? 0, 'SIZE');
  }

  #file(row: number): void {
    const place = this.#place;
    const rows = this.#rows;
    const size = this.#size();
    const sizeAt = this.#starts[Column.size] ?? 0;
    if (size > MAX_SIZE)
      throw this.#fault(
        sizeAt,
        `SIZE of a file is at most 2^53, found ${shown(place.bytes, sizeAt, this.#ends[Column.size] ?? 0)}`,
        'limit',
      );
    if (!this.#isNone(Column.content)) {
      this.#contentOffset[row] = this.#inline(size);
      if (size > 0) rows.flags[row] = (rows.flags[row] ?? 0) | Flag.inline;
      this.#ignoreBacking(row, 'of a file whose CONTENT is given');
      return;
    }
    if (size === 0) {
      this.#ignoreBacking(row, 'of an empty file');
      return;
    }
    let flags = Flag.backed;
    if (this.#isNone(Column.payload)) flags |= Flag.noRedirect;
    else this.#payload(row);
    if (!this.#isNone(Column.digest)) {
      rows.digestOffset[row] = this.#pool.length;
      const length = digest(place, this.#starts[Column.digest] ?? 0, this.#ends[Column.digest] ?? 0, this.#pool);
      if (length === 64) flags |= Flag.sha512;
    }
    rows.flags[row] = (rows.flags[row] ?? 0) | flags;
  }

  /** @returns where the content is in the pool */
  #inline(size: number): number {
    const start = this.#starts[Column.content] ?? 0;
    const at = this.#pool.length;
    const length = unescape(this.#place, start, this.#ends[Column.content] ?? 0, this.#pool);
    if (length > MAX_INLINE)
      throw this.#fault(start, `CONTENT has at most ${MAX_INLINE} bytes, found ${length}`, 'limit');
    if (length !== size) throw this.#fault(start, `CONTENT has as many bytes as SIZE says, ${size}, found ${length}`);
    return at;
  }

  #payload(row: number): void {
    const start = this.#starts[Column.payload] ?? 0;
    const at = this.#pool.length;
    const length = unescape(this.#place, start, this.#ends[Column.payload] ?? 0, this.#pool);
    if (length > MAX_TARGET)
      throw this.#fault(start, `PAYLOAD has at most ${MAX_TARGET} bytes, found ${length}`, 'limit');
    const { bytes } = this.#pool;
    if (bytes[at] === SLASH)
      throw this.#fault(start, 'PAYLOAD is a path below the store, and begins with no slash: the kernel refuses it');
    if (bytes.subarray(at, at + length).includes(0)) throw this.#fault(start, 'PAYLOAD holds a NUL byte');
    this.#rows.redirectOffset[row] = at;
    this.#rows.redirectLength[row] = length;
  }

  #symlink(row: number): void {
    const start = this.#starts[Column.payload] ?? 0;
    if (this.#isNone(Column.payload))
      throw this.#fault(start, 'PAYLOAD of a symlink is its target, which is not empty');
    if (!this.#isNone(Column.content))
      throw this.#fault(this.#starts[Column.content] ?? 0, 'CONTENT is a regular file’s alone');
    const at = this.#pool.length;
    const length = unescape(this.#place, start, this.#ends[Column.payload] ?? 0, this.#pool);
    if (length > MAX_TARGET)
      throw this.#fault(start, `the target of a symlink has at most ${MAX_TARGET} bytes, found ${length}`, 'limit');
    if (this.#pool.bytes.subarray(at, at + length).includes(0))
      throw this.#fault(start, 'the target of a symlink holds a NUL byte');
    const size = this.#rows.size[row] ?? 0;
    if (size !== length) this.#ignored(row, Column.size, `SIZE is ${size}, the target has ${length} bytes`);
    if (!this.#isNone(Column.digest)) this.#ignored(row, Column.digest, 'DIGEST of a symlink');
    this.#rows.size[row] = length;
    this.#contentOffset[row] = at;
  }

  #other(row: number, type: number): void {
    if (!this.#isNone(Column.content))
      throw this.#fault(this.#starts[Column.content] ?? 0, 'CONTENT is a regular file’s alone');
    this.#ignoreBacking(row, 'of what is no file');
    if (type !== S_IFDIR) this.#rows.size[row] = 0;
  }

  #ignoreBacking(row: number, of: string): void {
    if (!this.#isNone(Column.payload)) this.#ignored(row, Column.payload, `PAYLOAD ${of}`);
    if (!this.#isNone(Column.digest)) this.#ignored(row, Column.digest, `DIGEST ${of}`);
  }

  #xattrList(row: number): void {
    const { bytes, to } = this.#place;
    const start = this.#xattrs.length;
    const end = this.#ends[Column.digest] ?? 0;
    if (to - end - 1 > MAX_XATTR_TEXT) {
      throw this.#fault(end + 1, `xattrs have at most ${MAX_XATTR_TEXT} bytes of text, found ${to - end - 1}`, 'limit');
    }
    let total = 12;
    for (let at = end; at < to;) {
      const from = at + 1;
      if (from === to) break; // a space at the end of the line
      let equals = from;
      while (equals < to && bytes[equals] !== EQUALS && bytes[equals] !== SPACE) equals += 1;
      if (bytes[equals] !== EQUALS || equals >= to) {
        throw this.#fault(from, `an xattr is NAME=VALUE, found “${shown(bytes, from, equals)}”`);
      }
      at = equals + 1;
      while (at < to && bytes[at] !== SPACE) at += 1;
      total += this.#xattr(from, equals, at, start);
      if (total > MAX_XATTR_BYTES) {
        throw this.#fault(
          from,
          `the xattrs of one file have at most ${MAX_XATTR_BYTES} bytes, names and values together`,
          'limit',
        );
      }
    }
    this.#xattrsFrom[row] = start;
    this.#xattrsTo[row] = this.#xattrs.length;
    if (this.#xattrs.length > start) this.#rows.flags[row] = (this.#rows.flags[row] ?? 0) | Flag.xattrs;
  }

  /** @returns what it counts against the limit */
  #xattr(from: number, equals: number, to: number, start: number): number {
    const place = this.#place;
    const nul = place.bytes.subarray(from, to).indexOf(0);
    if (nul >= 0) throw this.#fault(from + nul, 'a line holds no NUL byte: it is written \\x00');
    const nameAt = this.#pool.length;
    const nameLength = unescape(place, from, equals, this.#pool);
    if (nameLength === 0 || nameLength > MAX_XATTR_NAME) {
      throw this.#fault(from, `the name of an xattr has 1 to ${MAX_XATTR_NAME} bytes, found ${nameLength}`);
    }
    const name = this.#pool.bytes.subarray(nameAt, nameAt + nameLength);
    if (name.includes(0)) throw this.#fault(from, 'the name of an xattr holds a NUL byte');
    const valueLength = unescape(place, equals + 1, to, this.#pool);
    if (!this.#xattrs.add(nameAt, nameLength, valueLength, start)) {
      throw this.#fault(from, `a file has an xattr once, found “${shown(place.bytes, from, equals)}” again`);
    }
    return 7 + nameLength + valueLength;
  }

  /** Whether a field is `-`. */
  #isNone(column: number): boolean {
    const start = this.#starts[column] ?? 0;
    return this.#place.bytes[start] === DASH && (this.#ends[column] ?? 0) === start + 1;
  }

  #makeRoom(): void {
    const { capacity } = this.#rows;
    if (this.#contentOffset.length >= capacity) return;
    const grow = (column: Uint32Array): Uint32Array<ArrayBuffer> => {
      const more = new Uint32Array(capacity);
      more.set(column);
      return more;
    };
    this.#xattrsFrom = grow(this.#xattrsFrom);
    this.#xattrsTo = grow(this.#xattrsTo);
    this.#contentOffset = grow(this.#contentOffset);
  }

  #fault(at: number, message: string, code: 'corrupt' | 'limit' = 'corrupt'): ImageError {
    return dumpFault(this.#place, at, message, code);
  }

  /** Something that counts for nothing. */
  #ignored(row: number, column: number, what: string): void {
    const { line, offset, from } = this.#place;
    const at = this.#starts[column] ?? 0;
    this.#log.add(
      'warning',
      'corrupt',
      row,
      offset + at - from,
      () => `line ${line}, column ${at - from + 1}: ${what}: ignored`,
    );
  }

  #warn(row: number, offset: number, message: string): void {
    this.#log.add('warning', 'corrupt', row, offset, () => message);
  }
}

/** `Flag.hardLink` is for whoever comes later in tree order, be it the file or a link to it. */
function markLaterNames({ count, inode, flags }: TableBuilder): void {
  const linked = new Set<number>();
  for (let row = 0; row < count; row += 1) if (inode[row] !== row) linked.add(inode[row] ?? 0);
  if (linked.size === 0) return;
  const seen = new Set<number>();
  for (let row = 0; row < count; row += 1) {
    const number = inode[row] ?? 0;
    if (!linked.has(number)) continue;
    if (seen.has(number)) flags[row] = (flags[row] ?? 0) | Flag.hardLink;
    seen.add(number);
  }
}
