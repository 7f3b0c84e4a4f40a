import { Bitset } from '../tree/bitset.ts';
import { S_IFDIR, S_IFMT } from '../tree/table.ts';
import type { XattrArea } from '../tree/image.ts';
import type { Geometry } from './geometry.ts';
import { COMPACT_SIZE, EXTENDED_SIZE, Layout, SLOT_SIZE, xattrSizeOf } from './inode.ts';
import { LeftDirents } from './left-dirents.ts';
import { rawOf, type Raw } from './raw.ts';
import { XATTR_HEADER } from './xattr.ts';

const DIRENT_SIZE = 12;
const DOT = 0x2e;
/** file_type of a directory's dirent. Linux include/linux/fs_types.h. */
const FT_DIR = 2;

/** Thrown for what the whole walk is to look at. */
export class Unusual extends Error {}

/** One of the images, and what was seen of it. */
export class Side {
  readonly raw: Raw;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Dirents that are not equal, or lead to what is not. */
  readonly left = new LeftDirents();
  readonly blockSize: number;
  readonly rootNid: number;
  readonly sharedBase: number;
  readonly area: XattrArea = { inline: 0, stop: 0, shared: 0, sharedCount: 0, sharedBase: 0 };
  readonly #geometry: Geometry;
  readonly #seen: Bitset;
  readonly #dirBlocks: Bitset;
  /** Bytes of inodes that may still be read. */
  #budget: number;

  constructor(geometry: Geometry) {
    const { bytes, view, blockSize, superblock } = geometry;
    this.#geometry = geometry;
    this.raw = rawOf(bytes);
    this.view = view;
    this.bytes = bytes;
    this.blockSize = blockSize;
    this.rootNid = superblock.rootNid;
    this.sharedBase = superblock.xattrBlkaddr * blockSize;
    const slots = Math.ceil(bytes.length / SLOT_SIZE) + 1;
    this.#seen = new Bitset(slots);
    this.#dirBlocks = new Bitset(Math.ceil(bytes.length / blockSize) + 1);
    this.#budget = 2 * bytes.length;
  }

