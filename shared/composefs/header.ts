import { ImageError } from '../erofs/image-error.ts';

/** First four bytes of a composefs image, little-endian: `9a 62 78 d0`. */
export const COMPOSEFS_MAGIC = 0xd078629a;
/** As above for the native format of the 2023 kernel series, at offset 4: `9a 62 78 c0`. */
export const CFS_MAGIC = 0xc078629a;

/** `struct lcfs_erofs_header_s`, 32 bytes at offset 0. */
export interface ComposefsHeader {
  /** Bit 0: an inode carries a POSIX ACL. */
  readonly flags: number;
  /** Generation of the layout rules: 0 and 1 by C, 2 by composefs-rs. */
  readonly composefsVersion: number;
}

/**
 * Reads the composefs header.
 *
 * @returns undefined where the magic is not there: then it may be a plain EROFS image
 * @throws ImageError `unsupported` for another header version than 1, as composefs-info refuses it
 * @see image-format.md, section 1; composefs libcomposefs/lcfs-erofs.h
 */
export function parseComposefsHeader(image: Uint8Array): ComposefsHeader | undefined {
  if (image.length < 32) return undefined;
  const view = new DataView(image.buffer, image.byteOffset, 32);
  if (view.getUint32(0, true) !== COMPOSEFS_MAGIC) return undefined;
  const version = view.getUint32(4, true);
  if (version !== 1) {
    throw new ImageError('unsupported', `expected version 1 in the composefs header, found ${version}`, { offset: 4 });
  }
  return { flags: view.getUint32(8, true), composefsVersion: view.getUint32(12, true) };
}
