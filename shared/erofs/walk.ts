import { Flag, S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../tree/table.ts';
import { ProblemLog } from '../tree/problem-log.ts';
import { TableBuilder } from '../tree/table-builder.ts';
import { ChunkFormat, chunkMap, type Geometry } from './geometry.ts';
import { Inode, Layout, MAX_SIZE, readInode } from './inode.ts';
import { InodeXattrs } from './inode-xattrs.ts';
import type { ImageErrorCode } from './image-error.ts';
import type { XattrNames } from './xattr.ts';

/** Deeper trees cannot be named by any path of 4096 bytes, and no tool makes them. */
const MAX_DEPTH = 4096;
const DIRENT_SIZE = 12;
const DOT = 0x2e;
const SLASH = 0x2f;
const SAW_DOT = 1;
const SAW_DOTDOT = 2;

/** file_type of a dirent by the mode's type, which is its upper 4 bits; 0: no such type. Linux include/linux/fs_types.h. */
const FILE_TYPES = Uint8Array.of(0, 5, 3, 0, 2, 0, 4, 0, 1, 0, 7, 0, 6, 0, 0, 0);

/** A directory on the way down, and how far its dirents have been read. One object a depth, used again and again. */
class Frame {
  readonly inode = new Inode();
  row = 0;
  nid = 0;
  parentNid = 0;
  /** Next block to read, and their number. */
  block = 0;
  blocks = 0;
  /** Of the block being read: its first byte, behind its last valid byte, the next dirent, their number. */
  start = 0;
  stop = 0;
  next = 0;
  dirents = 0;
  previousOffset = 0;
  previousLength = 0;
  dots = 0;
  subdirectories = 0;
}

/**
 * Walks the whole tree of an image into a table and checks everything on the way (image-format.md, section 12): what
 * breaks a rule is logged with its row and offset, and what is sound behind it is still read.
 *
 * Time and memory are bounded by the length of the image, whatever it says: a directory is entered once, a data block
 * belongs to one directory, and the bytes of all inodes together may be twice the image's at most.
 */
export class TreeWalk {
  readonly rows: TableBuilder;
  readonly log: ProblemLog;
  readonly #geometry: Geometry;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #xattrs: InodeXattrs;
  readonly #inode = new Inode();
  readonly #frames: Frame[] = [];
  /** One bit an inode slot: seen. */
  readonly #seen: Uint8Array;
  /** One bit a block: holds dirents of a directory. */
  readonly #dirBlocks: Uint8Array;
  /** First row of the inodes whose xattr area is big enough that reading it once a hard link would add up. */
  readonly #bigXattrs = new Map<number, number>();
  readonly #stubs: boolean;
  /** Offsets of the dirents that become rows, in the order of the walk; undefined: all. */
  readonly #only: Uint32Array | undefined;
  #nextOnly = 0;
  #spent = 0;
  #stopped = false;
  #depth = -1;

  /**
   * @param composefs whether the image has a composefs header
   * @param stubs whether chr 0:0 named `00`…`ff` in the root are mkcomposefs's own (formats 0 and 1)
   * @param only offsets of the dirents that become rows, as `unequalDirents` says them; without it, all do
   */
  constructor(geometry: Geometry, names: XattrNames, composefs: boolean, stubs: boolean, only?: Uint32Array) {
    this.#geometry = geometry;
    this.#bytes = geometry.bytes;
    this.#view = geometry.view;
    this.#stubs = stubs;
    this.#only = only;
    const length = geometry.bytes.length;
    const inos = only?.length ?? Number(geometry.superblock.inos);
    // hard links have rows of their own: with room for a tenth of them, most images never need to grow
    const guess = Math.min(Math.ceil(inos * 1.1) + 64, Math.ceil(length / 32));
    this.rows = new TableBuilder(geometry.bytes, Math.max(64, guess));
    this.log = new ProblemLog();
    this.#xattrs = new InodeXattrs(geometry, this.rows, this.log, names, composefs);
    this.#seen = new Uint8Array(Math.ceil(length / 32 / 8) + 1);
    this.#dirBlocks = new Uint8Array(Math.ceil(length / geometry.blockSize / 8) + 1);
  }

  /** Reads the tree below the inode `rootNid`. That it is a directory, the caller has checked. */
  run(rootNid: number): void {
    this.rows.add(0, 0, 0);
    if (this.#addInode(0, rootNid, 2, this.#frame(0).inode)) this.#enter(0, rootNid, rootNid);
    while (this.#depth >= 0) {
      const frame = this.#frame(this.#depth);
      if (this.#only !== undefined && frame.next < frame.dirents) this.#skip(frame, this.#only);
      if (frame.next < frame.dirents) this.#readDirent(frame);
      else if (frame.block < frame.blocks) this.#openBlock(frame);
      else this.#leave(frame);
    }
    this.#countLinks();
  }

  #frame(depth: number): Frame {
    return (this.#frames[depth] ??= new Frame());
  }

  /** Starts on the directory whose inode was just read into the next frame. */
  #enter(row: number, nid: number, parentNid: number): void {
    this.#depth++;
    const frame = this.#frame(this.#depth);
    frame.row = row;
    frame.nid = nid;
    frame.parentNid = parentNid;
    frame.block = 0;
    frame.blocks = Math.ceil(frame.inode.size / this.#geometry.blockSize);
    frame.next = 0;
    frame.dirents = 0;
    frame.previousLength = 0;
    frame.dots = 0;
    frame.subdirectories = 0;
  }

  /** Goes on to the next dirent of the block that becomes a row, or to the block's end. */
  #skip(frame: Frame, only: Uint32Array): void {
    const ahead = ((only[this.#nextOnly] ?? 0) - frame.start) / DIRENT_SIZE;
    if (ahead >= frame.next && ahead < frame.dirents) {
      frame.next = ahead;
      this.#nextOnly++;
    } else frame.next = frame.dirents;
  }

  #leave(frame: Frame): void {
    const { inode, row } = frame;
    this.rows.end[row] = this.rows.count;
    this.#depth--;
    if (this.#only !== undefined) return; // it has more than was read
    // of a directory that was not read to its end, no more can be said
    if (this.#stopped || ((this.rows.flags[row] ?? 0) & Flag.broken) !== 0) return;
    if (frame.blocks > 0 && frame.dots !== (SAW_DOT | SAW_DOTDOT) && (inode.format & 0x10) === 0) {
      this.#warn(
        'corrupt',
        row,
        inode.offset,
        () => `the directory has no ${(frame.dots & SAW_DOT) === 0 ? '.' : '..'} entry`,
      );
    }
    if (inode.nlink !== frame.subdirectories + 2 && (inode.format & 0x10) === 0) {
      const expected = frame.subdirectories + 2;
      this.#warn(
        'corrupt',
        row,
        inode.offset,
        () => `a directory with ${expected - 2} subdirectories has nlink ${expected}, found ${inode.nlink}`,
      );
    }
  }

  /** Finds the frame's next block of dirents and checks all offsets in it, so that each dirent can be trusted. */
  #openBlock(frame: Frame): void {
    const { blockSize } = this.#geometry;
    const { inode, row } = frame;
    const index = frame.block++;
    const length = Math.min(blockSize, inode.size - index * blockSize);
    const start = this.#geometry.blockOffset(inode, index);
    frame.next = 0;
    frame.dirents = 0;
    if (start === undefined || start + length > this.#bytes.length) {
      this.#error(
        'truncated',
        row,
        start === undefined || start > this.#bytes.length ? inode.offset + 16 : start,
        () =>
          start === undefined
            ? `block ${index} of the directory has no place in the image`
            : `block ${index} of the directory lies at ${start}, the image ends at ${this.#bytes.length}`,
      );
      frame.block = frame.blocks;
      return;
    }
    // The inline tail lies behind its own inode, which is entered once: only whole blocks can be shared.
    if (start % blockSize === 0 && start !== inode.after && !take(this.#dirBlocks, start / blockSize)) {
      this.#error('corrupt', row, start, () => `block ${index} of the directory belongs to another directory too`);
      return;
    }
    const view = this.#view;
    const first = length < DIRENT_SIZE ? 0 : view.getUint16(start + 8, true);
    if (first < DIRENT_SIZE || first >= length || first % DIRENT_SIZE !== 0) {
      this.#error('corrupt', row, start + 8, () =>
        length < DIRENT_SIZE
          ? `a directory block needs 12 bytes at least, block ${index} has ${length}`
          : `nameoff of the first dirent is a multiple of 12 from 12 to ${length - 1}, found ${first}`,
      );
      return;
    }
    const dirents = first / DIRENT_SIZE;
    let previous = first;
    for (let next = 1; next < dirents; next++) {
      const nameoff = view.getUint16(start + next * DIRENT_SIZE + 8, true);
      if (nameoff <= previous || nameoff >= length) {
        this.#error(
          'corrupt',
          row,
          start + next * DIRENT_SIZE + 8,
          () => `nameoff of dirent ${next} lies between ${previous + 1} and ${length - 1}, found ${nameoff}`,
        );
        frame.dirents = next - 1; // the name of the one before it has no known end
        frame.start = start;
        frame.stop = start + length;
        return;
      }
      previous = nameoff;
    }
    frame.start = start;
    frame.stop = start + length;
    frame.dirents = dirents;
  }

  /** One dirent of an opened block: `.` and `..` are checked, everything else becomes a row. */
  #readDirent(frame: Frame): void {
    const view = this.#view;
    const bytes = this.#bytes;
    const at = frame.start + frame.next * DIRENT_SIZE;
    const isLast = ++frame.next === frame.dirents;
    const nidLow = view.getUint32(at, true);
    const nidHigh = view.getUint32(at + 4, true);
    const word = view.getUint32(at + 8, true);
    const fileType = (word >>> 16) & 0xff;
    const name = frame.start + (word & 0xffff);
    // what follows the last opened dirent of a damaged block is still its end
    const stop =
      isLast && at + DIRENT_SIZE === frame.start + view.getUint16(frame.start + 8, true)
        ? endOfLastName(bytes, name, frame.stop)
        : frame.start + view.getUint16(at + DIRENT_SIZE + 8, true);
    const length = stop - name;
    const nid = nidHigh * 0x1_0000_0000 + nidLow;

    if (length <= 2 && bytes[name] === DOT && (length === 1 || (length === 2 && bytes[name + 1] === DOT))) {
      this.#checkDot(frame, at, length, nid);
      this.#checkOrder(frame, undefined, at, name, length);
      return;
    }
    if (length < 1 || length > 255) {
      this.#error(
        'corrupt',
        frame.row,
        at + 8,
        () => `a name is 1 to 255 bytes long, dirent ${frame.next - 1} has one of ${length}`,
      );
      return;
    }
    const rows = this.rows;
    const row = rows.add(frame.row, name, length);
    this.#checkOrder(frame, row, at, name, length);
    if (nidHigh !== 0) {
      this.#error('corrupt', row, at, () => `nid ${nid} lies outside the image`);
      return;
    }
    const below = this.#frame(this.#depth + 1);
    // Which inode object takes the fields is only known with the mode, so the mode is looked at first.
    const inode = fileType === 2 ? below.inode : this.#inode;
    if (!this.#addInode(row, nid, fileType, inode)) return;
    frame.subdirectories++;
    if (this.#depth + 1 >= MAX_DEPTH) {
      this.#error('limit', row, at, () => `directories nest deeper than ${MAX_DEPTH} levels`);
      return;
    }
    if (inode !== below.inode) readInode(view, inode.offset, this.#geometry.epoch, below.inode);
    this.#enter(row, nid, frame.nid);
  }

  #checkDot(frame: Frame, at: number, length: number, nid: number): void {
    const bit = length === 1 ? SAW_DOT : SAW_DOTDOT;
    const expected = length === 1 ? frame.nid : frame.parentNid;
    if ((frame.dots & bit) !== 0) {
      this.#error('corrupt', frame.row, at, () => `the directory has ${'.'.repeat(length)} twice`);
    } else if (nid !== expected) {
      this.#error('corrupt', frame.row, at, () => `${'.'.repeat(length)} points at nid ${nid}, expected ${expected}`);
    }
    frame.dots |= bit;
  }

  /** Names are sorted by bytes over the whole directory; the kernel looks them up by binary search. */
  #checkOrder(frame: Frame, row: number | undefined, at: number, name: number, length: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    const previous = frame.previousOffset;
    const shared = Math.min(length, frame.previousLength);
    let index = 0;
    // four bytes at a time, as far as they are the same: names of one directory begin alike
    while (index + 4 <= shared && view.getInt32(name + index, true) === view.getInt32(previous + index, true)) {
      index += 4;
    }
    while (index < shared && bytes[name + index] === bytes[previous + index]) index++;
    const order =
      index < shared ? (bytes[name + index] ?? 0) - (bytes[previous + index] ?? 0) : length - frame.previousLength;
    if (order <= 0) {
      this.#error('corrupt', row ?? frame.row, at, () =>
        order === 0
          ? 'the name stands twice in its directory'
          : 'the name sorts before the one in front of it: the kernel may not find it by name',
      );
    }
    // what it shares with a sound name in front of it is sound
    for (; index < length; index++) {
      const byte = bytes[name + index];
      if (byte === SLASH || byte === 0) {
        this.#error('corrupt', row ?? frame.row, name + index, () => `a name holds no ${byte === 0 ? 'NUL' : 'slash'}`);
        break;
      }
    }
    frame.previousOffset = name;
    frame.previousLength = length;
  }

  /**
   * Reads the inode `nid` into its row.
   *
   * @param fileType of the dirent that points here
   * @returns whether it is a directory to be entered
   */
  #addInode(row: number, nid: number, fileType: number, inode: Inode): boolean {
    const rows = this.rows;
    const length = this.#bytes.length;
    const offset = this.#geometry.inodeOffset(nid);
    rows.inode[row] = nid;
    if (offset + 32 > length || !readInode(this.#view, offset, this.#geometry.epoch, inode)) {
      this.#error(
        'truncated',
        row,
        Math.min(offset, length),
        () => `the inode of nid ${nid} at ${offset} reaches behind the end of the image at ${length}`,
      );
      return false;
    }
    const type = inode.mode & S_IFMT;
    rows.mode[row] = inode.mode;
    rows.uid[row] = inode.uid;
    rows.gid[row] = inode.gid;
    rows.mtime[row] = inode.mtime;
    rows.mtimeNsec[row] = inode.mtimeNsec;
    rows.nlink[row] = inode.nlink;
    const isFirst = take(this.#seen, offset / 32);
    if (!isFirst) rows.flags[row] = (rows.flags[row] ?? 0) | Flag.hardLink;

    if (inode.format >> 5 !== 0 || inode.layout > Layout.chunkBased) {
      this.#error(
        'unsupported',
        row,
        offset,
        () => `i_format 0x${inode.format.toString(16)} has bits that this reader does not know`,
      );
      return false;
    }
    if (inode.size > MAX_SIZE) {
      this.#error('limit', row, offset + 8, () => `i_size is at most 2^53, found ${inode.size}`);
      return false;
    }
    rows.size[row] = inode.size;
    if (inode.after > length) {
      this.#error(
        'truncated',
        row,
        offset + 2,
        () => `the xattr area of ${inode.xattrSize} bytes reaches behind the end of the image`,
      );
      return false;
    }
    if (!this.#spend(row, offset, isFirst ? inode.headerSize + inode.xattrSize : 0)) return false;
    if (inode.reserved) this.#warn('corrupt', row, offset, () => 'a reserved field of the inode is not zero');
    if (inode.mtimeNsec >= 1_000_000_000) {
      this.#warn('corrupt', row, offset, () => `nanoseconds are below 10^9, found ${inode.mtimeNsec}`);
    }
    const expectedType = FILE_TYPES[type >>> 12];
    if (expectedType === 0) {
      this.#error('corrupt', row, offset + 4, () => `i_mode 0${inode.mode.toString(8)} has no file type that exists`);
      return false;
    }
    if (expectedType !== fileType) {
      this.#warn(
        'corrupt',
        row,
        offset + 4,
        () =>
          `the dirent says file_type ${fileType}, the inode's mode 0${inode.mode.toString(8)} means ${expectedType}`,
      );
    }
    if (inode.xattrIcount !== 0) this.#readXattrs(row, nid, inode, isFirst);
    return this.#readData(row, inode, type, isFirst);
  }

  #readXattrs(row: number, nid: number, inode: Inode, isFirst: boolean): void {
    const first = isFirst ? undefined : this.#bigXattrs.get(nid);
    if (first === undefined) {
      this.#xattrs.read(row, inode);
      if (inode.xattrSize > 256) this.#bigXattrs.set(nid, row);
      return;
    }
    const rows = this.rows;
    rows.redirectOffset[row] = rows.redirectOffset[first] ?? 0;
    rows.redirectLength[row] = rows.redirectLength[first] ?? 0;
    rows.digestOffset[row] = rows.digestOffset[first] ?? 0;
    const flags = rows.flags[first] ?? 0;
    rows.flags[row] = (flags & ~(Flag.hardLink | Flag.broken)) | (rows.flags[row] ?? 0);
    if ((flags & Flag.broken) !== 0)
      this.#error('corrupt', row, inode.offset, () => 'the inode is broken, as is said of its first name');
  }

  /** Where the inode's data lies, and whether it can lie there. @returns whether it is a directory to be entered */
  #readData(row: number, inode: Inode, type: number, isFirst: boolean): boolean {
    const rows = this.rows;
    const compressed = inode.layout === Layout.compressedFull || inode.layout === Layout.compressedCompact;
    if (type === S_IFREG) {
      const backed = ((rows.flags[row] ?? 0) & Flag.backed) !== 0;
      if (inode.size === 0) return false;
      if (compressed) {
        rows.flags[row] = (rows.flags[row] ?? 0) | Flag.compressed;
      } else if (!backed) {
        // of a backed file the map is not looked at: nobody reads it, and C may damage its address (section 5)
        rows.flags[row] = (rows.flags[row] ?? 0) | Flag.inline;
        this.#checkExtent(row, inode, isFirst);
      }
      return false;
    }
    if (type === S_IFLNK) {
      if (inode.size < 1 || inode.size > 4095) {
        this.#error(
          'corrupt',
          row,
          inode.offset + 8,
          () => `a symlink target is 1 to 4095 bytes long, found ${inode.size}`,
        );
      } else if (compressed) {
        this.#error('unsupported', row, inode.offset, () => 'the symlink target is compressed');
      } else if (this.#checkExtent(row, inode, isFirst)) {
        this.#checkTarget(row, inode);
      }
      return false;
    }
    if (type === S_IFDIR) return this.#checkDirectory(row, inode, isFirst, compressed);
    if (type === S_IFCHR || type === S_IFBLK) {
      rows.rdev[row] = inode.u;
      if (type === S_IFCHR && inode.u === 0) {
        const stub =
          this.#stubs &&
          rows.parent[row] === 0 &&
          isStubName(this.#bytes, rows.nameOffset[row] ?? 0, rows.nameLength[row] ?? 0);
        rows.flags[row] = (rows.flags[row] ?? 0) | (stub ? Flag.stub : Flag.whiteout);
      }
    }
    if (inode.size !== 0)
      this.#warn('corrupt', row, inode.offset + 8, () => `expected size 0 for this type, found ${inode.size}`);
    return false;
  }

  #checkDirectory(row: number, inode: Inode, isFirst: boolean, compressed: boolean): boolean {
    if (!isFirst) {
      this.#error(
        'corrupt',
        row,
        inode.offset,
        () => 'a directory has one name, this one was seen before: a loop, or two parents',
      );
      return false;
    }
    if (compressed) {
      this.#error('unsupported', row, inode.offset, () => 'the directory is compressed');
      return false;
    }
    if (inode.size > this.#bytes.length) {
      this.#error(
        'corrupt',
        row,
        inode.offset + 8,
        () => `a directory of ${inode.size} bytes is larger than the image`,
      );
      return false;
    }
    if (inode.layout === Layout.chunkBased) return this.#checkChunks(row, inode);
    return this.#checkTail(row, inode);
  }

  /** That data in the image lies in the image. */
  #checkExtent(row: number, inode: Inode, isFirst: boolean): boolean {
    if (inode.layout === Layout.chunkBased) return isFirst ? this.#checkChunks(row, inode) : true;
    if (!this.#checkTail(row, inode)) return false;
    const { blockSize } = this.#geometry;
    const whole = inode.layout === Layout.flatInline ? inode.size - (inode.size % blockSize) : inode.size;
    const start = inode.u * blockSize;
    if (whole === 0 || start + whole <= this.#bytes.length) return true;
    this.#error(
      'truncated',
      row,
      inode.offset + 16,
      () => `${whole} bytes of data at ${start} reach behind the end of the image at ${this.#bytes.length}`,
    );
    return false;
  }

  /** An inline tail lies in the image and in one block. */
  #checkTail(row: number, inode: Inode): boolean {
    if (inode.layout !== Layout.flatInline) return true;
    const { blockSize } = this.#geometry;
    const tail = inode.size % blockSize;
    const after = inode.after;
    if (tail === 0) return true;
    if ((after % blockSize) + tail > blockSize) {
      this.#error('corrupt', row, after, () => `the inline tail of ${tail} bytes at ${after} crosses a block boundary`);
      return false;
    }
    if (after + tail <= this.#bytes.length) return true;
    this.#error(
      'truncated',
      row,
      after,
      () => `the inline tail of ${tail} bytes at ${after} reaches behind the end of the image`,
    );
    return false;
  }

  #checkChunks(row: number, inode: Inode): boolean {
    const map = chunkMap(this.#geometry, inode);
    if (typeof map === 'string') {
      this.#error('corrupt', row, inode.offset + 16, () => map);
      return false;
    }
    if (!this.#spend(row, map.offset, map.count * map.entrySize)) return false;
    for (let index = 0; index < map.count; index++) {
      const address = map.blockAt(index);
      if (address === undefined) continue;
      const start = address * this.#geometry.blockSize;
      const length = Math.min(map.chunkSize, inode.size - index * map.chunkSize);
      if (start + length > this.#bytes.length && map.deviceAt(index) === 0) {
        this.#error(
          'truncated',
          row,
          map.offset + index * map.entrySize,
          () => `chunk ${index} at ${start} reaches behind the end of the image`,
        );
        return false;
      }
    }
    if ((inode.u & ChunkFormat.indexes) === 0 || this.#geometry.superblock.extraDevices === 0) return true;
    this.#warn(
      'unsupported',
      row,
      map.offset,
      () => 'the image has further devices: chunks on them cannot be read here',
    );
    return true;
  }

  #checkTarget(row: number, inode: Inode): void {
    const extents = this.#geometry.extents(inode);
    for (const { offset, length } of extents) {
      const nul = offset === undefined ? 0 : this.#bytes.subarray(offset, offset + length).indexOf(0);
      if (nul < 0) continue;
      this.#error(
        'corrupt',
        row,
        (offset ?? inode.offset) + nul,
        () => 'a symlink target holds no NUL: readlink stops there',
      );
      return;
    }
  }

  /** Hard links: more names than nlink says. Needs the whole table, and only looks at inodes that were seen twice. */
  #countLinks(): void {
    const rows = this.rows;
    const names = new Map<number, number>();
    for (let row = 0; row < rows.count; row++) {
      if (((rows.flags[row] ?? 0) & Flag.hardLink) === 0) continue;
      const nid = rows.inode[row] ?? 0;
      const count = (names.get(nid) ?? 1) + 1;
      names.set(nid, count);
      if (count - 1 !== rows.nlink[row] || ((rows.mode[row] ?? 0) & S_IFMT) === S_IFDIR) continue;
      this.#warn(
        'corrupt',
        row,
        this.#geometry.inodeOffset(nid),
        () => `nlink is ${count - 1}, the inode has more names than that`,
      );
    }
  }

  /** Counts bytes that belong to inodes; all together they cannot be more than the image, unless they overlap. */
  #spend(row: number, offset: number, length: number): boolean {
    this.#spent += length;
    if (this.#spent <= 2 * this.#bytes.length) return true;
    this.#error(
      'limit',
      row,
      offset,
      () => 'the inodes read so far are twice as long as the image: they overlap, reading stops here',
    );
    // every directory on the way is closed where it is
    this.#stopped = true;
    for (const frame of this.#frames) {
      frame.next = frame.dirents;
      frame.block = frame.blocks;
    }
    return false;
  }

  #error(code: ImageErrorCode, row: number, offset: number, message: () => string): void {
    this.rows.flags[row] = (this.rows.flags[row] ?? 0) | Flag.broken;
    this.log.add('error', code, row, offset, message);
  }

  #warn(code: ImageErrorCode, row: number, offset: number, message: () => string): void {
    this.log.add('warning', code, row, offset, message);
  }
}

/** Sets a bit. @returns whether it was clear before */
function take(bits: Uint8Array, index: number): boolean {
  const byte = index >>> 3;
  const bit = 1 << (index & 7);
  const before = bits[byte] ?? 0;
  bits[byte] = before | bit;
  return (before & bit) === 0;
}

/** The last name of a block ends at the first NUL, or with the block's valid bytes. */
function endOfLastName(bytes: Uint8Array, name: number, stop: number): number {
  const most = Math.min(stop, name + 256);
  let end = name;
  while (end < most && bytes[end] !== 0) end++;
  return end;
}

function isStubName(bytes: Uint8Array, offset: number, length: number): boolean {
  return length === 2 && isHexDigit(bytes[offset] ?? 0) && isHexDigit(bytes[offset + 1] ?? 0);
}

const isHexDigit = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