  /** Finds the inode that a dirent leads to, which is of its type, and met for the first time if it has one name. */
  meet(nid: number, isDirectory: boolean): number {
    const { view } = this;
    const offset = this.#geometry.inodeOffset(nid);
    if (offset + COMPACT_SIZE > view.byteLength) throw new Unusual();
    const isExtended = (view.getUint8(offset) & 1) !== 0;
    const size = (isExtended ? EXTENDED_SIZE : COMPACT_SIZE) + xattrSizeOf(view.getUint16(offset + 2, true));
    if (offset + size > view.byteLength) throw new Unusual();
    if (((view.getUint16(offset + 4, true) & S_IFMT) === S_IFDIR) !== isDirectory) throw new Unusual();
    if (this.#seen.has(nid)) {
      if (isDirectory || nlinkAt(view, offset) === 1) throw new Unusual();
      return offset;
    }
    this.#seen.add(nid);
    this.#budget -= size;
    if (this.#budget < 0) throw new Unusual();
    return offset;
  }

  /** Says where the xattrs of an inode lie, which `meet` found in the image. @returns false where the ids are more than that */
  placeXattrs(start: number, size: number): boolean {
    const { area } = this;
    area.stop = start + size;
    area.shared = start + XATTR_HEADER;
    area.sharedCount = this.view.getUint8(start + 4);
    area.sharedBase = this.sharedBase;
    area.inline = area.shared + 4 * area.sharedCount;
    return area.inline <= area.stop;
  }

  takeDirBlock(block: number): void {
    if (this.#dirBlocks.has(block)) throw new Unusual();
    this.#dirBlocks.add(block);
  }
}

export const nlinkAt = (view: DataView, offset: number): number =>
  (view.getUint8(offset) & 1) === 0 ? view.getUint16(offset + 6, true) : view.getUint32(offset + 44, true);

/** The dirents of one directory, one after the other, `.` and `..` left out. One object a depth and side, used again. */
export class Dirents {
  readonly #side: Side;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  /** Nothing is left, or there is no directory on this side. */
  isDone = true;
  /** Offset of the current one, and what it says. */
  at = 0;
  name = 0;
  length = 0;
  nid = 0;
  isDirectory = false;
  #size = 0;
  #first = 0;
  #tail = -1;
  #block = 0;
  #start = 0;
  #stop = 0;
  #next = 0;
  #count = 0;

  constructor(side: Side) {
    this.#side = side;
    this.#view = side.view;
    this.#bytes = side.bytes;
  }

  close(): void {
    this.isDone = true;
  }

  /** @param offset of the directory's inode, as `meet` said */
  open(offset: number): void {
    const view = this.#view;
    const format = view.getUint16(offset, true);
    const isExtended = (format & 1) !== 0;
    const layout = (format >> 1) & 7;
    if (format >> 5 !== 0 || (layout !== Layout.flatPlain && layout !== Layout.flatInline)) throw new Unusual();
    if (isExtended && view.getUint32(offset + 12, true) !== 0) throw new Unusual();
    const xattrs = xattrSizeOf(view.getUint16(offset + 2, true));
    this.#size = view.getUint32(offset + 8, true);
    this.#first = view.getUint32(offset + 16, true) * this.#side.blockSize;
    this.#tail = layout === Layout.flatInline ? offset + (isExtended ? EXTENDED_SIZE : COMPACT_SIZE) + xattrs : -1;
    this.#block = 0;
    this.#next = 0;
    this.#count = 0;
    this.isDone = false;
    this.next();
  }

  next(): void {
    const view = this.#view;
    const bytes = this.#bytes;
    for (;;) {
      if (this.#next === this.#count && !this.#openBlock()) {
        this.isDone = true;
        return;
      }
      const at = this.#start + this.#next * DIRENT_SIZE;
      this.#next += 1;
      const offset = view.getUint16(at + 8, true);
      const end = this.#next === this.#count ? this.#stop - this.#start : view.getUint16(at + DIRENT_SIZE + 8, true);
      const name = this.#start + offset;
      // the last name ends at the first NUL, or with the block
      const length = this.#next === this.#count ? lengthOfLast(bytes, name, this.#stop) : end - offset;
      // the next one is behind it, so that a name lies in its block
      if (length < 1 || length > 255 || end <= offset || name >= this.#stop || end > this.#stop - this.#start) {
        throw new Unusual();
      }
      if (length <= 2 && bytes[name] === DOT && (length === 1 || bytes[name + 1] === DOT)) continue;
      if (view.getUint32(at + 4, true) !== 0) throw new Unusual();
      this.at = at;
      this.nid = view.getUint32(at, true);
      this.isDirectory = view.getUint8(at + 10) === FT_DIR;
      this.name = name;
      this.length = length;
      return;
    }
  }

  /** @returns false: there is no further one */
  #openBlock(): boolean {
    const { blockSize } = this.#side;
    const from = this.#block * blockSize;
    if (from >= this.#size) return false;
    const length = Math.min(blockSize, this.#size - from);
    if (length < blockSize && this.#tail >= 0) {
      this.#start = this.#tail;
      if ((this.#tail % blockSize) + length > blockSize) throw new Unusual();
    } else {
      this.#start = this.#first + from;
      if (this.#start + length > this.#bytes.length) throw new Unusual();
      this.#side.takeDirBlock(this.#start / blockSize);
    }
    this.#stop = this.#start + length;
    if (length < DIRENT_SIZE || this.#stop > this.#bytes.length) throw new Unusual();
    const first = this.#view.getUint16(this.#start + 8, true);
    if (first < DIRENT_SIZE || first >= length || first % DIRENT_SIZE !== 0) throw new Unusual();
    this.#block += 1;
    this.#next = 0;
    this.#count = first / DIRENT_SIZE;
    return true;
  }
}

function lengthOfLast(bytes: Uint8Array, name: number, stop: number): number {
  const most = Math.min(stop, name + 256);
  let end = name;
  while (end < most && bytes[end] !== 0) end += 1;
  return end - name;
}
