import { ImageError } from '../erofs/image-error.ts';
import type { Content, Image } from '../tree/image.ts';
import { symlinkTarget } from '../tree/symlink.ts';
import { Flag, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../tree/table.ts';
import { equalBytes } from '../tree/text.ts';
import { ByteWriter, GRAPHIC, PRINTABLE, putEscaped, sourceOf, XATTR_SAFE } from './dump-bytes.ts';
import type { ByteSink, ByteSource, Escapes } from './dump-bytes.ts';
import { ESCAPED_WHITEOUT, METACOPY, REDIRECT, xattrKey } from './dump-xattrs.ts';
import type { XattrKey } from './dump-xattrs.ts';
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
 * What is no fault by that list stays as it is there. A regular file with the xattr of an escaped whiteout becomes a
 * character device 0:0 of size 0, whatever its size. Overlay's own xattrs are dropped, `user.overlay.whiteout` and
 * `…whiteouts` too, also where they are the source's own. A hard link is the second name in the order of the walk, and
 * `ls` prints its path alone.
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
   * Told of each entry that has no line because its line would not be true: where its content is cannot be said. Entries
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

/** Calls `each` for every row to be printed but the root's, with the row's path as far as its parent, escaped. */
function walk(
  image: Image,
  ranges: readonly RowRange[],
  source: ByteSource,
  escapes: Escapes,
  each: (entry: number, path: ByteSource, length: number) => void,
): void {
  const { end, flags, nameOffset, nameLength } = image.table;
  let path = sourceOf(new Uint8Array(4096));
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
      const name = nameLength[entry] ?? 0;
      path = withRoom(path, length + 1 + 4 * name);
      path.bytes[length] = SLASH;
      length = putEscaped(path, length + 1, source, offset, offset + name, escapes);
    }
  }
}

/** The same bytes with room for `length`. */
function withRoom(path: ByteSource, length: number): ByteSource {
  if (length <= path.bytes.length) return path;
  const more = new Uint8Array(2 * length);
  more.set(path.bytes);
  return sourceOf(more);
}

