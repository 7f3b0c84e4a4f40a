import type { Table } from './table.ts';

/**
 * What was opened. `cfs` is the native format of the 2023 kernel series, which no kernel mounts; a `dump` is the text that
 * images are made of; a `stack` is what layers make when they are merged.
 */
export type ImageKind = 'composefs' | 'erofs' | 'cfs' | 'dump' | 'directory' | 'tar' | 'stack';

/** Something in the image that is not as it must be (`error`) or not as it should be (`warning`). */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Stable code, as of `ImageErrorCode`. */
  readonly code: string;
  /** Row that it concerns; undefined: the image as a whole. */
  readonly entry: number | undefined;
  /** Bytes from the start of the image. */
  readonly offset: number;
  /** One sentence: what was expected, what was found. */
  readonly message: string;
}

/** One extended attribute as the image stores it. All byte arrays are views into the image. */
export interface Xattr {
  /** Full raw name, e.g. `trusted.overlay.overlay.opaque`, as bytes: prefix and suffix joined. */
  readonly name: Uint8Array;
  readonly value: Uint8Array;
  /** In the inode's own area, or in the image's shared area. */
  readonly storage: 'inline' | 'shared';
  /** Offset of the xattr's entry in the image. */
  readonly offset: number;
}

/** Where the xattrs of an inode of an EROFS image lie, in bytes from its start. */
export interface XattrArea {
  /** First of the entries in the inode's own area, and where they end. */
  inline: number;
  stop: number;
  /** The ids of shared ones, 4 bytes each, which count 4 bytes from `sharedBase`. */
  shared: number;
  sharedCount: number;
  sharedBase: number;
}

/** Where a regular file's or a symlink's bytes are. */
export type Content =
  | { readonly kind: 'empty' }
  /** In the image: extents in file order; `offset` undefined is a hole of zeros. Lengths sum to the size. */
  | {
      readonly kind: 'inline';
      readonly extents: readonly { readonly offset: number | undefined; readonly length: number }[];
    }
  /** In an object of the store: `redirect` is the path below the data root. */
  | { readonly kind: 'object'; readonly redirect: Uint8Array | undefined; readonly digest: Uint8Array | undefined }
  /** Known, but not to be had: compressed, or no redirect, or broken. `why` is a sentence. */
  | { readonly kind: 'unavailable'; readonly why: string };

/** A field of an on-disk structure, named beside its bytes. */
export interface Field {
  /** Bytes from the start of the image. */
  readonly offset: number;
  readonly length: number;
  /** The kernel's own name, e.g. `i_mtime_nsec`. */
  readonly name: string;
  /** Decoded, for a person: `0o100644 regular file`. */
  readonly value: string;
}

/** The header facts of an image, in disk order, for `info` and the window. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** How a layer of a stack is called. */
export interface LayerLabel {
  /** From 1 on, the lowest first. */
  readonly number: number;
  readonly name: string;
}

/** An opened image of any kind: the table and what cannot be a column. Everything here is pure and synchronous. */
export interface Image {
  readonly kind: ImageKind;
  readonly table: Table;
  /** composefs_version of the header (0, 1, 2); undefined where there is no such header. */
  readonly formatVersion: number | undefined;
  /** At most 10,000; `problemsOmitted` counts the rest. In the order in which they were found. */
  readonly problems: readonly Problem[];
  readonly problemsOmitted: number;
  /** Header and superblock, decoded. */
  readonly facts: readonly Fact[];
  /**
   * Rows of directories that the source does not have, though entries in them: a tar's missing parents. Where layers are
   * merged, such a directory has the attributes of the one below.
   */
  readonly madeRows?: ReadonlySet<number>;
  /** Of a stack: its layers, the lowest first. */
  readonly layerLabels?: readonly LayerLabel[];
  /** Of a stack: number of the layer that an entry is from. */
  layerOf?(entry: number): number;
  /** Of a stack: number of the layer that a file's bytes are from: a lower one where the entry itself has only attributes. */
  dataLayerOf?(entry: number): number;
  /** Of a stack with what it hides: why an entry does not show in it, in a few words; undefined: it does. */
  whyHidden?(entry: number): string | undefined;
  /** As stored, in stored order, inline ones first. @throws ImageError where the area cannot be read */
  xattrs(entry: number): readonly Xattr[];
  /**
   * As `xattrs`, for walks over all entries: nothing is allocated. `name` is only to be read; the value lies in
   * `table.bytes`. Where it is not there, `xattrs` says the same. @throws ImageError where the area cannot be read
   */
  eachXattr?(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void;
  /**
   * Puts where the xattrs lie into `area`, for who compares them as bytes. False where that says nothing: they are not in
   * the image, or their names are not spelled by what lies there alone. @throws ImageError as `xattrs`
   */
  xattrArea?(entry: number, area: XattrArea): boolean;
  /** @throws ImageError where the mapping cannot be read */
  content(entry: number): Content;
  /** Seconds exactly, whatever their size. */
  mtimeSeconds(entry: number): bigint;
  /**
   * The row that is the file where the source tells it from the links to it: a dump does, and the inode's place in an image
   * that is written of it follows from that. Without it, the first row with the inode is the file.
   */
  originalRow?(entry: number): number;
  /** The inode and what follows it (xattr area, inline tail), field by field in disk order. @throws ImageError */
  fields(entry: number): readonly Field[];
}
