import { ImageError } from '../../erofs/image-error.ts';
import { upTo, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import { pathOf } from '../../tree/path.ts';
import { objectNameOf } from '../../tree/rebuild-image.ts';
import { Flag, isDirectory, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../tree/table.ts';
import { displayBytes, equalBytes } from '../../tree/text.ts';
import { rulesOf, type FormatRules, type FormatVersion } from './format-rules.ts';
import { eachChild, isWhiteout, type InodeOrder } from './inode-order.ts';
import { DROPPED, SourceXattrs } from './source-xattrs.ts';
import { objectPathOf } from './v2/object-path.ts';
import type { PlacedContent, WriteOptions } from './write-image.ts';
import { METACOPY, REDIRECT, XattrBook } from './xattr-book.ts';

/** Of what an inode can count (image-format.md, section 11). */
const MAX_AREA = 12 + 4 * 65_534;
const MAX_SHARED = 255;
const STUB_MODE = S_IFCHR | 0o644;

/** What lies behind an inode. `unindexed`: in format 2, a file whose bytes are nowhere, or in an object without a digest. */
export const Kind = { other: 0, directory: 1, symlink: 2, inline: 3, backed: 4, unindexed: 5 } as const;

/** All inodes of an image that is written, columns by inode; owners and times are those of `rows`, a stub's the root's. */
export interface Inodes extends InodeOrder {
  readonly image: Image;
  readonly rules: FormatRules;
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

/** By what an inode is to whiteouts (`InodeOrder.whiteouts`): none, one itself, a directory that has some. */
type Marks = readonly [none: readonly Mark[], is: readonly Mark[], holds: readonly Mark[]];

/** @see image-format.md, section 9; format 2 has none, and no other source either */
function marksOf(book: XattrBook, version: number | undefined): Marks {
  if (version !== 0 && version !== 1) return [[], [], []];
  const pair = (name: string, value: Uint8Array = NOTHING): readonly Mark[] => [
    [book.nameOf(ascii(`trusted.overlay.overlay.${name}`)), value],
    [book.nameOf(ascii(`user.overlay.${name}`)), value],
  ];
  return [[], pair('whiteout'), [...pair('whiteouts'), ...(version === 1 ? pair('opaque', ascii('x')) : [])]];
}

/** @throws ImageError as `writeImage` */
export function* collectInodes(
  image: Image,
  order: InodeOrder,
  version: FormatVersion,
  options: Pick<WriteOptions, 'objectOf' | 'hardLinks' | 'writer'>,
): Steps<Inodes> {
  return yield* new Collector(image, order, rulesOf(version, options.writer), options).collect();
}

class Collector {
  readonly #image: Image;
  readonly #order: InodeOrder;
  readonly #rules: FormatRules;
  readonly #options: Pick<WriteOptions, 'objectOf' | 'hardLinks'>;
  readonly #book: XattrBook;
  readonly #names: SourceXattrs;
  /** Marks of the format that is written, and of the one that is read. */
  readonly #written: Marks;
  readonly #read: Marks;
  readonly #opaque: number;
  readonly #selinux: number;
  readonly #contents = new Map<number, Uint8Array>();
  #hasAcl = false;
  /** Of the inode whose xattrs are being read: what it has already, and what of the source's is not the tree's. */
  #replaced: readonly Mark[] = [];
  #stale: readonly Mark[] = [];
  #isBacked = false;

  constructor(
    image: Image,
    order: InodeOrder,
    rules: FormatRules,
    options: Pick<WriteOptions, 'objectOf' | 'hardLinks'>,
  ) {
    this.#image = image;
    this.#order = order;
    this.#rules = rules;
    this.#options = options;
    const book = new XattrBook(image.table.bytes, rules);
    this.#book = book;
    this.#names = new SourceXattrs(book, image.kind);
    this.#written = marksOf(book, rules.version);
    this.#read = marksOf(book, image.kind === 'composefs' ? image.formatVersion : undefined);
    this.#opaque = book.nameOf(ascii('trusted.overlay.opaque'));
    this.#selinux = book.nameOf(ascii('security.selinux'));
  }

  *collect(): Steps<Inodes> {
    const { count, rows } = this.#order;
    const { table } = this.#image;
    const kind = new Uint8Array(count);
    const mode = new Uint16Array(count);
    const nlink = new Uint32Array(count);
    const size = new Float64Array(count);
    const xattrStart = new Uint32Array(count + 1);
    const label = this.#rootLabel();
    yield* upTo(count, (inode) => {
      const row = rows[inode] ?? 0;
      xattrStart[inode] = this.#book.listLength;
      if (row < 0) {
        mode[inode] = STUB_MODE;
        nlink[inode] = 1;
        if (label !== undefined) this.#book.add(this.#selinux, label.offset, label.length);
        return;
      }
      const stored = table.mode[row] ?? 0;
      const type = stored & S_IFMT;
      const whiteout = isWhiteout(this.#image, row);
      mode[inode] = whiteout ? this.#whiteoutType | (stored & 0o7777) : stored;
      nlink[inode] = type === S_IFDIR ? 2 + this.#countFolders(row) : this.#linksOf(inode, row);
      if (type === S_IFDIR) kind[inode] = Kind.directory;
      else if (type === S_IFLNK) {
        kind[inode] = Kind.symlink;
        size[inode] = this.#targetLength(row);
      } else if (type === S_IFREG && !whiteout && this.#hasContent(row)) {
        size[inode] = table.size[row] ?? 0;
        kind[inode] = this.#file(inode, row);
      }
      this.#marksAndXattrs(inode, row, kind[inode] === Kind.backed || kind[inode] === Kind.unindexed);
    });
    xattrStart[count] = this.#book.listLength;
    yield* this.#book.finish(xattrStart);
    yield* upTo(count, (inode) => {
      const area = this.#book.areaSize(xattrStart[inode] ?? 0, xattrStart[inode + 1] ?? 0);
      const shared =
        this.#rules.version === 2 ? this.#book.sharedCount(xattrStart[inode] ?? 0, xattrStart[inode + 1] ?? 0) : 0;
      if (shared > MAX_SHARED) {
        const message = `an inode shares at most ${MAX_SHARED} xattrs with others in format 2, found ${shared}`;
        throw this.#fault(rows[inode] ?? 0, 'limit', message);
      }
      if (area > MAX_AREA) {
        throw this.#fault(
          rows[inode] ?? 0,
          'limit',
          `xattrs of an inode have ${MAX_AREA} bytes at most, found ${area}`,
        );
      }
    });
    return {
      ...this.#order,
      image: this.#image,
      rules: this.#rules,
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

  #linksOf(inode: number, row: number): number {
    if (this.#order.links !== undefined) return this.#order.links[inode] ?? 0;
    return this.#options.hardLinks === 'split' ? 1 : (this.#image.table.nlink[row] ?? 0);
  }

  /** In format 2, a file of size 0 may have an object. */
  #hasContent(row: number): boolean {
    const { size, flags } = this.#image.table;
    return (size[row] ?? 0) > 0 || (this.#rules.version === 2 && ((flags[row] ?? 0) & Flag.backed) !== 0);
  }

  #countFolders(directory: number): number {
    let folders = 0;
    const { table } = this.#image;
    eachChild(table, directory, this.#rules.isOverlayRoot, (row) => {
      if (row >= 0 && isDirectory(table, row)) folders += 1;
    });
    return folders;
  }

  #targetLength(row: number): number {
    const length = this.#image.table.size[row] ?? 0;
    const { maxTarget } = this.#rules;
    if (length >= 1 && length <= maxTarget) return length;
    const message = `the target of a symlink has 1 to ${maxTarget} bytes${this.#inFormat}, found ${length}`;
    throw this.#fault(row, 'limit', message);
  }

  /** Decides where a file's bytes are, and notes it. */
  #file(inode: number, row: number): number {
    const { size, flags, redirectOffset, redirectLength, digestOffset } = this.#image.table;
    const placed = this.#options.objectOf?.(row);
    if (placed !== undefined) return this.#placed(inode, row, placed);
    const bits = flags[row] ?? 0;
    if ((bits & Flag.backed) !== 0 && (bits & Flag.compressed) === 0) {
      const digest = digestOffset[row] ?? 0;
      const width = digest === 0 ? 0 : (bits & Flag.sha512) === 0 ? 32 : 64;
      const redirect = redirectOffset[row] ?? 0;
      const length = redirectLength[row] ?? 0;
      if (this.#rules.version === 2) {
        const { bytes } = this.#image.table;
        const path = redirect === 0 ? undefined : bytes.subarray(redirect, redirect + length);
        return this.#object(row, path, bytes.subarray(digest, digest + width));
      }
      this.#book.add(METACOPY, digest, width);
      if (redirect !== 0) this.#book.add(REDIRECT, redirect, length);
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
    if (this.#rules.version === 2) return this.#object(row, placed.redirect, placed.digest ?? NOTHING);
    this.#book.addBytes(METACOPY, placed.digest ?? NOTHING);
    if (placed.redirect.length > 0) this.#book.addBytes(REDIRECT, placed.redirect);
    return Kind.backed;
  }

  /** Format 2 has the object's id alone, which is its digest: the redirect is made of it (rust-format.md, section 5, step 3). */
  #object(row: number, redirect: Uint8Array | undefined, digest: Uint8Array): number {
    if (redirect === undefined && digest.length > 0) {
      const message =
        'the file has a digest, but no path of its object: composefs-rs refuses that, and so does format 2';
      throw this.#fault(row, 'unsupported', message);
    }
    this.#book.addBytes(METACOPY, digest);
    if (redirect === undefined) return Kind.unindexed;
    const path = digest.length > 0 ? objectNameOf(digest) : objectPathOf(redirect);
    if (path === undefined) {
      const message = `the object has no digest, and its path “${displayBytes(redirect)}” is none made of one: format 2 cannot name it`;
      throw this.#fault(row, 'unsupported', message);
    }
    this.#book.addBytes(REDIRECT, path);
    return digest.length > 0 ? Kind.backed : Kind.unindexed;
  }

  #checkInline(row: number, length: number): void {
    const { maxInline } = this.#rules;
    if (length <= maxInline) return;
    const message = `a file in the image has at most ${maxInline} bytes${this.#inFormat}, this one has ${length}: it belongs into a store`;
    throw this.#fault(row, 'limit', message);
  }

  #marksAndXattrs(inode: number, row: number, isBacked: boolean): void {
    const whiteout = this.#order.whiteouts[inode] ?? 0;
    this.#replaced = this.#written[whiteout] ?? [];
    this.#stale = this.#read[whiteout] ?? [];
    this.#isBacked = isBacked;
    for (const [name, value] of this.#replaced) this.#book.addBytes(name, value);
    if (inode === 0 && this.#rules.isOverlayRoot) this.#book.addBytes(this.#opaque, ascii('y'));
    if (((this.#image.table.flags[row] ?? 0) & Flag.xattrs) !== 0) this.#eachXattr(row, this.#visit);
  }

  readonly #visit = (bytes: Uint8Array, offset: number, length: number): void => {
    const written = this.#names.written(bytes);
    const name = typeof written === 'number' ? written : this.#isBacked ? DROPPED : written.ofTree;
    if (name === DROPPED) return;
    for (const [replaced] of this.#replaced) if (replaced === name) return;
    for (const [stale, value] of this.#stale) if (stale === name && this.#holds(offset, length, value)) return;
    if (this.#rules.isOverlayRoot && this.#book.isAcl(name)) this.#hasAcl = true;
    this.#book.add(name, offset, length);
  };

  #holds(offset: number, length: number, value: Uint8Array): boolean {
    return equalBytes(this.#image.table.bytes.subarray(offset, offset + length), value);
  }

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

  /** A whiteout is a file in formats 0 and 1. */
  get #whiteoutType(): number {
    return this.#rules.isOverlayRoot ? S_IFREG : S_IFCHR;
  }

  /** Of what another format would take. */
  get #inFormat(): string {
    return this.#rules.version === 2 ? ' in format 2' : '';
  }

  #fault(row: number, code: 'corrupt' | 'limit' | 'unsupported', message: string): ImageError {
    return new ImageError(code, message, { path: pathOf(this.#image.table, Math.max(0, row)) });
  }
}