/** Writes what `composefs-info ls` prints, whole lines in tree order; see the top of this file. */
export function writeLs(image: Image, sink: ByteSink, options: DumpOptions = {}): void {
  const { table } = image;
  const { bytes, mode, flags, nameOffset, nameLength, redirectOffset, redirectLength } = table;
  const ranges = rangesOf(table, options.filter);
  const first = firstNames(table, ranges);
  const source = sourceOf(bytes);
  const writer = new ByteWriter(sink);
  walk(image, ranges, source, PRINTABLE, (entry, path, length) => {
    writer.bytes(path, 0, length);
    writer.byte(SLASH);
    const name = nameOffset[entry] ?? 0;
    writer.escaped(source, name, name + (nameLength[entry] ?? 0), PRINTABLE);
    if (!isLink(table, first, entry)) {
      const type = (mode[entry] ?? 0) & S_IFMT;
      if (type === S_IFDIR) {
        writer.byte(SLASH);
        writer.byte(TAB);
      } else if (type === S_IFLNK) {
        const target = symlinkTarget(image, entry);
        writer.text('\t-> ');
        if (target) writer.escaped(sourceOf(target), 0, target.length, GRAPHIC);
      } else if (type === S_IFREG && !isWhiteout(image, flags[entry] ?? 0) && redirectOffset[entry] !== 0) {
        const redirect = redirectOffset[entry] ?? 0;
        writer.text('\t@ ');
        writer.escaped(source, redirect, redirect + (redirectLength[entry] ?? 0), GRAPHIC);
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

/** Which of the two are in the line. */
interface Kept {
  readonly payload: boolean;
  readonly digest: boolean;
}
const EVERYTHING: Kept = { payload: true, digest: true };
const NEITHER: Kept = { payload: false, digest: false };
/** Content of no bytes, which is not the same as none: the field is empty, and no dash. */
const NOTHING: Extents = [{ offset: undefined, length: 0 }];

type Extents = Extract<Content, { kind: 'inline' }>['extents'];

/** Names whose keys are remembered; more of them still print. */
const MAX_KEYS = 1000;

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
  readonly #source: ByteSource;
  readonly #writer: ByteWriter;
  readonly #ranges: readonly RowRange[];
  readonly #first: ReadonlyMap<number, number> | undefined;
  readonly #onFault: DumpOptions['onFault'];
  readonly #unreadable: ReadonlySet<number>;
  /** By the array that a name comes in, which the reader uses again and again. */
  readonly #keys = new Map<Uint8Array, XattrKey>();
  /** Of the entry whose xattrs are being written: stored as a regular file, with its bytes in an object. */
  #isFile = false;
  #isBacked = false;

  constructor(image: Image, sink: ByteSink, options: DumpOptions) {
    this.#image = image;
    this.#source = sourceOf(image.table.bytes);
    this.#writer = new ByteWriter(sink);
    this.#ranges = rangesOf(image.table, options.filter);
    this.#first = firstNames(image.table, this.#ranges);
    this.#onFault = options.onFault;
    this.#unreadable = unreadableRows(image);
  }

  run(): void {
    this.#line(0, undefined, 0);
    walk(this.#image, this.#ranges, this.#source, GRAPHIC, (entry, path, length) => this.#line(entry, path, length));
    this.#writer.flush();
  }

  #line(entry: number, path: ByteSource | undefined, length: number): void {
    const { table } = this.#image;
    const bits = table.flags[entry] ?? 0;
    const stored = table.mode[entry] ?? 0;
    const whiteout = isWhiteout(this.#image, bits);
    const mode = whiteout ? (stored & ~S_IFMT) | S_IFCHR : stored;
    const type = mode & S_IFMT;
    const link = isLink(table, this.#first, entry);
    if (!isType(type) || (type !== S_IFDIR && this.#unreadable.has(entry)) || (link && type === S_IFDIR)) return;
    if (type === S_IFREG && (bits & Flag.compressed) !== 0) {
      this.#fault(entry, 'the file is compressed: its content is not in the dump');
      return;
    }
    const target = type === S_IFLNK ? symlinkTarget(this.#image, entry) : undefined;
    if (type === S_IFLNK && target === undefined) {
      this.#fault(entry, 'the target cannot be read');
      return;
    }
    const content = (bits & Flag.inline) === 0 ? [] : whiteout ? NOTHING : this.#extents(entry);
    if (content === undefined) return;

    this.#path(entry, path, length);
    this.#attributes(entry, whiteout ? 0 : (target?.length ?? table.size[entry] ?? 0), mode, link);
    const writer = this.#writer;
    const kept = whiteout ? this.#keptOfWhiteout(entry) : type === S_IFREG ? EVERYTHING : NEITHER;
    if (link) this.#linkTarget(entry);
    else if (target) this.#optional(sourceOf(target), 0, target.length);
    else if (kept.payload) {
      const redirect = table.redirectOffset[entry] ?? 0;
      this.#optional(this.#source, redirect, redirect + (redirect === 0 ? 0 : (table.redirectLength[entry] ?? 0)));
    } else writer.byte(DASH);
    writer.byte(SPACE);
    if (content.length === 0) writer.byte(DASH);
    else this.#content(content);
    writer.byte(SPACE);
    const digest = kept.digest ? (table.digestOffset[entry] ?? 0) : 0;
    if (digest === 0) writer.byte(DASH);
    else writer.hex(table.bytes, digest, digest + ((bits & Flag.sha512) === 0 ? 32 : 64));
    if ((bits & Flag.xattrs) !== 0) this.#xattrs(entry, stored & S_IFMT, (bits & Flag.backed) !== 0);
    writer.byte(LF);
  }

  #path(entry: number, path: ByteSource | undefined, length: number): void {
    const { nameOffset, nameLength } = this.#image.table;
    const writer = this.#writer;
    if (path !== undefined) writer.bytes(path, 0, length);
    writer.byte(SLASH);
    const name = nameOffset[entry] ?? 0;
    writer.escaped(this.#source, name, name + (nameLength[entry] ?? 0), GRAPHIC);
    writer.byte(SPACE);
  }

  /** SIZE to MTIME. */
  #attributes(entry: number, size: number, mode: number, link: boolean): void {
    const { nlink, uid, gid, rdev } = this.#image.table;
    const writer = this.#writer;
    writer.decimal(size);
    writer.byte(SPACE);
    if (link) writer.byte(AT);
    writer.octal(mode);
    writer.byte(SPACE);
    writer.decimal(nlink[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(uid[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(gid[entry] ?? 0);
    writer.byte(SPACE);
    writer.decimal(rdev[entry] ?? 0);
    writer.byte(SPACE);
    this.#mtime(entry);
    writer.byte(SPACE);
  }

  /**
   * A whiteout is an empty file, but a file of any size with that xattr is printed as one. What 1.0.8 had read when it
   * came to the xattr then stays in the line: in stored order, redirect and metacopy in front of it.
   */
  #keptOfWhiteout(entry: number): Kept {
    const kept = { payload: false, digest: false };
    for (const { name } of this.#image.xattrs(entry)) {
      if (equalBytes(name, ESCAPED_WHITEOUT)) break;
      if (equalBytes(name, REDIRECT)) kept.payload = true;
      if (equalBytes(name, METACOPY)) kept.digest = true;
    }
    return kept;
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
      const name = table.nameOffset[at] ?? 0;
      this.#writer.byte(SLASH);
      this.#writer.escaped(this.#source, name, name + (table.nameLength[at] ?? 0), GRAPHIC);
    }
  }

  /** A field that may be empty, which is written `-`; what is a dash itself is escaped. */
  #optional(source: ByteSource, from: number, to: number): void {
    if (from === to) this.#writer.byte(DASH);
    else if (to - from === 1 && source.bytes[from] === DASH) this.#writer.text('\\x2d');
    else this.#writer.escaped(source, from, to, GRAPHIC);
  }

  #content(extents: Extents): void {
    const [only] = extents;
    if (extents.length === 1 && only?.offset !== undefined) {
      this.#optional(this.#source, only.offset, only.offset + only.length);
      return;
    }
    for (const { offset, length } of extents) {
      if (offset === undefined) this.#writer.escapedZeros(length);
      else this.#writer.escaped(this.#source, offset, offset + length, GRAPHIC);
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
    this.#isFile = type === S_IFREG;
    this.#isBacked = backed;
    const image = this.#image;
    if (image.eachXattr) {
      image.eachXattr(entry, this.#visit);
      return;
    }
    for (const { name, value } of image.xattrs(entry)) this.#xattr(name, sourceOf(value), 0, value.length);
  }

  /** One function for all entries: a closure for each would be a million. */
  readonly #visit = (name: Uint8Array, valueOffset: number, valueLength: number): void => {
    this.#xattr(name, this.#source, valueOffset, valueOffset + valueLength);
  };

  #xattr(name: Uint8Array, value: ByteSource, from: number, to: number): void {
    const { dropped, text } = this.#keys.get(name) ?? this.#newKey(name);
    if (dropped === 'always' || (dropped === 'on files' && this.#isFile)) return;
    if (dropped === 'on backed files' && this.#isBacked) return;
    this.#writer.bytes(text, 0, text.bytes.length);
    this.#writer.escaped(value, from, to, XATTR_SAFE);
  }

  #newKey(name: Uint8Array): XattrKey {
    const key = xattrKey(name, this.#image.kind);
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }

  #fault(entry: number, message: string, offset?: number): void {
    if (((this.#image.table.flags[entry] ?? 0) & Flag.broken) === 0) this.#onFault?.({ entry, message, offset });
  }
}
