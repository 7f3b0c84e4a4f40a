import { crc32c } from './crc32c.ts';
import { ImageError } from './image-error.ts';

/** Offset of the superblock in every EROFS image, in bytes. */
export const SUPER_OFFSET = 1024;
const SUPER_SIZE = 128;
export const SUPER_MAGIC_V1 = 0xe0f5e1e2;

/** feature_compat: a reader that does not know a bit may go on. Linux fs/erofs/erofs_fs.h. */
export const Compat = {
  sbChecksum: 0x01,
  mtime: 0x02,
  xattrFilter: 0x04,
  sharedEaInMetabox: 0x08,
  plainXattrPrefixes: 0x10,
} as const;

/** feature_incompat: a reader that does not know a bit must stop. */
export const Incompat = {
  zeroPadding: 0x001,
  comprCfgs: 0x002,
  chunkedFile: 0x004,
  deviceTable: 0x008,
  ztailPacking: 0x010,
  fragments: 0x020,
  xattrPrefixes: 0x040,
  fortyEightBit: 0x080,
  metabox: 0x100,
} as const;

const COMPAT_NAMES: readonly (readonly [number, string])[] = [
  [Compat.sbChecksum, 'SB_CHKSUM'],
  [Compat.mtime, 'MTIME'],
  [Compat.xattrFilter, 'XATTR_FILTER'],
  [Compat.sharedEaInMetabox, 'SHARED_EA_IN_METABOX'],
  [Compat.plainXattrPrefixes, 'PLAIN_XATTR_PFX'],
];
const INCOMPAT_NAMES: readonly (readonly [number, string])[] = [
  [Incompat.zeroPadding, 'ZERO_PADDING'],
  [Incompat.comprCfgs, 'COMPR_CFGS / BIG_PCLUSTER'],
  [Incompat.chunkedFile, 'CHUNKED_FILE'],
  [Incompat.deviceTable, 'DEVICE_TABLE / COMPR_HEAD2'],
  [Incompat.ztailPacking, 'ZTAILPACKING'],
  [Incompat.fragments, 'FRAGMENTS / DEDUPE'],
  [Incompat.xattrPrefixes, 'XATTR_PREFIXES'],
  [Incompat.fortyEightBit, '48BIT'],
  [Incompat.metabox, 'METABOX'],
];

/** The fields of `struct erofs_super_block` under the kernel's names. Three units: Blkaddr blocks, Nid 32-byte slots. */
export interface Superblock {
  readonly checksum: number;
  readonly featureCompat: number;
  /** log2 of the block size in bytes. */
  readonly blkszbits: number;
  readonly sbExtslots: number;
  readonly rootNid: number;
  readonly inos: bigint;
  /** Signed seconds: mtime of every compact inode (`epoch` in newer kernels). */
  readonly buildTime: bigint;
  readonly buildTimeNsec: number;
  readonly blocks: number;
  readonly metaBlkaddr: number;
  readonly xattrBlkaddr: number;
  /** 16 bytes, a view. */
  readonly uuid: Uint8Array;
  /** 16 bytes, a view. */
  readonly volumeName: Uint8Array;
  readonly featureIncompat: number;
  readonly availableComprAlgs: number;
  readonly extraDevices: number;
  readonly devtSlotoff: number;
  readonly dirblkbits: number;
  readonly xattrPrefixCount: number;
  /** In 4-byte units. */
  readonly xattrPrefixStart: number;
  readonly packedNid: bigint;
  readonly xattrFilterReserved: number;
}

/**
 * Reads the superblock and nothing more: what its values mean for us is `judgeSuperblock`, its CRC `superblockChecksum`.
 *
 * @param image whole image, any length; kept only by the views `uuid` and `volumeName`
 * @throws ImageError `truncated` below 1152 bytes, or `bad-magic`
 * @see Linux fs/erofs/erofs_fs.h, struct erofs_super_block: 128 bytes at offset 1024, little-endian
 */
