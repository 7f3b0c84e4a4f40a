import { ImageError } from '../../erofs/image-error.ts';
import type { Image } from '../../tree/image.ts';
import { pathOf } from '../../tree/path.ts';
import { Flag, isDirectory, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../tree/table.ts';
import { equalBytes } from '../../tree/text.ts';
import { eachChild, isWhiteout, Whiteout, type InodeOrder } from './inode-order.ts';
import { DROPPED, SourceXattrs } from './source-xattrs.ts';
import type { PlacedContent, WriteOptions } from './write-image.ts';
import { METACOPY, REDIRECT, XattrBook } from './xattr-book.ts';

/** Limits of mkcomposefs 1.0.8 (image-format.md, section 11). */
const MAX_INLINE = 5000;
const MAX_TARGET = 4095;
const MAX_AREA = 12 + 4 * 65_534;
const STUB_MODE = S_IFCHR | 0o644;

/** What lies behind an inode. */
export const Kind = { other: 0, directory: 1, symlink: 2, inline: 3, backed: 4 } as const;

/** All inodes of an image that is written, columns by inode; owners and times are those of `rows`, a stub's the root's. */
export interface Inodes extends InodeOrder {
  readonly image: Image;
  readonly version: 0 | 1;
  readonly kind: Uint8Array;
  readonly mode: Uint16Array;
  readonly nlink: Uint32Array;
  /** Bytes; of directories, 0 until they are laid out. */
  readonly size: Float64Array;
  readonly xattrs: XattrBook;
  /** Where the list of an inode begins in `xattrs`; one more than there are inodes. */
  readonly xattrStart: Uint32Array;
  /** Of files that `objectOf` puts into the image. */
  readonly contents: ReadonlyMap<number, Uint8Array>;
  readonly hasAcl: boolean;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const NOTHING = new Uint8Array(0);

/** What composefs itself puts on an inode. */
type Mark = readonly [name: number, value: Uint8Array];

/** @throws ImageError as `writeImage` */
export function collectInodes(image: Image, order: InodeOrder, options: WriteOptions): Inodes {
  return new Collector(image, order, options).collect();
}

/** writer.md, section 2. */
function versionOf({ minVersion, maxVersion }: WriteOptions, hasWhiteouts: boolean): 0 | 1 {
  const least = Math.min(minVersion, maxVersion) === 0 ? 0 : 1;
  return hasWhiteouts && maxVersion === 1 ? 1 : least;
}

class Collector {
  readonly #image: Image;
  readonly #order: InodeOrder;
  readonly #options: WriteOptions;
  readonly #version: 0 | 1;
  readonly #book: XattrBook;
  readonly #names: SourceXattrs;
  readonly #whiteoutMarks: readonly Mark[];
  readonly #parentMarks: readonly Mark[];
  readonly #opaque: number;
  readonly #selinux: number;
  readonly #contents = new Map<number, Uint8Array>();
  #hasAcl = false;
  /** Of the inode whose xattrs are being read. */
  #replaced: readonly Mark[] = [];
  #isBacked = false;

  constructor(image: Image, order: InodeOrder, options: WriteOptions) {
    this.#image = image;
    this.#order = order;
    this.#options = options;
    this.#version = versionOf(options, order.hasWhiteouts);
    const book = new XattrBook(image.table.bytes);
    this.#book = book;
    this.#names = new SourceXattrs(book, image.kind);
    const mark = (name: string, value: Uint8Array = NOTHING): Mark => [book.nameOf(ascii(name)), value];
    this.#whiteoutMarks = [mark('trusted.overlay.overlay.whiteout'), mark('user.overlay.whiteout')];
    const opaque = [mark('trusted.overlay.overlay.opaque', ascii('x')), mark('user.overlay.opaque', ascii('x'))];
    this.#parentMarks = [
      mark('trusted.overlay.overlay.whiteouts'),
      mark('user.overlay.whiteouts'),
      ...(this.#version >= 1 ? opaque : []),
    ];
    this.#opaque = book.nameOf(ascii('trusted.overlay.opaque'));
    this.#selinux = book.nameOf(ascii('security.selinux'));
  }

  collect(): Inodes {
    const { count, rows } = this.#order;
    const { table } = this.#image;
    const kind = new Uint8Array(count);
    const mode = new Uint16Array(count);
    const nlink = new Uint32Array(count);
    const size = new Float64Array(count);
    const xattrStart = new Uint32Array(count + 1);
    const label = this.#rootLabel();
    for (let inode = 0; inode < count; inode += 1) {
      const row = rows[inode] ?? 0;
      xattrStart[inode] = this.#book.listLength;
      if (row < 0) {
        mode[inode] = STUB_MODE;
        nlink[inode] = 1;
        if (label !== undefined) this.#book.add(this.#selinux, label.offset, label.length);
        continue;
      }
      const stored = table.mode[row] ?? 0;
      const type = stored & S_IFMT;
      const whiteout = isWhiteout(this.#image, row);
      mode[inode] = whiteout ? S_IFREG | (stored & 0o7777) : stored;
      nlink[inode] = type === S_IFDIR ? 2 + this.#countFolders(row) : this.#linksOf(row);
      if (type === S_IFDIR) kind[inode] = Kind.directory;
      else if (type === S_IFLNK) {
        kind[inode] = Kind.symlink;
        size[inode] = this.#targetLength(row);
      } else if (type === S_IFREG && !whiteout && (table.size[row] ?? 0) > 0) {
        size[inode] = table.size[row] ?? 0;
        kind[inode] = this.#file(inode, row);
      }
      this.#marksAndXattrs(inode, row, kind[inode] === Kind.backed);
    }
    xattrStart[count] = this.#book.listLength;
    this.#book.finish(xattrStart);
    for (let inode = 0; inode < count; inode += 1) {
      const area = this.#book.areaSize(xattrStart[inode] ?? 0, xattrStart[inode + 1] ?? 0);
      if (area > MAX_AREA) {
        throw this.#fault(
          rows[inode] ?? 0,
          'limit',
          `xattrs of an inode have ${MAX_AREA} bytes at most, found ${area}`,
        );
      }
    }
    return {
      ...this.#order,
      image: this.#image,
      version: this.#version,
      kind,
      mode,
      nlink,
      size,
      xattrs: this.#book,
      xattrStart,
      contents: this.#contents,
      hasAcl: this.#hasAcl,
    };
  }

  #linksOf(row: number): number {
    return this.#options.hardLinks === 'split' ? 1 : (this.#image.table.nlink[row] ?? 0);
  }

  #countFolders(directory: number): number {
    let folders = 0;
    const { table } = this.#image;
    eachChild(table, directory, (row) => {
      if (row >= 0 && isDirectory(table, row)) folders += 1;
    });
    return folders;
  }

  #targetLength(row: number): number {
    const length = this.#image.table.size[row] ?? 0;
    if (length >= 1 && length <= MAX_TARGET) return length;
    throw this.#fault(row, 'limit', `the target of a symlink has 1 to ${MAX_TARGET} bytes, found ${length}`);
  }

  /** Decides where a file's bytes are, and notes it. */
  #file(inode: number, row: number): number {
    const { size, flags, redirectOffset, redirectLength, digestOffset } = this.#image.table;
    const placed = this.#options.objectOf?.(row);
    if (placed !== undefined) return this.#placed(inode, row, placed);
    const bits = flags[row] ?? 0;
    if ((bits & Flag.backed) !== 0 && (bits & Flag.compressed) === 0) {
      const digest = digestOffset[row] ?? 0;
      this.#book.add(METACOPY, digest, digest === 0 ? 0 : (bits & Flag.sha512) === 0 ? 32 : 64);
      const redirect = redirectOffset[row] ?? 0;
      if (redirect !== 0) this.#book.add(REDIRECT, redirect, redirectLength[row] ?? 0);
      return Kind.backed;
    }
    const content = this.#image.content(row);
    if (content.kind !== 'inline') {
      const why = content.kind === 'unavailable' ? `: ${content.why}` : '';
      throw this.#fault(row, 'unsupported', `the file's bytes are neither here nor in an object${why}`);
    }
    this.#checkInline(row, size[row] ?? 0);
    return Kind.inline;
  }

  #placed(inode: number, row: number, placed: PlacedContent): number {
    if ('inline' in placed) {
      const { length } = placed.inline;
      this.#checkInline(row, length);
      const size = this.#image.table.size[row] ?? 0;
      if (length !== size) throw this.#fault(row, 'corrupt', `the file has ${size} bytes, its content ${length}`);
      this.#contents.set(inode, placed.inline.slice());
      return Kind.inline;
    }
    this.#book.addBytes(METACOPY, placed.digest ?? NOTHING);
    if (placed.redirect.length > 0) this.#book.addBytes(REDIRECT, placed.redirect);
    return Kind.backed;
  }

  #checkInline(row: number, length: number): void {
    if (length <= MAX_INLINE) return;
    const message = `a file in the image has at most ${MAX_INLINE} bytes, this one has ${length}: it belongs into a store`;
    throw this.#fault(row, 'limit', message);
  }

  #marksAndXattrs(inode: number, row: number, isBacked: boolean): void {
    const whiteout = this.#order.whiteouts[inode];
    this.#replaced =
      whiteout === Whiteout.is ? this.#whiteoutMarks : whiteout === Whiteout.holds ? this.#parentMarks : [];
    this.#isBacked = isBacked;
    for (const [name, value] of this.#replaced) this.#book.addBytes(name, value);
    if (inode === 0) this.#book.addBytes(this.#opaque, ascii('y'));
    if (((this.#image.table.flags[row] ?? 0) & Flag.xattrs) !== 0) this.#eachXattr(row, this.#visit);
  }

  readonly #visit = (bytes: Uint8Array, offset: number, length: number): void => {
    const written = this.#names.written(bytes);
    const name = typeof written === 'number' ? written : this.#isBacked ? DROPPED : written.ofTree;
    if (name === DROPPED) return;
    for (const [replaced] of this.#replaced) if (replaced === name) return;
    if (this.#book.isAcl(name)) this.#hasAcl = true;
    this.#book.add(name, offset, length);
  };

  #eachXattr(row: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    const { table } = this.#image;
    if (this.#image.eachXattr !== undefined) this.#image.eachXattr(row, visit);
    else
      for (const { name, value } of this.#image.xattrs(row))
        visit(name, value.byteOffset - table.bytes.byteOffset, value.length);
  }

  /** Where the value of the root's security label lies: stubs have it too. */
  #rootLabel(): { readonly offset: number; readonly length: number } | undefined {
    let label: { readonly offset: number; readonly length: number } | undefined;
    const wanted = ascii('security.selinux');
    if (((this.#image.table.flags[0] ?? 0) & Flag.xattrs) === 0) return undefined;
    this.#eachXattr(0, (name, offset, length) => {
      if (equalBytes(name, wanted)) label = { offset, length };
    });
    return label;
  }

  #fault(row: number, code: 'corrupt' | 'limit' | 'unsupported', message: string): ImageError {
    return new ImageError(code, message, { path: pathOf(this.#image.table, Math.max(0, row)) });
  }
}
