import { ImageError } from '../../../erofs/image-error.ts';
import { upTo, type Steps } from '../../../steps.ts';
import type { Image } from '../../../tree/image.ts';
import { pathOf } from '../../../tree/path.ts';
import { Flag, isDirectory } from '../../../tree/table.ts';
import { isWhiteout, refuseBroken, Whiteout, type InodeOrder } from '../inode-order.ts';
import type { WriteOptions } from '../write-image.ts';

/**
 * Numbers the inodes for format 2: depth first, which is the order of the rows; a file with several names at the first of
 * them. Links are counted, whatever the source says.
 *
 * @throws ImageError `corrupt`; `unsupported` for a whiteout with several names
 * @see rust-format.md, section 5, steps 1 and 2
 */
export function* orderDepthFirst(
  image: Image,
  { hardLinks = 'keep' }: Pick<WriteOptions, 'hardLinks'>,
): Steps<InodeOrder> {
  const { table } = image;
  const { count, parent, inode, flags } = table;
  refuseBroken(image);
  const rows = new Int32Array(count);
  const inodeOf = new Uint32Array(count);
  const whiteouts = new Uint8Array(count);
  const links = new Uint32Array(count);
  const linked = new Map<number, number>();
  if (hardLinks === 'keep') {
    for (let row = 0; row < count; row += 1) {
      if (((flags[row] ?? 0) & Flag.hardLink) !== 0 && !isDirectory(table, row)) linked.set(inode[row] ?? 0, -1);
    }
  }
  let hasWhiteouts = false;
  let length = 0;
  yield* upTo(count, (row) => {
    if (((flags[row] ?? 0) & Flag.stub) !== 0) return;
    const known = linked.size === 0 || isDirectory(table, row) ? undefined : linked.get(inode[row] ?? 0);
    const isWhiteoutRow = isWhiteout(image, row);
    if (isWhiteoutRow) {
      whiteouts[inodeOf[parent[row] ?? 0] ?? 0] = Whiteout.holds;
      hasWhiteouts = true;
    }
    if (known !== undefined && known >= 0) {
      if (isWhiteoutRow) {
        throw new ImageError('unsupported', 'a whiteout has one name: composefs-rs refuses hard links to it', {
          path: pathOf(table, row),
        });
      }
      inodeOf[row] = known;
      links[known] = (links[known] ?? 0) + 1;
      return;
    }
    if (known !== undefined) linked.set(inode[row] ?? 0, length);
    inodeOf[row] = length;
    links[length] = 1;
    if (isWhiteoutRow) whiteouts[length] = Whiteout.is;
    rows[length++] = row;
  });
  return {
    count: length,
    rows: rows.subarray(0, length),
    inodeOf,
    stubInodes: new Uint32Array(0),
    whiteouts,
    hasWhiteouts,
    links,
  };
}
