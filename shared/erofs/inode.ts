/** Data layouts of an inode, bits 1–3 of i_format. Linux fs/erofs/erofs_fs.h, EROFS_INODE_*. */
export const Layout = {
  flatPlain: 0,
  compressedFull: 1,
  flatInline: 2,
  compressedCompact: 3,
  chunkBased: 4,
} as const;

/** A nid counts slots of this many bytes. */
export const SLOT_SIZE = 32;
export const COMPACT_SIZE = 32;
export const EXTENDED_SIZE = 64;
/** Sizes above are refused: a double cannot hold them, and mkcomposefs refuses them too (image-format.md, section 11). */
export const MAX_SIZE = 2 ** 53;

/** Length in bytes of the xattr area of an inode with this i_xattr_icount. */
export const xattrSizeOf = (xattrIcount: number): number => (xattrIcount === 0 ? 0 : 12 + 4 * (xattrIcount - 1));

/**
 * The fields of one inode, filled by `readInode`. One object is filled again and again: the walk over 1,000,000
 * inodes allocates nothing for them.
 */
export class Inode {
  /** Bytes from the start of the image. */
  offset = 0;
  format = 0;
  extended = false;
  layout = 0;
  xattrIcount = 0;
  mode = 0;
  /** u64 as a double: above 2^53 inexact, which the caller refuses. */
  size = 0;
  /** raw_blkaddr, rdev or chunk format, by kind. */
  u = 0;
  ino = 0;
  uid = 0;
  gid = 0;
  /** Seconds; of a compact inode the superblock's build_time. */
  mtime = 0;
  mtimeNsec = 0;
  nlink = 0;
  /** A reserved field that must be zero is not. */
  reserved = false;

  /** 32 or 64. */
  get headerSize(): number {
    return this.extended ? EXTENDED_SIZE : COMPACT_SIZE;
  }

  /** Length of the xattr area behind the header: 0, or 12 and more. */
  get xattrSize(): number {
    return xattrSizeOf(this.xattrIcount);
  }

  /** Where the inline tail or the chunk map starts. */
  get after(): number {
    return this.offset + this.headerSize + this.xattrSize;
  }
}

/**
 * Fills `inode` from the bytes at `offset`.
 *
 * @param view the whole image; the caller has checked that 32 bytes are there
 * @param epoch build_time of the superblock: the mtime of compact inodes
 * @returns false where an extended inode would reach behind the end of the image; then only `format` is set
 * @see Linux fs/erofs/erofs_fs.h, struct erofs_inode_compact and erofs_inode_extended
 */
export function readInode(
  view: DataView,
  offset: number,
  epoch: { readonly seconds: number; readonly nsec: number },
  inode: Inode,
): boolean {
  const format = view.getUint16(offset, true);
  inode.offset = offset;
  inode.format = format;
  inode.extended = (format & 1) !== 0;
  inode.layout = (format >> 1) & 7;
  inode.xattrIcount = view.getUint16(offset + 2, true);
  inode.mode = view.getUint16(offset + 4, true);
  if (!inode.extended) {
    inode.nlink = view.getUint16(offset + 6, true);
    inode.size = view.getUint32(offset + 8, true);
    inode.u = view.getUint32(offset + 16, true);
    inode.ino = view.getUint32(offset + 20, true);
    inode.uid = view.getUint16(offset + 24, true);
    inode.gid = view.getUint16(offset + 26, true);
    inode.mtime = epoch.seconds;
    inode.mtimeNsec = epoch.nsec;
    inode.reserved = (view.getUint32(offset + 12, true) | view.getUint32(offset + 28, true)) !== 0;
    return true;
  }
  if (offset + EXTENDED_SIZE > view.byteLength) return false;
  inode.size = view.getUint32(offset + 8, true) + view.getUint32(offset + 12, true) * 0x1_0000_0000;
  inode.u = view.getUint32(offset + 16, true);
  inode.ino = view.getUint32(offset + 20, true);
  inode.uid = view.getUint32(offset + 24, true);
  inode.gid = view.getUint32(offset + 28, true);
  inode.mtime = view.getUint32(offset + 32, true) + view.getInt32(offset + 36, true) * 0x1_0000_0000;
  inode.mtimeNsec = view.getUint32(offset + 40, true);
  inode.nlink = view.getUint32(offset + 44, true);
  inode.reserved =
    (view.getUint16(offset + 6, true) |
      view.getUint32(offset + 48, true) |
      view.getUint32(offset + 52, true) |
      view.getUint32(offset + 56, true) |
      view.getUint32(offset + 60, true)) !==
    0;
  return true;
}
