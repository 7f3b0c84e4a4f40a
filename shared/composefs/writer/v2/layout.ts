import { upTo, type Steps } from '../../../steps.ts';
import { blocksOf, BLOCK, entriesOf } from '../directory-blocks.ts';
import { Kind, type Inodes } from '../inodes.ts';
import {
  align,
  FIRST_INODE,
  MAX_IMAGE_BYTES,
  newColumns,
  placeBlocks,
  SLOT,
  tooLarge,
  type Layout,
} from '../layout.ts';

const HEADER = 64;
/** Of a file that has an object: one chunk, however large the file is. */
const CHUNK_INDEX = 4;

/**
 * Sizes and places of format 2: all inodes are extended, and only directories have blocks. Sizes of directories are set in
 * `inodes`.
 *
 * @throws ImageError `limit` where the image would be too large
 * @see rust-format.md, section 5, steps 5 to 10
 */
export function* placeExtended(inodes: Inodes): Steps<Layout> {
  const { count, xattrs, xattrStart } = inodes;
  const columns = newColumns(count);
  const { nid, headerSize, xattrSize, blocks, tail } = columns;
  headerSize.fill(HEADER);
  let at = FIRST_INODE;
  yield* upTo(count, (inode) => {
    measure(inodes, inode, blocks, tail);
    const area = xattrs.areaSize(xattrStart[inode] ?? 0, xattrStart[inode + 1] ?? 0);
    const rest = tail[inode] ?? 0;
    xattrSize[inode] = area;
    at = align(at, SLOT);
    if (rest > 0 && inodes.kind[inode] !== Kind.backed)
      at = padInline(at, HEADER + area, rest, inodes.rules.keepsTailWithInode);
    nid[inode] = at / SLOT;
    at += HEADER + area + rest;
    if (at > MAX_IMAGE_BYTES) throw tooLarge();
  });
  const inodesEnd = align(at, SLOT);
  return {
    ...columns,
    buildTimeRow: undefined,
    inodesEnd,
    sharedBase: inodesEnd,
    xattrBlkaddr: 0,
    ...placeBlocks(blocks, inodesEnd + xattrs.sharedSize),
  };
}

/**
 * Moves an inode so that what is inline behind it does not cross a block. Digests depend on two oddities: a tail that ends
 * where a block does is moved too; and where a tail would begin with a block, its header comes to cross the edge.
 */
function padInline(from: number, fixed: number, tail: number, isWithInode: boolean): number {
  const start = from + fixed;
  const last = isWithInode ? start - 1 : start;
  if (Math.floor(last / BLOCK) === Math.floor((start + tail) / BLOCK)) return from;
  return align(from + BLOCK - (last % BLOCK), SLOT);
}

function measure({ image, rows, kind, size }: Inodes, inode: number, blocks: Uint32Array, tail: Uint16Array): void {
  switch (kind[inode]) {
    case Kind.directory: {
      const sizes = blocksOf(image.table, entriesOf(image.table, rows[inode] ?? 0, false));
      blocks[inode] = sizes.blocks;
      tail[inode] = sizes.tail;
      size[inode] = BLOCK * sizes.blocks + sizes.tail;
      return;
    }
    case Kind.symlink:
    case Kind.inline:
      tail[inode] = size[inode] ?? 0;
      return;
    case Kind.backed:
      tail[inode] = CHUNK_INDEX;
      return;
    default:
  }
}
