/**
 * The columnar table of an opened image: one row an entry (a dirent, not an inode), typed arrays alone.
 *
 * Rows are in depth-first order with the names of a directory in byte order, so that
 * - row 0 is the root, a directory's first child is the row behind it, its subtree is `[entry, end[entry])`;
 * - the sibling behind `entry` is `end[entry]`, for as long as that is below `end[parent[entry]]`;
 * - a walk over all rows is the walk that `composefs-info ls` prints.
 *
 * Names, redirects and digests are offsets into `bytes`, which is the image itself: nothing is copied.
 */
export interface Table {
  /** Number of rows, root included; at least 1. Every column has at least this length. */
  readonly count: number;
  /** What the offsets below point into: the whole image. */
  readonly bytes: Uint8Array;
  /** Row of the parent directory; the root's is 0. */
  readonly parent: Uint32Array;
  /** Row behind the last descendant: `entry + 1` for a leaf. */
  readonly end: Uint32Array;
  readonly nameOffset: Uint32Array;
  /** Bytes, 1 to 255; 0 for the root. */
  readonly nameLength: Uint8Array;
  /** Identity of the inode: the nid in EROFS, the index in the 2023 format. Equal numbers are hard links. */
  readonly inode: Uint32Array;
  /** `st_mode`: type and permission bits. 0 where the inode cannot be read (see `Flag.broken`). */
  readonly mode: Uint16Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  /** `i_size` in bytes, exact up to 2^53 (what is above is an error of its entry). */
  readonly size: Float64Array;
  /** Whole seconds since 1970, negative before; exact within ±2^53. */
  readonly mtime: Float64Array;
  /** As stored: 10^9 and above is wrong, but can occur. */
  readonly mtimeNsec: Uint32Array;
  readonly nlink: Uint32Array;
  /** Device number in the kernel's 32-bit encoding, 0 for what is no device. */
  readonly rdev: Uint32Array;
  /** Offset of the redirect's first byte behind its leading `/` (the object's path below the data root); 0: none. */
  readonly redirectOffset: Uint32Array;
  /** Bytes, without the leading `/`. */
  readonly redirectLength: Uint16Array;
  /** Offset of the raw fs-verity digest (32 bytes, or 64 with `Flag.sha512`); 0: none. */
  readonly digestOffset: Uint32Array;
  /** Sum of `Flag` bits. */
  readonly flags: Uint16Array;
}

/** What the reader found out about an entry, one bit each. */
export const Flag = {
  /** Part of it cannot be read or breaks a rule: `problems` says what. */
  broken: 1 << 0,
  /** Regular file whose bytes lie elsewhere: it has a metacopy xattr (or, in the 2023 format, a backing path). */
  backed: 1 << 1,
  /** Regular file of size > 0 whose bytes lie in the image. */
  inline: 1 << 2,
  /** The digest is SHA-512: 64 bytes. Without it, SHA-256: 32 bytes. */
  sha512: 1 << 3,
  /** One of the 256 character devices `00`…`ff` that mkcomposefs puts into the root (image-format.md, section 9). */
  stub: 1 << 4,
  /** Whiteout as a character device 0:0. */
  whiteout: 1 << 5,
  /** Whiteout escaped into an empty regular file with `trusted.overlay.overlay.whiteout`. */
  escapedWhiteout: 1 << 6,
  /** Directory that hides what is below it: `overlay.opaque` is `y` (the root of every C image; else escaped). */
  opaque: 1 << 7,
  /** Has at least one xattr, overlay's own included. */
  xattrs: 1 << 8,
  /** An earlier row has the same inode: this one is the hard link. */
  hardLink: 1 << 9,
  /** Data is compressed (EROFS layouts 1 and 3): attributes show, content cannot be read here. */
  compressed: 1 << 10,
  /** The image holds a digest or metacopy, yet no redirect: nothing says where the bytes are. */
  noRedirect: 1 << 11,
  /** Of an image of composefs: none of its xattrs can say anything to an overlay mount over what the image shows. */
  plainXattrs: 1 << 12,
} as const;

/** `st_mode` type bits (Linux include/uapi/linux/stat.h). */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

/** Whether the row is a directory. */
export const isDirectory = (table: Table, entry: number): boolean => ((table.mode[entry] ?? 0) & S_IFMT) === S_IFDIR;

/** The bytes of an entry's name, empty for the root; a view, not a copy. */
export function nameBytes(table: Table, entry: number): Uint8Array {
  const from = table.nameOffset[entry] ?? 0;
  return table.bytes.subarray(from, from + (table.nameLength[entry] ?? 0));
}

/** Rows of a directory's children, in name order. Takes time linear in their number, not in their descendants. */
export function* children(table: Table, directory: number): Generator<number, void, void> {
  const stop = table.end[directory] ?? 0;
  for (let entry = directory + 1; entry < stop; entry = table.end[entry] ?? stop) yield entry;
}

/** Rows from the root down to `entry`, both included. */
export function ancestry(table: Table, entry: number): number[] {
  const chain = [entry];
  for (let at = entry; at !== 0;) {
    at = table.parent[at] ?? 0;
    chain.push(at);
  }
  return chain.toReversed();
}
