import { ImageError } from './image-error.ts';
import { Inode, Layout, readInode, SLOT_SIZE } from './inode.ts';
import type { Superblock } from './superblock.ts';

/** Low 16 bits of i_u of a chunk-based inode. Linux fs/erofs/erofs_fs.h, EROFS_CHUNK_FORMAT_*. */
export const ChunkFormat = { blkbitsMask: 0x1f, indexes: 0x20, fortyEightBit: 0x40, all: 0x3f } as const;
const HOLE = 0xffff_ffff;

/** A run of a file's bytes: `offset` bytes from the start of the image, or undefined for a hole of zeros. */
export interface Extent {
  readonly offset: number | undefined;
  readonly length: number;
}

/** The chunk map of one inode; entries are read when asked for. */
export interface ChunkMap {
  /** Of the first entry, bytes from the start of the image. */
  readonly offset: number;
  readonly count: number;
  /** 4 or 8 bytes. */
  readonly entrySize: number;
  /** In bytes. */
  readonly chunkSize: number;
  /** Block number of a chunk; undefined: a hole. */
  blockAt(index: number): number | undefined;
  /** 0: this image. */
  deviceAt(index: number): number;
}

/** Where things lie in one image: nids, blocks and chunks to byte offsets. */
export class Geometry {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly superblock: Superblock;
  readonly blockSize: number;
  /** build_time: the mtime of compact inodes. */
  readonly epoch: { readonly seconds: number; readonly nsec: number };
  readonly #metaOffset: number;

  constructor(bytes: Uint8Array, superblock: Superblock) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.superblock = superblock;
    this.blockSize = 1 << superblock.blkszbits;
    this.epoch = { seconds: Number(superblock.buildTime), nsec: superblock.buildTimeNsec };
    this.#metaOffset = superblock.metaBlkaddr * this.blockSize;
  }

  /** Byte offset of the inode `nid`; may lie outside the image. */
  inodeOffset(nid: number): number {
    return this.#metaOffset + nid * SLOT_SIZE;
  }

  /**
   * Reads one inode.
   *
   * @throws ImageError `truncated`
   */
  inode(nid: number): Inode {
    const inode = new Inode();
    const offset = this.inodeOffset(nid);
    if (offset + 32 > this.bytes.length || !readInode(this.view, offset, this.epoch, inode)) {
      throw new ImageError('truncated', `the inode of nid ${nid} reaches behind the end of the image`, { offset });
    }
    return inode;
  }

  /** Byte offset of block `index` of an inode's data; undefined where the layout has none. May lie outside the image. */
  blockOffset(inode: Inode, index: number): number | undefined {
    if (inode.layout === Layout.chunkBased) {
      const map = chunkMap(this, inode);
      if (typeof map === 'string') return undefined;
      const chunk = Math.floor((index * this.blockSize) / map.chunkSize);
      const block = chunk < map.count && map.deviceAt(chunk) === 0 ? map.blockAt(chunk) : undefined;
      return block === undefined ? undefined : block * this.blockSize + ((index * this.blockSize) % map.chunkSize);
    }
    if (inode.layout === Layout.flatInline && index === Math.floor(inode.size / this.blockSize)) return inode.after;
    return (inode.u + index) * this.blockSize;
  }

  /**
   * The runs of an uncompressed inode's data, in file order; their lengths sum to its size.
   *
   * @throws ImageError `truncated`, `corrupt` or `unsupported` where they do not lie in the image
   */
  extents(inode: Inode): readonly Extent[] {
    if (inode.size === 0) return [];
    if (inode.layout === Layout.chunkBased) return this.#chunkExtents(inode);
    if (inode.layout !== Layout.flatPlain && inode.layout !== Layout.flatInline) {
      throw new ImageError('unsupported', 'the data is compressed: not supported', { offset: inode.offset });
    }
    const tail = inode.layout === Layout.flatInline ? inode.size % this.blockSize : 0;
    const whole = inode.size - tail;
    const extents: Extent[] = [];
    if (whole > 0) extents.push({ offset: inode.u * this.blockSize, length: whole });
    if (tail > 0) extents.push({ offset: inode.after, length: tail });
    if (tail > 0 && (inode.after % this.blockSize) + tail > this.blockSize) {
      throw new ImageError('corrupt', `the inline tail of ${tail} bytes crosses a block boundary`, {
        offset: inode.after,
      });
    }
    for (const extent of extents) this.#mustLieInside(extent);
    return extents;
  }

  #chunkExtents(inode: Inode): readonly Extent[] {
    const map = chunkMap(this, inode);
    if (typeof map === 'string') throw new ImageError('corrupt', map, { offset: inode.offset + 16 });
    const extents: { offset: number | undefined; length: number }[] = [];
    for (let index = 0; index < map.count; index++) {
      if (map.deviceAt(index) !== 0) {
        throw new ImageError('unsupported', `chunk ${index} lies on device ${map.deviceAt(index)}, not in this image`, {
          offset: map.offset + index * map.entrySize,
        });
      }
      const block = map.blockAt(index);
      const offset = block === undefined ? undefined : block * this.blockSize;
      const length = Math.min(map.chunkSize, inode.size - index * map.chunkSize);
      const last = extents.at(-1);
      // neighbours become one run: a large hole is one extent, however many chunks it has
      if (
        last &&
        (offset === undefined
          ? last.offset === undefined
          : last.offset !== undefined && last.offset + last.length === offset)
      ) {
        last.length += length;
      } else {
        extents.push({ offset, length });
      }
    }
    for (const extent of extents) this.#mustLieInside(extent);
    return extents;
  }

  #mustLieInside({ offset, length }: Extent): void {
    if (offset === undefined || offset + length <= this.bytes.length) return;
    throw new ImageError(
      'truncated',
      `${length} bytes of data reach behind the end of the image at ${this.bytes.length}`,
      { offset },
    );
  }
}

/**
 * The chunk map of an inode, or in words what is wrong with it.
 *
 * @see image-format.md, section 5; Linux fs/erofs/data.c, erofs_map_blocks
 */
export function chunkMap(geometry: Geometry, inode: Inode): ChunkMap | string {
  const format = inode.u & 0xffff;
  if ((format & ~ChunkFormat.all) !== 0)
    return `the chunk format 0x${format.toString(16)} has bits that this reader does not know`;
  const chunkSize = geometry.blockSize * 2 ** (format & ChunkFormat.blkbitsMask);
  const hasIndexes = (format & ChunkFormat.indexes) !== 0;
  const entrySize = hasIndexes ? 8 : 4;
  const count = Math.ceil(inode.size / chunkSize);
  const offset = Math.ceil(inode.after / entrySize) * entrySize;
  const { view } = geometry;
  if (offset + count * entrySize > view.byteLength) {
    return `the chunk map of ${count} entries at ${offset} reaches behind the end of the image at ${view.byteLength}`;
  }
  return {
    offset,
    count,
    entrySize,
    chunkSize,
    blockAt: (index) => {
      const block = view.getUint32(offset + index * entrySize + (hasIndexes ? 4 : 0), true);
      return block === HOLE ? undefined : block;
    },
    deviceAt: (index) => (hasIndexes ? view.getUint16(offset + index * 8 + 2, true) : 0),
  };
}
