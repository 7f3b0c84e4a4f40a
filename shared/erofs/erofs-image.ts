import type { Content, Fact, Field, Image, ImageKind, Problem, Xattr, XattrArea } from '../tree/image.ts';
import type { ProblemLog } from '../tree/problem-log.ts';
import { Flag, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, type Table } from '../tree/table.ts';
import { inodeFields } from './fields.ts';
import type { Geometry } from './geometry.ts';
import { ImageError } from './image-error.ts';
import { COMPACT_SIZE, EXTENDED_SIZE, xattrSizeOf, type Inode } from './inode.ts';
import { readEntry, XATTR_HEADER, XattrEntry, type XattrNames } from './xattr.ts';

/** An EROFS image that was walked: composefs (with its header) or plain. */
export class ErofsImage implements Image {
  readonly kind: ImageKind;
  readonly table: Table;
  readonly formatVersion: number | undefined;
  readonly facts: readonly Fact[];
  readonly problems: readonly Problem[];
  readonly problemsOmitted: number;
  readonly #geometry: Geometry;
  readonly #names: XattrNames;
  readonly #entry = new XattrEntry();

  constructor(parts: {
    readonly geometry: Geometry;
    readonly names: XattrNames;
    readonly table: Table;
    readonly log: ProblemLog;
    readonly formatVersion: number | undefined;
    readonly facts: readonly Fact[];
  }) {
    this.kind = parts.formatVersion === undefined ? 'erofs' : 'composefs';
    this.table = parts.table;
    this.formatVersion = parts.formatVersion;
    this.facts = parts.facts;
    this.problems = parts.log.problems;
    this.problemsOmitted = parts.log.omitted;
    this.#geometry = parts.geometry;
    this.#names = parts.names;
  }

  xattrs(entry: number): readonly Xattr[] {
    const { bytes } = this.#geometry;
    const found: Xattr[] = [];
    this.#eachEntry(entry, (name, { offset, valueOffset, valueLength }, storage) =>
      found.push({ name, value: bytes.subarray(valueOffset, valueOffset + valueLength), storage, offset }),
    );
    return found;
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    this.#eachEntry(entry, (name, { valueOffset, valueLength }) => visit(name, valueOffset, valueLength));
  }

  xattrArea(entry: number, area: XattrArea): boolean {
    const { view, superblock, blockSize, bytes } = this.#geometry;
    if (superblock.xattrPrefixCount > 0) return false;
    // i_format and i_xattr_icount alone: this is asked of every entry of both images that are compared
    const inode = this.#geometry.inodeOffset(this.table.inode[entry] ?? 0);
    if (inode + EXTENDED_SIZE > bytes.length) return false;
    const start = inode + ((view.getUint8(inode) & 1) === 0 ? COMPACT_SIZE : EXTENDED_SIZE);
    const size = xattrSizeOf(view.getUint16(inode + 2, true));
    if (size === 0 || start + size > bytes.length) return false;
    area.stop = start + size;
    area.shared = start + XATTR_HEADER;
    area.sharedCount = view.getUint8(start + 4);
    area.sharedBase = superblock.xattrBlkaddr * blockSize;
    area.inline = area.shared + 4 * area.sharedCount;
    return area.inline <= area.stop;
  }

  /** Inline entries, then shared ones. The `XattrEntry` is the same object at each call. */
  #eachEntry(entry: number, visit: (name: Uint8Array, at: XattrEntry, storage: Xattr['storage']) => void): void {
    const inode = this.#inode(entry);
    if (inode.xattrSize === 0) return;
    const { view, bytes, superblock, blockSize } = this.#geometry;
    const start = inode.offset + inode.headerSize;
    const stop = start + inode.xattrSize;
    if (stop > bytes.length)
      throw new ImageError('truncated', 'the xattr area reaches behind the end of the image', { offset: start });
    const sharedCount = view.getUint8(start + 4);
    const found = this.#entry;
    let at = start + XATTR_HEADER + 4 * sharedCount;
    const firstInline = Math.min(at, stop);
    while (at < stop) {
      if (readEntry(view, at, stop, found) !== undefined) break; // logged by the walk; what is before it is sound
      at = found.next;
      visit(this.#nameOf(found), found, 'inline');
    }
    for (let index = start + XATTR_HEADER; index + 4 <= firstInline; index += 4) {
      const offset = superblock.xattrBlkaddr * blockSize + 4 * view.getUint32(index, true);
      if (readEntry(view, offset, bytes.length, found) === undefined) visit(this.#nameOf(found), found, 'shared');
    }
  }

  content(entry: number): Content {
    const { flags, mode, size, redirectOffset, redirectLength, digestOffset, bytes } = this.table;
    const bits = flags[entry] ?? 0;
    const type = (mode[entry] ?? 0) & S_IFMT;
    if (type !== S_IFREG && type !== S_IFLNK)
      return { kind: 'unavailable', why: 'Only regular files and symlinks have content.' };
    if (size[entry] === 0) return { kind: 'empty' };
    if ((bits & Flag.compressed) !== 0) {
      return {
        kind: 'unavailable',
        why: 'The file is compressed inside the image; compressed data cannot be read here.',
      };
    }
    if ((bits & Flag.backed) === 0) {
      const extents = this.#geometry.extents(this.#inode(entry));
      return { kind: 'inline', extents };
    }
    const redirect = redirectOffset[entry] ?? 0;
    const digest = digestOffset[entry] ?? 0;
    return {
      kind: 'object',
      redirect: redirect === 0 ? undefined : bytes.subarray(redirect, redirect + (redirectLength[entry] ?? 0)),
      digest: digest === 0 ? undefined : bytes.subarray(digest, digest + ((bits & Flag.sha512) === 0 ? 32 : 64)),
    };
  }

  mtimeSeconds(entry: number): bigint {
    const seconds = this.table.mtime[entry] ?? 0;
    if (Number.isSafeInteger(seconds)) return BigInt(seconds);
    const inode = this.#inode(entry);
    return inode.extended
      ? this.#geometry.view.getBigInt64(inode.offset + 32, true)
      : this.#geometry.superblock.buildTime;
  }

  fields(entry: number): readonly Field[] {
    return inodeFields(this.#geometry, this.#names, this.#inode(entry));
  }

  /** @throws ImageError `truncated` */
  #inode(entry: number): Inode {
    return this.#geometry.inode(this.table.inode[entry] ?? 0);
  }

  #nameOf(entry: XattrEntry): Uint8Array {
    const { nameIndex, nameOffset, nameLength } = entry;
    // an unknown index: the kernel skips such an entry; we show it with the index in place of the prefix
    return (
      this.#names.fullName(entry) ??
      unknownName(nameIndex, this.#geometry.bytes.subarray(nameOffset, nameOffset + nameLength))
    );
  }
}

function unknownName(nameIndex: number, suffix: Uint8Array): Uint8Array {
  const prefix = `?${nameIndex}.`;
  return Uint8Array.from([...Array.from(prefix, (letter) => letter.charCodeAt(0)), ...suffix]);
}

/** Whether the inode may be a root. */
export function isDirectoryInode(inode: Inode): boolean {
  return (inode.mode & S_IFMT) === S_IFDIR;
}
