import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../tree/table.ts';
import { EqualXattrs } from './equal-xattrs.ts';
import { ChunkFormat, type Geometry } from './geometry.ts';
import { Dirents, nlinkAt, Side, Unusual } from './dirent-cursor.ts';
import { COMPACT_SIZE, EXTENDED_SIZE, Layout, xattrSizeOf } from './inode.ts';
import { Left, LeftDirents } from './left-dirents.ts';
import { LinkPairs } from './link-pairs.ts';
import { compareNames, equalRange, type Raw } from './raw.ts';

const MAX_DEPTH = 4096;
/** Longer maps of chunks are not looked at here: a file of composefs has one entry, or a few. */
const MAX_CHUNKS = 16;
/** 2 to the power of each chunk format. */
const POWERS = Float64Array.from({ length: 32 }, (_, bits) => 2 ** bits);

/** For each image, offsets of dirents in depth-first order. */
export interface UnequalDirents {
  readonly a: Uint32Array;
  readonly b: Uint32Array;
}

/**
 * Walks two images together, by their bytes alone, and leaves out what is the same in both at the same path: inodes
 * whose fields, xattrs and data are equal, of those with several names where the names are the same ones, and directories of which that is true with all that is below them.
 * A comparison of the rest loses no difference. Which number an inode has, and where it lies, is none.
 *
 * It is a shortcut for sound images. Where anything is out of the ordinary (names out of order, a directory that is met
 * twice, more names than nlink says), it says nothing, and the whole walk tells what is wrong. Time is bounded as there:
 * a directory is entered once, a block of dirents belongs to one of them, and inodes are read up to twice the image.
 *
 * @returns the dirents that are left, those of all directories above them included; undefined where nothing can be said
 * @see image-format.md, sections 3 to 7
 */
