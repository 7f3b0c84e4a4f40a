import { ImageError } from '../../erofs/image-error.ts';
import { upTo, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import { pathOf } from '../../tree/path.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../tree/table.ts';
import { COMPOSEFS_MAGIC } from '../header.ts';
import { BLOCK, blocksOf, DOT, DOTDOT, entriesOf, nameLengthOf } from './directory-blocks.ts';
import { stubNames } from './inode-order.ts';
import { Kind, type Inodes } from './inodes.ts';
import { chunkBits, type Layout } from './layout.ts';

const SUPER = 1024;
const EROFS_MAGIC = 0xe0f5e1e2;
/** Times are mtimes; the name filters count. */
const FEATURE_COMPAT = 2 | 4;
const PLAIN = 0;
const INLINE = 2;
const CHUNKS = 4;
const HAS_ACL = 1;
/** Chunks of 2^43 bytes: 31 more bits than a block. */
const LARGEST_CHUNKS = 31;

/** `file_type` of a dirent, by type. */
const direntTypes: Readonly<Record<number, number>> = {
  [S_IFREG]: 1,
  [S_IFDIR]: 2,
  [S_IFCHR]: 3,
  [S_IFBLK]: 4,
  [S_IFIFO]: 5,
  [S_IFSOCK]: 6,
  [S_IFLNK]: 7,
};

/** The bytes of an image whose inodes have their places (writer.md, sections 8 and 9). */
export function* imageBytes(image: Image, inodes: Inodes, layout: Layout): Steps<Uint8Array> {
  return yield* new Writer(image, inodes, layout).write();
}

class Writer {
  readonly #image: Image;
  readonly #inodes: Inodes;
  readonly #layout: Layout;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(image: Image, inodes: Inodes, layout: Layout) {
    this.#image = image;
    this.#inodes = inodes;
    this.#layout = layout;
    const length = layout.blockCount * BLOCK;
    try {
      this.#bytes = new Uint8Array(length);
    } catch (cause) {
      throw new ImageError('limit', `there is not enough memory for an image of ${length} bytes`, { cause });
    }
    this.#view = new DataView(this.#bytes.buffer);
  }

  *write(): Steps<Uint8Array> {
    const { count, xattrs, xattrStart } = this.#inodes;
    const { nid, headerSize, xattrSize, inodesEnd, sharedBase } = this.#layout;
    this.#header();
    yield* upTo(count, (inode) => {
      const at = 32 * (nid[inode] ?? 0);
      this.#inode(inode, at);
      const area = at + (headerSize[inode] ?? 0);
      const from = xattrStart[inode] ?? 0;
      const to = xattrStart[inode + 1] ?? 0;
      if (from < to) xattrs.putArea(this.#view, area, from, to, sharedBase);
      this.#data(inode, area + (xattrSize[inode] ?? 0));
    });
    xattrs.putShared(this.#view, inodesEnd);
    return this.#bytes;
  }

  #header(): void {
    const view = this.#view;
    const { buildTimeRow, xattrBlkaddr, blockCount, nid } = this.#layout;
    view.setUint32(0, COMPOSEFS_MAGIC, true);
    view.setUint32(4, 1, true); //                                   version
    view.setUint32(8, this.#inodes.hasAcl ? HAS_ACL : 0, true); //   flags
    view.setUint32(12, this.#inodes.rules.version, true); //         composefs_version
    view.setUint32(SUPER, EROFS_MAGIC, true);
    view.setUint32(SUPER + 0x08, FEATURE_COMPAT, true);
    view.setUint8(SUPER + 0x0c, 12); //                              blkszbits
    view.setUint16(SUPER + 0x0e, nid[0] ?? 0, true); //              root_nid
    view.setUint32(SUPER + 0x10, this.#inodes.count, true); //       inos
    if (buildTimeRow !== undefined) {
      this.#seconds(SUPER + 0x18, buildTimeRow); //                  build_time
      view.setUint32(SUPER + 0x20, this.#image.table.mtimeNsec[buildTimeRow] ?? 0, true);
    }
    view.setUint32(SUPER + 0x24, blockCount, true); //               blocks
    view.setUint32(SUPER + 0x2c, xattrBlkaddr, true); //             xattr_blkaddr
  }

  #seconds(at: number, row: number): void {
    const seconds = this.#image.table.mtime[row] ?? 0;
    if (!Number.isSafeInteger(seconds)) {
      this.#view.setBigInt64(at, this.#image.mtimeSeconds(row), true);
      return;
    }
    this.#view.setUint32(at, seconds >>> 0, true);
    this.#view.setInt32(at + 4, Math.floor(seconds / 2 ** 32), true);
  }

  #inode(inode: number, at: number): void {
    const view = this.#view;
    const { rules, rows, mode, nlink, size } = this.#inodes;
    const { nid, headerSize, xattrSize } = this.#layout;
    const { uid, gid, mtimeNsec } = this.#image.table;
    const row = Math.max(0, rows[inode] ?? 0);
    const isExtended = headerSize[inode] === 64;
    const area = xattrSize[inode] ?? 0;
    const length = size[inode] ?? 0;
    view.setUint16(at, (this.#dataLayout(inode) << 1) | (isExtended ? 1 : 0), true);
    view.setUint16(at + 0x02, area === 0 ? 0 : 1 + (area - 12) / 4, true);
    view.setUint16(at + 0x04, mode[inode] ?? 0, true);
    view.setUint32(at + 0x10, this.#place(inode), true);
    view.setUint32(at + 0x14, rules.version === 2 ? (nid[inode] ?? 0) : inode, true);
    if (!isExtended) {
      view.setUint16(at + 0x06, nlink[inode] ?? 0, true);
      view.setUint32(at + 0x08, length, true);
      view.setUint16(at + 0x18, uid[row] ?? 0, true);
      view.setUint16(at + 0x1a, gid[row] ?? 0, true);
      return;
    }
    view.setUint32(at + 0x08, length >>> 0, true);
    view.setUint32(at + 0x0c, Math.floor(length / 2 ** 32), true);
    view.setUint32(at + 0x18, uid[row] ?? 0, true);
    view.setUint32(at + 0x1c, gid[row] ?? 0, true);
    this.#seconds(at + 0x20, row);
    if (rules.version < 2) view.setUint32(at + 0x28, mtimeNsec[row] ?? 0, true);
    view.setUint32(at + 0x2c, nlink[inode] ?? 0, true);
  }

  #dataLayout(inode: number): number {
    const kind = this.#inodes.kind[inode];
    if (kind === Kind.backed || kind === Kind.unindexed) return CHUNKS;
    return (this.#layout.tail[inode] ?? 0) > 0 ? INLINE : PLAIN;
  }

  /** `i_u`. */
  #place(inode: number): number {
    const { rules, kind, mode, rows, size } = this.#inodes;
    const { blocks, firstBlock } = this.#layout;
    if (kind[inode] === Kind.unindexed || (kind[inode] === Kind.backed && rules.version === 2)) return LARGEST_CHUNKS;
    const block = (blocks[inode] ?? 0) > 0 ? (firstBlock[inode] ?? 0) : 0;
    if (kind[inode] === Kind.backed) {
      // the low half alone is set: what is left of a block's number is a fault of mkcomposefs that digests depend on
      return ((block & 0xffff_0000) | (chunkBits(size[inode] ?? 0) - 12)) >>> 0;
    }
    const row = rows[inode] ?? 0;
    const type = (mode[inode] ?? 0) & S_IFMT;
    if ((type === S_IFCHR || type === S_IFBLK) && row >= 0) return this.#image.table.rdev[row] ?? 0;
    return block;
  }

  #data(inode: number, tailAt: number): void {
    const { kind, rows } = this.#inodes;
    const { blocks, tail, firstBlock } = this.#layout;
    const blocksAt = BLOCK * (firstBlock[inode] ?? 0);
    const blockBytes = BLOCK * (blocks[inode] ?? 0);
    switch (kind[inode]) {
      case Kind.directory:
        this.#directory(inode, blocksAt, tailAt);
        return;
      case Kind.symlink:
      case Kind.inline:
        this.#content(inode, rows[inode] ?? 0, blocksAt, blockBytes, tailAt);
        return;
      case Kind.backed:
        this.#bytes.fill(0xff, tailAt, tailAt + (tail[inode] ?? 0));
        this.#bytes.fill(0xff, blocksAt, blocksAt + blockBytes);
        return;
      default:
    }
  }

  /** As much as blocks take goes there, the rest behind the inode. */
  #content(inode: number, row: number, blocksAt: number, blockBytes: number, tailAt: number): void {
    let done = 0;
    const put = (bytes: Uint8Array): void => {
      const first = Math.max(0, Math.min(bytes.length, blockBytes - done));
      if (first > 0) this.#bytes.set(bytes.subarray(0, first), blocksAt + done);
      if (first < bytes.length) this.#bytes.set(bytes.subarray(first), tailAt + done + first - blockBytes);
      done += bytes.length;
    };
    const placed = this.#inodes.contents.get(inode);
    if (placed !== undefined) {
      put(placed);
      return;
    }
    const { table } = this.#image;
    const content = this.#image.content(row);
    if (content.kind !== 'inline') throw this.#wrongLength(row);
    const length = content.extents.reduce((sum, extent) => sum + extent.length, 0);
    if (length !== this.#inodes.size[inode]) throw this.#wrongLength(row);
    for (const { offset, length: part } of content.extents) {
      put(offset === undefined ? new Uint8Array(part) : table.bytes.subarray(offset, offset + part));
    }
  }

  #wrongLength(row: number): ImageError {
    return new ImageError('corrupt', 'the content has another length than the inode says', {
      path: pathOf(this.#image.table, row),
    });
  }

  #directory(inode: number, blocksAt: number, tailAt: number): void {
    const { table } = this.#image;
    const directory = this.#inodes.rows[inode] ?? 0;
    const entries = entriesOf(table, directory, this.#inodes.rules.isOverlayRoot);
    const { starts, blocks } = blocksOf(table, entries);
    for (let group = 0; group + 1 < starts.length; group += 1) {
      const part = entries.subarray(starts[group], starts[group + 1]);
      this.#dirents(inode, part, group < blocks ? blocksAt + BLOCK * group : tailAt);
    }
  }

  #dirents(inode: number, entries: Int32Array, start: number): void {
    const view = this.#view;
    const { mode } = this.#inodes;
    const { nid } = this.#layout;
    let at = start;
    let nameAt = start + 12 * entries.length;
    for (const entry of entries) {
      const target = this.#target(inode, entry);
      view.setUint32(at, nid[target] ?? 0, true);
      view.setUint16(at + 8, nameAt - start, true);
      view.setUint8(at + 10, direntTypes[(mode[target] ?? 0) & S_IFMT] ?? 0);
      at += 12;
      nameAt = this.#name(entry, nameAt);
    }
  }

  #target(inode: number, entry: number): number {
    const { inodeOf, stubInodes, rows } = this.#inodes;
    if (entry === DOT) return inode;
    if (entry === DOTDOT) return inodeOf[this.#image.table.parent[rows[inode] ?? 0] ?? 0] ?? 0;
    return entry < 0 ? (stubInodes[-1 - entry] ?? 0) : (inodeOf[entry] ?? 0);
  }

  /** @returns where the next name begins */
  #name(entry: number, start: number): number {
    const { table } = this.#image;
    const length = nameLengthOf(table, entry);
    if (entry === DOT || entry === DOTDOT) this.#bytes.fill(0x2e, start, start + length);
    else {
      const source = entry < 0 ? stubNames : table.bytes;
      const from = entry < 0 ? 2 * (-1 - entry) : (table.nameOffset[entry] ?? 0);
      for (let index = 0; index < length; index += 1) this.#bytes[start + index] = source[from + index] ?? 0;
    }
    return start + length;
  }
}
