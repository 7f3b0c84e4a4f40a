import { ImageError } from '../erofs/image-error.ts';
import type { Content, Image } from '../tree/image.ts';
import { symlinkTarget } from '../tree/symlink.ts';
import {
  Flag,
  nameBytes,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../tree/table.ts';
import { equalBytes } from '../tree/text.ts';
import { ByteWriter, GRAPHIC, PRINTABLE, putEscaped, XATTR_SAFE } from './dump-bytes.ts';
import type { ByteSink } from './dump-bytes.ts';
import { firstNames, isLink, rangesOf, unreadableRows } from './dump-rows.ts';
import type { RowRange } from './dump-rows.ts';

/**
 * The lines of `composefs-info ls` and `composefs-info dump`, byte for byte as 1.0.8 prints them (dump-format.md,
 * section 5), but for these faults of it, where the line says what the image says:
 *
 * - payloads whose redirect is a multiple of 4 bytes long come without the two bytes behind them (bug B1);
 * - SHA-512 digests are printed, where it knows SHA-256 alone and prints `-`;
 * - character devices 0:0 are printed wherever they are not one of the root's 256 stubs: in images of composefs-rs, format
 *   2, they are the whiteouts, which it loses at any depth;
 * - an xattr with an empty value at the end of its inode, such as `system.posix_acl_access=`, is printed. It stops 4
 *   bytes early and skips such an entry;
 * - inline content may have any length, where it refuses the whole image above 5000 bytes. Content that is longer than
 *   the image itself, and so holes for the most part, is not printed;
 * - NUL bytes in targets, redirects and names of xattrs do not end them.
 *
 * What it drops on purpose stays dropped: overlay's own xattrs, and `user.overlay.whiteout` and `…whiteouts`, also where
 * they are the source's own. A hard link is the second name in the order of the walk, and `ls` prints its name alone.
 */

/** What is left out of a dump, and why. `entry` is a row; `message` a sentence. */
export interface DumpFault {
  readonly entry: number;
  readonly message: string;
  readonly offset: number | undefined;
}

export interface DumpOptions {
  /** Only these entries of the root, by name, and what is below them; undefined: all. The root's line always comes. */
  readonly filter?: readonly Uint8Array[] | undefined;
  /**
   * Told of each entry that has no line because its line would not be true: its content or xattrs cannot be read. Entries
   * that the reader found broken have their problem among `Image.problems` already and are not told again.
   */
  readonly onFault?: ((fault: DumpFault) => void) | undefined;
}

const SLASH = 0x2f;
const SPACE = 0x20;
const TAB = 0x09;
const LF = 0x0a;
const DASH = 0x2d;
const AT = 0x40;
const DOT = 0x2e;
const EQUALS = 0x3d;

/** Calls `each` for every row to be printed but the root's, with the row's path as far as its parent, escaped. */
function walk(
  image: Image,
  ranges: readonly RowRange[],
  escapes: Uint8Array,
  each: (entry: number, path: PathBuffer, length: number) => void,
): void {
  const { end, flags, nameOffset, nameLength, bytes } = image.table;
  const path = new PathBuffer();
  const stops: number[] = [];
  const lengths: number[] = [];
  for (const { from, to } of ranges) {
    stops.length = 0;
    lengths.length = 0;
    let stop = to;
    let length = 0;
    for (let entry = from; entry < to; entry++) {
      while (entry >= stop) {
        stop = stops.pop() ?? to;
        length = lengths.pop() ?? 0;
      }
      if (((flags[entry] ?? 0) & Flag.stub) !== 0) continue;
      each(entry, path, length);
      const behind = end[entry] ?? 0;
      if (behind === entry + 1) continue;
      stops.push(stop);
      lengths.push(length);
      stop = behind;
      const offset = nameOffset[entry] ?? 0;
      length = path.append(length, bytes, offset, offset + (nameLength[entry] ?? 0), escapes);
    }
  }
}

/** The path of the directory that the walk is in, escaped; it grows to what the deepest one needs. */
class PathBuffer {
  bytes = new Uint8Array(4096);

  /** Puts `/` and a name behind the first `length` bytes. @returns the new length */
  append(length: number, source: Uint8Array, from: number, to: number, escapes: Uint8Array): number {
    const most = length + 1 + 4 * (to - from);
    if (most > this.bytes.length) {
      const more = new Uint8Array(2 * most);
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes[length] = SLASH;
    return putEscaped(this.bytes, length + 1, source, from, to, escapes);
  }
}

/** Writes what `composefs-info ls` prints, whole lines in tree order; see the top of this file. */
export function writeLs(image: Image, sink: ByteSink, options: DumpOptions = {}): void {
  const { table } = image;
  const { bytes, mode, flags, nameOffset, nameLength, redirectOffset, redirectLength } = table;
  const ranges = rangesOf(table, options.filter);
  const first = firstNames(table, ranges);
  const writer = new ByteWriter(sink);
  walk(image, ranges, PRINTABLE, (entry, path, length) => {
    writer.bytes(path.bytes, 0, length);
    writer.byte(SLASH);
    const name = nameOffset[entry] ?? 0;
    writer.escaped(bytes, name, name + (nameLength[entry] ?? 0), PRINTABLE);
    if (!isLink(table, first, entry)) {
      const type = (mode[entry] ?? 0) & S_IFMT;
      if (type === S_IFDIR) {
        writer.byte(SLASH);
        writer.byte(TAB);
      } else if (type === S_IFLNK) {
        const target = symlinkTarget(image, entry);
        writer.text('\t-> ');
        if (target) writer.escaped(target, 0, target.length, GRAPHIC);
      } else if (type === S_IFREG && !isWhiteout(image, flags[entry] ?? 0) && redirectOffset[entry] !== 0) {
        const redirect = redirectOffset[entry] ?? 0;
        writer.text('\t@ ');
        writer.escaped(bytes, redirect, redirect + (redirectLength[entry] ?? 0), GRAPHIC);
      }
    }
    writer.byte(LF);
  });
  writer.flush();
}

/** Whether a regular file of an image with a composefs header stands for a character device 0:0. */
const isWhiteout = (image: Image, bits: number): boolean =>
  image.kind === 'composefs' && (bits & Flag.escapedWhiteout) !== 0;

/** Writes what `composefs-info dump` prints, whole lines in tree order; see the top of this file. */
export function writeDump(image: Image, sink: ByteSink, options: DumpOptions = {}): void {
  new Dump(image, sink, options).run();
}

type Extents = Extract<Content, { kind: 'inline' }>['extents'];

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const TRUSTED = ascii('trusted.');
const OVERLAY = ascii('trusted.overlay.');
const ESCAPED = ascii('trusted.overlay.overlay.');
const ESCAPED_WHITEOUT = ascii('trusted.overlay.overlay.whiteout');
const ESCAPED_WHITEOUTS = ascii('trusted.overlay.overlay.whiteouts');
const USER_OVERLAY = ascii('user.overlay.');
const USER_WHITEOUT = ascii('user.overlay.whiteout');
const USER_WHITEOUTS = ascii('user.overlay.whiteouts');
const METACOPY = ascii('trusted.overlay.metacopy');
const REDIRECT = ascii('trusted.overlay.redirect');

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  // from the end: most names that are not overlay's share their beginning with it
  for (let index = prefix.length - 1; index >= 0; index--) if (bytes[index] !== prefix[index]) return false;
  return true;
}

/** Whether a composefs image's xattr is part of how it stores an entry, and none of the source tree's own. */
function isBookkeeping(name: Uint8Array, storedType: number): boolean {
  if (startsWith(name, ESCAPED)) {
    return equalBytes(name, ESCAPED_WHITEOUTS) || (storedType === S_IFREG && equalBytes(name, ESCAPED_WHITEOUT));
  }
  if (startsWith(name, OVERLAY)) return true;
  return startsWith(name, USER_OVERLAY) && (equalBytes(name, USER_WHITEOUT) || equalBytes(name, USER_WHITEOUTS));
}

const isType = (type: number): boolean =>
  type === S_IFREG ||
  type === S_IFDIR ||
  type === S_IFLNK ||
  type === S_IFCHR ||
  type === S_IFBLK ||
  type === S_IFIFO ||
  type === S_IFSOCK;

class Dump {
  readonly #image: Image;
  readonly #writer: ByteWriter;
  readonly #ranges: readonly RowRange[];
  readonly #first: ReadonlyMap<number, number> | undefined;
  readonly #onFault: DumpOptions['onFault'];
  readonly #untold: ReadonlySet<number>;
  /** Of the entry whose xattrs are being written: its type as stored, and whether an object has its bytes. */
  #type = 0;
  #backed = false;

  constructor(image: Image, sink: ByteSink, options: DumpOptions) {
    this.#image = image;
    this.#writer = new ByteWriter(sink);
    this.#ranges = rangesOf(image.table, options.filter);
    this.#first = firstNames(image.table, this.#ranges);
    this.#onFault = options.onFault;
    this.#untold = unreadableRows(image);
  }

  run(): void {
    this.#line(0, undefined, 0);
    walk(this.#image, this.#ranges, GRAPHIC, (entry, path, length) => this.#line(entry, path, length));
    this.#writer.flush();
  }

  #line(entry: number, path: PathBuffer | undefined, length: number): void {
    const { table } = this.#image;
    const writer = this.#writer;
    const bits = table.flags[entry] ?? 0;
    const whiteout = isWhiteout(this.#image, bits);
    const mode = whiteout ? ((table.mode[entry] ?? 0) & ~S_IFMT) | S_IFCHR : (table.mode[entry] ?? 0);
    const type = mode & S_IFMT;
    const link = isLink(table, this.#first, entry);
    if (!isType(type) || (type !== S_IFDIR && this.#untold.has(entry)) || (link && type === S_IFDIR)) return;
    const content = type === S_IFREG && (bits & Flag.inline) !== 0 ? this.#extents(entry) : undefined;
    const target = type === S_IFLNK ? symlinkTarget(this.#image, entry) : undefined;
    if (type === S_IFREG && content === undefined && (bits & (Flag.inline | Flag.compressed)) !== 0) {
      if ((bits & Flag.compressed) !== 0) this.#fault(entry, 'the file is compressed: its content is not in the dump');
      return;
    }
    if (type === S_IFLNK && target === undefined) {
      this.#fault(entry, 'the target cannot be read');
      return;
    }

    if (path === undefined) writer.byte(SLASH);
    else {
      writer.bytes(path.bytes, 0, length);
      writer.byte(SLASH);
      const name = table.nameOffset[entry] ?? 0;
      writer.escaped(table.bytes, name, name + (table.nameLength[entry] ?? 0), GRAPHIC);
    }
    writer.byte(SPACE);
    writer.decimal(whiteout ? 0 : target ? target.length : (table.size[entry] ?? 0));
    writer.byte(SPACE);
    if (link) writer.byte(AT);
    writer.octal(mode);
    writer.byte(SPACE);
    writer.decimal(table.nlink[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(table.uid[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(table.gid[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(table.rdev[entry] ?? 0);
    writer.byte(SPACE);
    this.#mtime(entry);
    writer.byte(SPACE);
    if (link) this.#linkTarget(entry);
    else if (target) this.#optional(target, 0, target.length);
    else if (type === S_IFREG) {
      const redirect = table.redirectOffset[entry] ?? 0;
      this.#optional(table.bytes, redirect, redirect + (redirect === 0 ? 0 : (table.redirectLength[entry] ?? 0)));
    } else writer.byte(DASH);
    writer.byte(SPACE);
    if (content) this.#content(content);
    else writer.byte(DASH);
    writer.byte(SPACE);
    const digest = type === S_IFREG ? (table.digestOffset[entry] ?? 0) : 0;
    if (digest === 0) writer.byte(DASH);
    else writer.hex(table.bytes, digest, digest + ((bits & Flag.sha512) === 0 ? 32 : 64));
    if ((bits & Flag.xattrs) !== 0) {
      this.#xattrs(entry, (table.mode[entry] ?? 0) & S_IFMT, (bits & Flag.backed) !== 0);
    }
    writer.byte(LF);
  }

  #mtime(entry: number): void {
    const { mtime, mtimeNsec } = this.#image.table;
    const seconds = mtime[entry] ?? 0;
    if (Number.isSafeInteger(seconds)) this.#writer.decimal(seconds);
    else this.#writer.text(this.#image.mtimeSeconds(entry).toString());
    this.#writer.byte(DOT);
    this.#writer.decimal(mtimeNsec[entry] ?? 0);
  }

  /** The path of the entry's first name. */
  #linkTarget(entry: number): void {
    const { table } = this.#image;
    const chain: number[] = [];
    for (let at = this.#first?.get(table.inode[entry] ?? 0) ?? entry; at !== 0; at = table.parent[at] ?? 0) {
      chain.push(at);
    }
    for (const at of chain.toReversed()) {
      const name = nameBytes(table, at);
      this.#writer.byte(SLASH);
      this.#writer.escaped(name, 0, name.length, GRAPHIC);
    }
  }

  /** A field that may be empty, which is written `-`; what is a dash itself is escaped. */
  #optional(source: Uint8Array, from: number, to: number): void {
    if (from === to) this.#writer.byte(DASH);
    else if (to - from === 1 && source[from] === DASH) this.#writer.text('\\x2d');
    else this.#writer.escaped(source, from, to, GRAPHIC);
  }

  #content(extents: Extents): void {
    const { bytes } = this.#image.table;
    const [only] = extents;
    if (extents.length === 1 && only?.offset !== undefined) {
      this.#optional(bytes, only.offset, only.offset + only.length);
      return;
    }
    for (const { offset, length } of extents) {
      if (offset === undefined) this.#writer.escapedZeros(length);
      else this.#writer.escaped(bytes, offset, offset + length, GRAPHIC);
    }
  }

  /** Where an inline file's bytes are; undefined, and told, where that cannot be said in a line. */
  #extents(entry: number): Extents | undefined {
    const { table } = this.#image;
    try {
      const content = this.#image.content(entry);
      if (content.kind === 'unavailable') {
        this.#fault(entry, content.why);
        return undefined;
      }
      if (content.kind !== 'inline') return [];
      if (content.extents.every(({ offset }) => offset === undefined)) return [];
      if ((table.size[entry] ?? 0) <= table.bytes.length) return content.extents;
      this.#fault(entry, 'the file is longer than the image, most of it holes: its content is not in the dump');
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.#fault(entry, error.message, error.offset);
    }
    return undefined;
  }

  #xattrs(entry: number, type: number, backed: boolean): void {
    this.#type = type;
    this.#backed = backed;
    const image = this.#image;
    if (image.eachXattr) {
      image.eachXattr(entry, this.#visit);
      return;
    }
    for (const { name, value } of image.xattrs(entry)) {
      if (this.#isDumped(name)) this.#xattr(name, value, 0, value.length);
    }
  }

  /** One function for all entries: a closure for each would be a million. */
  readonly #visit = (name: Uint8Array, valueOffset: number, valueLength: number): void => {
    if (this.#isDumped(name)) this.#xattr(name, this.#image.table.bytes, valueOffset, valueOffset + valueLength);
  };

  /**
   * In an image with a composefs header, overlay's own names are left out. A plain EROFS image escapes nothing, so that
   * all names are its own, but for the two that say where a file's bytes are.
   */
  #isDumped(name: Uint8Array): boolean {
    if (this.#image.kind === 'composefs') return !isBookkeeping(name, this.#type);
    return !this.#backed || !(equalBytes(name, METACOPY) || equalBytes(name, REDIRECT));
  }

  #xattr(name: Uint8Array, value: Uint8Array, from: number, to: number): void {
    const writer = this.#writer;
    writer.byte(SPACE);
    if (this.#image.kind === 'composefs' && startsWith(name, ESCAPED)) {
      writer.bytes(TRUSTED, 0, TRUSTED.length);
      writer.escaped(name, OVERLAY.length, name.length, XATTR_SAFE);
    } else writer.escaped(name, 0, name.length, XATTR_SAFE);
    writer.byte(EQUALS);
    writer.escaped(value, from, to, XATTR_SAFE);
  }

  #fault(entry: number, message: string, offset?: number): void {
    if (((this.#image.table.flags[entry] ?? 0) & Flag.broken) === 0) this.#onFault?.({ entry, message, offset });
  }
}