export function unequalDirents(a: Geometry, b: Geometry): UnequalDirents | undefined {
  if (a.blockSize !== b.blockSize || a.superblock.xattrPrefixCount + b.superblock.xattrPrefixCount > 0)
    return undefined;
  const walk = new PairWalk(a, b);
  try {
    walk.run();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
  return walk.left();
}

/** A directory of both sides, or of one, and what was found in it so far. One object a depth. */
class Pair {
  readonly a: Dirents;
  readonly b: Dirents;
  /** How many dirents were left before its own was added. */
  leftA = 0;
  leftB = 0;
  /** All that was met below it is on both sides, and equal; and so is the directory itself. */
  isEqual = false;
  /** The name that came last. */
  last: Raw;
  lastName = 0;
  lastLength = 0;

  constructor(a: Side, b: Side) {
    this.a = new Dirents(a);
    this.b = new Dirents(b);
    this.last = a.raw;
  }
}

class PairWalk {
  readonly a: Side;
  readonly b: Side;
  readonly #sameEpoch: boolean;
  readonly #xattrs: EqualXattrs;
  readonly #links = new LinkPairs();
  readonly #pairs: Pair[] = [];
  #depth = -1;

  constructor(a: Geometry, b: Geometry) {
    this.a = new Side(a);
    this.b = new Side(b);
    this.#sameEpoch = a.epoch.seconds === b.epoch.seconds && a.epoch.nsec === b.epoch.nsec;
    this.#xattrs = new EqualXattrs(this.a.raw, this.b.raw);
  }

  left(): UnequalDirents {
    return LeftDirents.offsets(this.a.left, this.b.left, this.#links);
  }

  run(): void {
    const [a, b] = [this.a, this.b];
    this.#enter(a.rootNid, b.rootNid);
    while (this.#depth >= 0) {
      const pair = this.#pairs[this.#depth];
      if (pair === undefined) return;
      const ofA = pair.a;
      const ofB = pair.b;
      if (ofA.isDone && ofB.isDone) {
        this.#leave(pair);
        continue;
      }
      const order = ofA.isDone
        ? 1
        : ofB.isDone
          ? -1
          : compareNames(a.raw, ofA.name, ofA.length, b.raw, ofB.name, ofB.length);
      mustAscend(pair, order <= 0 ? a : b, order <= 0 ? ofA : ofB);
      const nidA = order <= 0 ? ofA.nid : -1;
      const nidB = order >= 0 ? ofB.nid : -1;
      const [atA, atB] = [ofA.at, ofB.at];
      const isFolderA = nidA >= 0 && ofA.isDirectory;
      const isFolderB = nidB >= 0 && ofB.isDirectory;
      if (nidA >= 0) ofA.next();
      if (nidB >= 0) ofB.next();
      if (isFolderA || isFolderB) {
        // what is there in place of a directory is none of its children
        if (nidA >= 0 && !isFolderA) this.#alone(a, nidA, atA);
        if (nidB >= 0 && !isFolderB) this.#alone(b, nidB, atB);
        const [leftA, leftB] = [a.left.length, b.left.length];
        if (isFolderA) a.left.add(atA, nidA, this.#depth, Left.unequal);
        if (isFolderB) b.left.add(atB, nidB, this.#depth, Left.unequal);
        this.#enter(isFolderA ? nidA : -1, isFolderB ? nidB : -1);
        const below = this.#pairs[this.#depth];
        if (below === undefined) return;
        below.leftA = leftA;
        below.leftB = leftB;
      } else if (nidA < 0) this.#alone(b, nidB, atB);
      else if (nidB < 0) this.#alone(a, nidA, atA);
      else this.#both(nidA, atA, nidB, atB);
    }
  }

  /** What is no directory, and on one side. */
  #alone(side: Side, nid: number, at: number): void {
    const offset = side.meet(nid, false);
    if (nlinkAt(side.view, offset) !== 1) this.#links.setApart(side === this.a ? nid : -1, side === this.a ? -1 : nid);
    side.left.add(at, nid, this.#depth, Left.unequal);
  }

  /** The same name on both sides, of what are no directories. */
  #both(nidA: number, atA: number, nidB: number, atB: number): void {
    const [a, b, links] = [this.a, this.b, this.#links];
    const offsetA = a.meet(nidA, false);
    const offsetB = b.meet(nidB, false);
    const hasOneName = nlinkAt(a.view, offsetA) === 1 && nlinkAt(b.view, offsetB) === 1;
    // names of an inode are compared once
    const isEqual =
      (!hasOneName && links.has(nidA, nidB)) || (this.#sameInode(offsetA, offsetB) && this.#sameData(offsetA, offsetB));
    if (hasOneName && isEqual) return;
    if (!hasOneName) {
      if (isEqual) links.join(nidA, nidB);
      else links.setApart(nidA, nidB);
    }
    a.left.add(atA, nidA, this.#depth, isEqual ? Left.linked : Left.unequal);
    b.left.add(atB, nidB, this.#depth, isEqual ? Left.linked : Left.unequal);
  }

  /** @param nidA -1: not there */
  #enter(nidA: number, nidB: number): void {
    this.#depth += 1;
    if (this.#depth >= MAX_DEPTH) throw new Unusual();
    const pair = (this.#pairs[this.#depth] ??= new Pair(this.a, this.b));
    const offsetA = nidA < 0 ? -1 : this.a.meet(nidA, true);
    const offsetB = nidB < 0 ? -1 : this.b.meet(nidB, true);
    pair.lastLength = 0;
    if (offsetA < 0) pair.a.close();
    else pair.a.open(offsetA);
    if (offsetB < 0) pair.b.close();
    else pair.b.open(offsetB);
    pair.isEqual = offsetA >= 0 && offsetB >= 0 && this.#sameInode(offsetA, offsetB);
  }

  #leave({ isEqual, leftA, leftB }: Pair): void {
    this.#depth -= 1;
    if (this.#depth < 0 || !isEqual) return;
    const [a, b] = [this.a.left, this.b.left];
    if (a.length === leftA + 1 && b.length === leftB + 1) {
      a.length = leftA;
      b.length = leftB;
    } else {
      a.set(leftA, Left.above);
      b.set(leftB, Left.above);
    }
  }

  /**
   * Whether the fields and the xattrs of two inodes are the same. Where the data lies, and i_ino, may differ; of
   * directories size and nlink as well, which follow from what is in them.
   */
  #sameInode(offsetA: number, offsetB: number): boolean {
    const [viewA, viewB] = [this.a.view, this.b.view];
    const head = viewA.getUint32(offsetA, true); // i_format, i_xattr_icount
    const mode = viewA.getUint16(offsetA + 4, true);
    if (mode !== viewB.getUint16(offsetB + 4, true)) return false;
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    const otherHead = viewB.getUint32(offsetB, true);
    // a small directory's names lie behind its inode, those of a large one in blocks: the layout says nothing of it
    const mask = isDirectory ? 0xffff_fff1 : 0xffff_ffff;
    if (((head ^ otherHead) & mask) !== 0 || (head & 0xffe0) !== 0) return false;
    if (!isDirectory) {
      if (viewA.getInt32(offsetA + 8, true) !== viewB.getInt32(offsetB + 8, true)) return false;
      if (nlinkAt(viewA, offsetA) !== nlinkAt(viewB, offsetB)) return false;
    }
    if (viewA.getInt32(offsetA + 24, true) !== viewB.getInt32(offsetB + 24, true)) return false; // owner
    if (viewA.getInt32(offsetA + 28, true) !== viewB.getInt32(offsetB + 28, true)) return false;
    const isExtended = (head & 1) !== 0;
    if (isExtended) {
      if (!isDirectory && viewA.getInt32(offsetA + 12, true) !== viewB.getInt32(offsetB + 12, true)) return false;
      if (viewA.getInt32(offsetA + 32, true) !== viewB.getInt32(offsetB + 32, true)) return false; // i_mtime
      if (viewA.getInt32(offsetA + 36, true) !== viewB.getInt32(offsetB + 36, true)) return false;
      if (viewA.getInt32(offsetA + 40, true) !== viewB.getInt32(offsetB + 40, true)) return false; // i_mtime_nsec
    } else if (!this.#sameEpoch) return false;
    const icount = head >>> 16;
    return icount === 0 || this.#sameXattrs(offsetA, offsetB, isExtended, xattrSizeOf(icount));
  }

  #sameXattrs(offsetA: number, offsetB: number, isExtended: boolean, size: number): boolean {
    const header = isExtended ? EXTENDED_SIZE : COMPACT_SIZE;
    return (
      this.a.placeXattrs(offsetA + header, size) &&
      this.b.placeXattrs(offsetB + header, size) &&
      this.#xattrs.areEqual(this.a.area, this.b.area)
    );
  }

  /** Whether two files have the same bytes in their images, as far as that is told without looking far. */
  #sameData(offsetA: number, offsetB: number): boolean {
    const { view, blockSize } = this.a;
    const viewB = this.b.view;
    const format = view.getUint16(offsetA, true);
    const isExtended = (format & 1) !== 0;
    const size =
      view.getUint32(offsetA + 8, true) + (isExtended ? view.getUint32(offsetA + 12, true) * 0x1_0000_0000 : 0);
    const type = view.getUint16(offsetA + 4, true) & S_IFMT;
    if (type === S_IFCHR || type === S_IFBLK) {
      return size === 0 && view.getInt32(offsetA + 16, true) === viewB.getInt32(offsetB + 16, true); // rdev
    }
    const layout = (format >> 1) & 7;
    if (size === 0) return layout === Layout.flatPlain || layout === Layout.flatInline || layout === Layout.chunkBased;
    if (type !== S_IFREG && type !== S_IFLNK) return false;
    const behind = (isExtended ? EXTENDED_SIZE : COMPACT_SIZE) + xattrSizeOf(view.getUint16(offsetA + 2, true));
    const [atA, atB] = [offsetA + behind, offsetB + behind];
    if (layout === Layout.flatInline) {
      if (size >= blockSize || (atA % blockSize) + size > blockSize || (atB % blockSize) + size > blockSize) {
        return false;
      }
      return equalRange(this.a.bytes, atA, this.b.bytes, atB, size);
    }
    if (layout !== Layout.chunkBased) return false;
    // holes alone: the file is backed by an object, which the xattrs name, or is all zeros
    const chunks = view.getUint16(offsetA + 16, true);
    if (chunks !== viewB.getUint16(offsetB + 16, true) || (chunks & ~ChunkFormat.blkbitsMask) !== 0) return false;
    const count = Math.ceil(size / blockSize / (POWERS[chunks] ?? 1));
    if (count > MAX_CHUNKS || Math.max(atA, atB) + 4 * count > Math.min(view.byteLength, viewB.byteLength))
      return false;
    for (let at = 0; at < 4 * count; at += 4) {
      if (view.getInt32(atA + at, true) !== -1 || viewB.getInt32(atB + at, true) !== -1) return false;
    }
    return true;
  }
}

/** Names of a directory ascend: where those of both together do, those of each do. */
function mustAscend(pair: Pair, { raw }: Side, { name, length }: Dirents): void {
  if (pair.lastLength > 0 && compareNames(pair.last, pair.lastName, pair.lastLength, raw, name, length) >= 0) {
    throw new Unusual();
  }
  pair.last = raw;
  pair.lastName = name;
  pair.lastLength = length;
}