export function parseSuperblock(image: Uint8Array): Superblock {
  if (image.length < SUPER_OFFSET + SUPER_SIZE) {
    throw new ImageError(
      'truncated',
      `expected a superblock of ${SUPER_SIZE} bytes at ${SUPER_OFFSET}, the file has ${image.length} bytes`,
      { offset: image.length },
    );
  }
  const view = new DataView(image.buffer, image.byteOffset + SUPER_OFFSET, SUPER_SIZE);
  const magic = view.getUint32(0x00, true);
  if (magic !== SUPER_MAGIC_V1) {
    throw new ImageError('bad-magic', `expected the EROFS magic 0xe0f5e1e2, found 0x${hex(magic, 8)}`, {
      offset: SUPER_OFFSET,
    });
  }
  return {
    checksum: view.getUint32(0x04, true),
    featureCompat: view.getUint32(0x08, true),
    blkszbits: view.getUint8(0x0c),
    sbExtslots: view.getUint8(0x0d),
    rootNid: view.getUint16(0x0e, true),
    inos: view.getBigUint64(0x10, true),
    buildTime: view.getBigInt64(0x18, true),
    buildTimeNsec: view.getUint32(0x20, true),
    blocks: view.getUint32(0x24, true),
    metaBlkaddr: view.getUint32(0x28, true),
    xattrBlkaddr: view.getUint32(0x2c, true),
    uuid: image.subarray(SUPER_OFFSET + 0x30, SUPER_OFFSET + 0x40),
    volumeName: image.subarray(SUPER_OFFSET + 0x40, SUPER_OFFSET + 0x50),
    featureIncompat: view.getUint32(0x50, true),
    availableComprAlgs: view.getUint16(0x54, true),
    extraDevices: view.getUint16(0x56, true),
    devtSlotoff: view.getUint16(0x58, true),
    dirblkbits: view.getUint8(0x5a),
    xattrPrefixCount: view.getUint8(0x5b),
    xattrPrefixStart: view.getUint32(0x5c, true),
    packedNid: view.getBigUint64(0x60, true),
    xattrFilterReserved: view.getUint8(0x68),
  };
}

/**
 * Stops at what this reader cannot walk: unknown or unsupported incompatible features, odd block sizes, a bad CRC.
 * Compression is no reason to stop: the tree and the attributes are still there.
 *
 * @throws ImageError `unsupported` or `bad-checksum`
 */
export function judgeSuperblock(superblock: Superblock, image: Uint8Array): void {
  const { blkszbits, dirblkbits, sbExtslots, featureIncompat } = superblock;
  if (blkszbits < 9 || blkszbits > 16) {
    throw new ImageError('unsupported', `expected blkszbits from 9 to 16, found ${blkszbits}`, {
      offset: SUPER_OFFSET + 0x0c,
    });
  }
  if (dirblkbits !== 0) {
    throw new ImageError('unsupported', `expected dirblkbits 0, found ${dirblkbits}`, { offset: SUPER_OFFSET + 0x5a });
  }
  if (SUPER_SIZE + 16 * sbExtslots > 4096 - SUPER_OFFSET) {
    throw new ImageError(
      'corrupt',
      `sb_extslots ${sbExtslots} puts the end of the superblock outside the first 4096 bytes`,
      {
        offset: SUPER_OFFSET + 0x0d,
      },
    );
  }
  const known = INCOMPAT_NAMES.reduce((sum, [bit]) => sum | bit, 0);
  const refused = (featureIncompat & (Incompat.fortyEightBit | Incompat.metabox)) | (featureIncompat & ~known);
  if (refused !== 0) {
    throw new ImageError(
      'unsupported',
      `the image needs an incompatible feature that this reader does not have: ${featureNames(refused >>> 0, INCOMPAT_NAMES)}`,
      { offset: SUPER_OFFSET + 0x50 },
    );
  }
  if (featureIncompat !== 0 && (superblock.featureCompat & Compat.sharedEaInMetabox) !== 0) {
    throw new ImageError('unsupported', 'shared xattrs in a metabox inode are not supported', {
      offset: SUPER_OFFSET + 0x08,
    });
  }
  if ((superblock.featureCompat & Compat.sbChecksum) !== 0) {
    const computed = superblockChecksum(image, blkszbits);
    if (computed !== superblock.checksum) {
      throw new ImageError(
        'bad-checksum',
        `the superblock says CRC-32C 0x${hex(superblock.checksum, 8)}, its bytes have 0x${hex(computed, 8)}`,
        { offset: SUPER_OFFSET + 0x04 },
      );
    }
  }
}

/**
 * CRC-32C over the superblock up to the end of the block it lies in, the checksum field taken as zero.
 *
 * @see Linux fs/erofs/super.c, erofs_superblock_csum_verify: block size less 1024, or that of the first whole block
 */
export function superblockChecksum(image: Uint8Array, blkszbits: number): number {
  const block = 1 << blkszbits;
  const length = block > SUPER_OFFSET ? block - SUPER_OFFSET : block;
  const region = image.slice(SUPER_OFFSET, SUPER_OFFSET + length);
  region.fill(0, 4, 8);
  return crc32c(region);
}

/** `MTIME, XATTR_FILTER, unknown 0x40`; `none` for 0. */
export const compatNames = (bits: number): string => featureNames(bits, COMPAT_NAMES);
/** As `compatNames`, for feature_incompat. */
export const incompatNames = (bits: number): string => featureNames(bits, INCOMPAT_NAMES);

function featureNames(bits: number, names: readonly (readonly [number, string])[]): string {
  if (bits === 0) return 'none';
  const found = names.filter(([bit]) => (bits & bit) !== 0);
  const rest = found.reduce((left, [bit]) => left & ~bit, bits) >>> 0;
  return [...found.map(([, name]) => name), ...(rest === 0 ? [] : [`unknown 0x${rest.toString(16)}`])].join(', ');
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
