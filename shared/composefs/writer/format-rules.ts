/** composefs_version: 0 and 1 are the C tool's, 2 is composefs-rs's own. */
export type FormatVersion = 0 | 1 | 2;

/** What the formats do not have alike, but for where things lie. */
export interface FormatRules {
  readonly version: FormatVersion;
  /** The root gets 256 whiteouts, and `trusted.overlay.opaque`; whiteouts of the tree are escaped into files. */
  readonly isOverlayRoot: boolean;
  /** Bytes of a file that lies in the image, and of a symlink's target. */
  readonly maxInline: number;
  readonly maxTarget: number;
  /** Xattrs of one inode that are shared, where more may be; the others stay with it. */
  readonly maxShared: number;
  /** `lustre.` is a prefix with an index of its own. */
  readonly hasLustrePrefix: boolean;
}

/** Limits of mkcomposefs 1.0.8 (image-format.md, section 11). */
const ofCTool = {
  isOverlayRoot: true,
  maxInline: 5000,
  maxTarget: 4095,
  maxShared: 128,
  hasLustrePrefix: false,
} as const;

/** @see rust-format.md, sections 2, 3 and 7 */
export const formatRules: Readonly<Record<FormatVersion, FormatRules>> = {
  0: { version: 0, ...ofCTool },
  1: { version: 1, ...ofCTool },
  2: {
    version: 2,
    isOverlayRoot: false,
    maxInline: 512,
    maxTarget: 1024,
    maxShared: Infinity,
    hasLustrePrefix: true,
  },
};
