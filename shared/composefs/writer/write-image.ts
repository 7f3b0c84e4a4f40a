import { finish, type Steps } from '../../steps.ts';
import type { Image } from '../../tree/image.ts';
import type { FormatVersion, OtherWriter } from './format-rules.ts';
import { imageBytes } from './image-bytes.ts';
import { collectInodes } from './inodes.ts';
import { placeInodes } from './layout.ts';
import { orderInodes } from './inode-order.ts';
import { orderDepthFirst } from './v2/depth-first.ts';
import { placeExtended } from './v2/layout.ts';

/** Where a file's bytes are to be: in an object of the store, or in the image. */
export type PlacedContent =
  /** `redirect` is the path below the store, without a leading slash; `digest` 32 bytes, or 64 of SHA-512. */
  | { readonly redirect: Uint8Array; readonly digest: Uint8Array | undefined }
  /** At most 5000 bytes, in format 2 512; as many as the size of the file says. */
  | { readonly inline: Uint8Array };

export interface WriteOptions {
  /** The format is this one; of 0 it is 1 where the tree has whiteouts and `maxVersion` allows it. */
  readonly minVersion: FormatVersion;
  /** Counts as `minVersion` where it is less. */
  readonly maxVersion: FormatVersion;
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
  /** Whose image it is to be, where another tool or release lays out some trees in another way. */
  readonly writer?: OtherWriter;
}

/**
 * Writes an image: in format 0 and 1 byte for byte as mkcomposefs 1.0.8 writes it of the same tree, in format 2 as
 * composefs-rs does (versions 0.5.0 to 0.9.0, which do not differ in it).
 *
 * Formats 0 and 1 are held against the C tool itself. Format 2 is held against the digests that composefs-rs pins in its
 * tests, and was the same, byte for byte, as what its own writer of 0.6 made of 1,500 random trees. Files without a digest,
 * which that writer refuses, follow the source of 0.9. Where composefs-rs and the C tool write format 0 or 1 of one tree
 * differently (rust-format.md, section 4), it is the C tool's bytes that are written; objects with SHA-512 digests, which
 * only composefs-rs has, are written as there.
 *
 * What the source stores is understood as its kind means it: of a composefs image, stubs are left out, and escaped
 * whiteouts and xattrs are those of the tree that it was made of; the xattrs of all others are the tree's own. Format 2 has
 * no nanoseconds, counts links anew, and names objects by their digests, whatever the source called them.
 *
 * @param image of any kind; nothing in it may be broken
 * @returns the whole file: a multiple of 4096 bytes, in formats 0 and 1 at least 16 KiB
 * @throws ImageError `corrupt` where an entry is broken or two of a directory have one name; `unsupported` where a file's
 *   bytes are neither in the image nor in an object, and `objectOf` does not place them, or where format 2 cannot hold what
 *   the tree has; `limit` where the format has no room: of content in the image 5000 bytes (format 2: 512), of a target
 *   4095 (1024), of xattrs 262,148 for one inode, 4 GiB as a whole
 * @see writer.md; rust-format.md, section 5; composefs libcomposefs/lcfs-writer-erofs.c; composefs-rs erofs/writer.rs
 */
export function writeImage(image: Image, options: WriteOptions): Uint8Array {
  return finish(writeImageInSteps(image, options));
}

/** As `writeImage`, a little at a time. */
export function* writeImageInSteps(image: Image, options: WriteOptions): Steps<Uint8Array> {
  if (options.minVersion === 2) {
    const inodes = yield* collectInodes(image, yield* orderDepthFirst(image, options), 2, options);
    return yield* imageBytes(image, inodes, yield* placeExtended(inodes));
  }
  const order = yield* orderInodes(image, options);
  const inodes = yield* collectInodes(image, order, versionOf(options, order.hasWhiteouts), options);
  return yield* imageBytes(image, inodes, yield* placeInodes(inodes));
}

/** writer.md, section 2. */
function versionOf({ minVersion, maxVersion }: WriteOptions, hasWhiteouts: boolean): 0 | 1 {
  const least = Math.min(minVersion, maxVersion) === 0 ? 0 : 1;
  return hasWhiteouts && maxVersion > 0 ? 1 : least;
}
