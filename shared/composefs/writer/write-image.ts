import type { Image } from '../../tree/image.ts';
import { imageBytes } from './image-bytes.ts';
import { collectInodes } from './inodes.ts';
import { placeInodes } from './layout.ts';
import { orderInodes } from './inode-order.ts';

/** Where a file's bytes are to be: in an object of the store, or in the image. */
export type PlacedContent =
  /** `redirect` is the path below the store, without a leading slash; `digest` 32 bytes, or 64 of SHA-512. */
  | { readonly redirect: Uint8Array; readonly digest: Uint8Array | undefined }
  /** At most 5000 bytes, as many as the size of the file says. */
  | { readonly inline: Uint8Array };

export interface WriteOptions {
  /** The format is this one, and the next where the tree has whiteouts and `maxVersion` allows it. */
  readonly minVersion: 0 | 1;
  /** Counts as `minVersion` where it is less. */
  readonly maxVersion: 0 | 1;
  /**
   * Says where the bytes of a regular file of size > 0 are to be: asked once for each inode, by the row of the file.
   * undefined: as the image itself has it. What it gives is copied.
   */
  readonly objectOf?: (row: number) => PlacedContent | undefined;
  /**
   * `split`: each name becomes an inode of its own with one link, as where mkcomposefs reads a directory. `keep`, the
   * default: as where it reads a dump.
   */
  readonly hardLinks?: 'keep' | 'split';
}

/**
 * Writes an image, byte for byte as mkcomposefs 1.0.8 writes it of the same tree.
 *
 * What the source stores is understood as its kind means it: of a composefs image, stubs are left out, and escaped
 * whiteouts and xattrs are those of the tree that it was made of; the xattrs of all others are the tree's own.
 *
 * @param image of any kind; nothing in it may be broken
 * @returns the whole file: a multiple of 4096 bytes, at least 16 KiB
 * @throws ImageError `corrupt` where an entry is broken or two of a directory have one name; `unsupported` where a file's
 *   bytes are neither in the image nor in an object, and `objectOf` does not place them; `limit` where the format has no
 *   room: 5000 bytes of content in the image, 4095 of a target, 262,148 of xattrs for one inode, 4 GiB as a whole
 * @see writer.md; composefs libcomposefs/lcfs-writer-erofs.c
 */
export function writeImage(image: Image, options: WriteOptions): Uint8Array {
  const order = orderInodes(image, options);
  const inodes = collectInodes(image, order, options);
  return imageBytes(image, inodes, placeInodes(inodes));
}
