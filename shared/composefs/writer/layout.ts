import { ImageError } from '../../erofs/image-error.ts';
import { upTo, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import { BLOCK, blocksOf, entriesOf } from './directory-blocks.ts';
import { Kind, type Inodes } from './inodes.ts';

export const SLOT = 32;
/** Where the first inode lies: behind the superblock. */
export const FIRST_INODE = 0x480;
const MAX_TAIL = 2048;
/** Chunks have 2^43 bytes at most: 31 more bits than a block. */
const MAX_CHUNK_BITS = 43;
/** Of what opens again: offsets of tables are u32. */
export const MAX_IMAGE_BYTES = 0xffff_ffff;

/** Where everything lies. Columns by inode. */
export interface Layout {
  /** Offset of the inode, in slots of 32 bytes. */
  readonly nid: Uint32Array;
  /** 32 or 64. */
  readonly headerSize: Uint8Array;
  readonly xattrSize: Uint32Array;
  /** Blocks of data, and bytes behind the xattrs. */
  readonly blocks: Uint32Array;
  readonly tail: Uint16Array;
  /** Number of the first of its blocks. */
  readonly firstBlock: Uint32Array;
  /** Smallest time of all: that of compact inodes, which this row has; undefined: the format has none. */
  readonly buildTimeRow: number | undefined;
  readonly inodesEnd: number;
  /** What the shared area's own offsets are added to where an inode refers into it. */
  readonly sharedBase: number;
  readonly xattrBlkaddr: number;
  /** Of the whole image. */
  readonly blockCount: number;
}

/** log2 of the chunk size that a backed file is written with. */
export function chunkBits(size: number): number {
  let bits = 12;
  while (bits < MAX_CHUNK_BITS && 2 ** bits < size) bits += 1;
  return bits;
}

/**
 * Sizes, then places (writer.md, sections 6 and 7). Sizes of directories are set in `inodes`.
 *
 * @throws ImageError `limit` where the image would be too large
 */
export function* placeInodes(inodes: Inodes): Steps<Layout> {
  const { count, image, rows, kind, size, nlink, xattrs, xattrStart } = inodes;
  const { table } = image;
  const columns = newColumns(count);
  const { nid, headerSize, xattrSize, blocks, tail } = columns;
  const buildTimeRow = earliest(inodes);
  let at = FIRST_INODE;
  yield* upTo(count, (inode) => {
    measure(inodes, inode, blocks, tail);
    const row = Math.max(0, rows[inode] ?? 0);
    const isCompact =
      compareTimes(image, row, buildTimeRow) === 0 &&
      (nlink[inode] ?? 0) <= 0xffff &&
      (table.uid[row] ?? 0) <= 0xffff &&
      (table.gid[row] ?? 0) <= 0xffff &&
      (size[inode] ?? 0) < 2 ** 32;
    const header = isCompact ? 32 : 64;
    const area = xattrs.areaSize(xattrStart[inode] ?? 0, xattrStart[inode + 1] ?? 0);
    headerSize[inode] = header;
    xattrSize[inode] = area;
    const target = kind[inode] !== Kind.symlink ? 'none' : inodes.rules.movesLongTargets ? 'moves' : 'stays';
    at = place(align(at, SLOT), header + area, target, inode, blocks, tail);
    nid[inode] = at / SLOT;
    at += header + area + (tail[inode] ?? 0);
    if (at > MAX_IMAGE_BYTES) throw tooLarge();
  });
  const inodesEnd = align(at, SLOT);
  return {
    ...columns,
    buildTimeRow,
    inodesEnd,
    sharedBase: inodesEnd % BLOCK,
    xattrBlkaddr: Math.floor(inodesEnd / BLOCK),
    ...placeBlocks(blocks, inodesEnd + xattrs.sharedSize),
  };
}

/** What is noted of each inode, and is still to be found out. */
export const newColumns = (count: number) => ({
  nid: new Uint32Array(count),
  headerSize: new Uint8Array(count),
  xattrSize: new Uint32Array(count),
  blocks: new Uint32Array(count),
  tail: new Uint16Array(count),
});

/**
 * Gives the blocks of data their numbers, behind all else, in the order of the inodes.
 *
 * @param blocks how many each inode has
 * @param metadataEnd where inodes and shared xattrs end, in bytes
 * @throws ImageError `limit` where the image would be too large
 */
export function placeBlocks(blocks: Uint32Array, metadataEnd: number): Pick<Layout, 'firstBlock' | 'blockCount'> {
  const firstBlock = new Uint32Array(blocks.length);
  let block = align(metadataEnd, BLOCK) / BLOCK;
  for (let inode = 0; inode < blocks.length; inode += 1) {
    firstBlock[inode] = block;
    block += blocks[inode] ?? 0;
  }
  if (block * BLOCK > MAX_IMAGE_BYTES) throw tooLarge();
  return { firstBlock, blockCount: block };
}

export const align = (value: number, to: number): number => Math.ceil(value / to) * to;
export const tooLarge = (): ImageError => new ImageError('limit', `an image has at most ${MAX_IMAGE_BYTES} bytes`);

/** @param target whether there is one, and it moves where it is too long. @returns where the inode begins */
function place(
  from: number,
  fixed: number,
  target: 'none' | 'moves' | 'stays',
  inode: number,
  blocks: Uint32Array,
  tail: Uint16Array,
): number {
  const rest = tail[inode] ?? 0;
  if (target !== 'none') {
    const total = fixed + rest;
    const crosses = Math.floor(from / BLOCK) !== Math.floor((from + total - 1) / BLOCK);
    if (target === 'moves' && total >= BLOCK) {
      blocks[inode] = 1;
      tail[inode] = 0;
    }
    return crosses ? align(from, BLOCK) : from;
  }
  const room = BLOCK - ((from + fixed) % BLOCK);
  if (room >= rest) return from;
  const shift = align(room, SLOT);
  const roomThen = BLOCK - ((from + fixed + shift) % BLOCK);
  if (rest <= roomThen) return from + shift;
  blocks[inode] = (blocks[inode] ?? 0) + 1;
  tail[inode] = 0;
  return align(from, BLOCK);
}

function measure({ image, rows, kind, size }: Inodes, inode: number, blocks: Uint32Array, tail: Uint16Array): void {
  const length = size[inode] ?? 0;
  switch (kind[inode]) {
    case Kind.directory: {
      const sizes = blocksOf(image.table, entriesOf(image.table, rows[inode] ?? 0, true));
      blocks[inode] = sizes.blocks;
      tail[inode] = sizes.tail;
      size[inode] = BLOCK * sizes.blocks + sizes.tail;
      return;
    }
    case Kind.symlink:
      tail[inode] = length;
      return;
    case Kind.inline: {
      const rest = length % BLOCK;
      blocks[inode] = Math.floor(length / BLOCK) + (rest > MAX_TAIL ? 1 : 0);
      tail[inode] = rest > MAX_TAIL ? 0 : rest;
      return;
    }
    case Kind.backed:
      tail[inode] = 4 * Math.ceil(length / 2 ** chunkBits(length));
      return;
    default:
  }
}

/** The row with the smallest time. */
function earliest({ image, rows, count, rules }: Inodes): number {
  const { mtime } = image.table;
  const isEarlier = (row: number, other: number): boolean => {
    const isBefore = (mtime[row] ?? 0) < 0;
    if (rules.hasUnsignedTimes && isBefore !== (mtime[other] ?? 0) < 0) return !isBefore;
    return compareTimes(image, row, other) < 0;
  };
  let least = 0;
  for (let inode = 0; inode < count; inode += 1) {
    const row = rows[inode] ?? 0;
    if (row > 0 && isEarlier(row, least)) least = row;
  }
  return least;
}

function compareTimes(image: Image, a: number, b: number): number {
  const { mtime, mtimeNsec } = image.table;
  const x = mtime[a] ?? 0;
  const y = mtime[b] ?? 0;
  if (x !== y) return x - y;
  if (!Number.isSafeInteger(x)) {
    const difference = image.mtimeSeconds(a) - image.mtimeSeconds(b);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return (mtimeNsec[a] ?? 0) - (mtimeNsec[b] ?? 0);
}
