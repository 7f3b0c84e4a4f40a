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
  /** A target that does not fit into a block with its inode and xattrs lies in a block of its own. */
  readonly movesLongTargets: boolean;
  /** What is inline lies in the block of its inode's last byte, and not only within one block. */
  readonly keepsTailWithInode: boolean;
  /** Of times before 1970 none is the least. */
  readonly hasUnsignedTimes: boolean;
}

/**
 * Writers whose images differ, of some trees, from those that are written by default: mkcomposefs before 1.0.6 and
 * composefs-rs, in formats 0 and 1; composefs-rs before April 2025 (bbd5948), in format 2.
 */
export type OtherWriter = 'c-before-1.0.6' | 'composefs-rs' | 'composefs-rs-before-0.5.0';

const otherRules: Readonly<
  Record<OtherWriter, { readonly versions: readonly FormatVersion[]; readonly rules: Partial<FormatRules> }>
> = {
  'c-before-1.0.6': { versions: [0, 1], rules: { movesLongTargets: false } },
  // its count of them is a byte, which wraps
  'composefs-rs': { versions: [0, 1], rules: { maxShared: 255, hasUnsignedTimes: true } },
  'composefs-rs-before-0.5.0': { versions: [2], rules: { keepsTailWithInode: false } },
};

/** The rules of a format as a writer has them. @see digest-divergence.md, D30, D32 and D39; rust-format.md, R10 and R12 */
export function rulesOf(version: FormatVersion, writer: OtherWriter | undefined): FormatRules {
  const other = writer === undefined ? undefined : otherRules[writer];
  return { ...formatRules[version], ...(other?.versions.includes(version) === true ? other.rules : {}) };
}

/** Writers that have rules of their own for a format. */
export const otherWriters = (version: FormatVersion): readonly OtherWriter[] =>
  (['c-before-1.0.6', 'composefs-rs', 'composefs-rs-before-0.5.0'] as const).filter((writer) =>
    otherRules[writer].versions.includes(version),
  );

/** Limits of mkcomposefs 1.0.8 (image-format.md, section 11). */
const ofCTool = {
  isOverlayRoot: true,
  maxInline: 5000,
  maxTarget: 4095,
  maxShared: 128,
  hasLustrePrefix: false,
  movesLongTargets: true,
  keepsTailWithInode: false,
  hasUnsignedTimes: false,
} as const;

/** @see rust-format.md, sections 2, 3 and 7 */
const formatRules: Readonly<Record<FormatVersion, FormatRules>> = {
  0: { version: 0, ...ofCTool },
  1: { version: 1, ...ofCTool },
  2: {
    version: 2,
    isOverlayRoot: false,
    maxInline: 512,
    maxTarget: 1024,
    maxShared: Infinity,
    hasLustrePrefix: true,
    movesLongTargets: false,
    keepsTailWithInode: true,
    hasUnsignedTimes: false,
  },
};
