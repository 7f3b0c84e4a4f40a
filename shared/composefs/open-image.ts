import { ErofsImage, isDirectoryInode } from '../erofs/erofs-image.ts';
import { Geometry } from '../erofs/geometry.ts';
import { ImageError } from '../erofs/image-error.ts';
import {
  Compat,
  compatNames,
  Incompat,
  incompatNames,
  judgeSuperblock,
  parseSuperblock,
  type Superblock,
} from '../erofs/superblock.ts';
import { unequalDirents, type UnequalDirents } from '../erofs/unequal-dirents.ts';
import { TreeWalk } from '../erofs/walk.ts';
import { type LongPrefix, readLongPrefixes, XattrNames } from '../erofs/xattr.ts';
import type { Fact, Image } from '../tree/image.ts';
import { openDump } from './dump-reader/dump-reader.ts';
import { CFS_MAGIC, type ComposefsHeader, parseComposefsHeader } from './header.ts';
import { openLegacyCfs } from './legacy-cfs.ts';

/** Offsets in the table are u32. A metadata image of 4 GiB would have 15,000,000 files and more. */
export const MAX_IMAGE_BYTES = 0xffff_ffff;

/**
 * Opens an image: composefs of format 0, 1 or 2, plain EROFS, the native format of 2023, or a dump. The whole tree is
 * read and checked; what is broken in part still opens, and `problems` says what is wrong with it.
 *
 * @param bytes the whole file; kept, not copied, and must not change; of a dump, what is needed is copied
 * @throws ImageError where nothing of it can be shown: `truncated`, `bad-magic`, `unsupported`, `bad-checksum`, `corrupt`
 */
export function openImage(bytes: Uint8Array): Image {
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new ImageError('limit', `an image has at most ${MAX_IMAGE_BYTES} bytes, this file has ${bytes.length}`, {
      offset: 0,
    });
  }
  if (isCfs(bytes)) return openLegacyCfs(bytes);
  if (isDump(bytes)) return openDump(bytes);
  return walkErofs(bytes);
}

/** Opens what is left of an EROFS image. @param only as of `unequalParts`: the dirents that become rows @throws as `openImage` */
export const openPart = (bytes: Uint8Array, only: Uint32Array): Image => walkErofs(bytes, only);

function walkErofs(bytes: Uint8Array, only?: Uint32Array): Image {
  const { header, superblock, geometry } = openErofs(bytes);
  const names = new XattrNames(bytes, longPrefixes(geometry));
  const root = geometry.inode(superblock.rootNid);
  if (!isDirectoryInode(root)) {
    throw new ImageError('corrupt', `the root inode is a directory, found mode 0${root.mode.toString(8)}`, {
      path: '/',
      offset: root.offset + 4,
    });
  }
  const hasStubs = header !== undefined && header.composefsVersion < 2;
  const walk = new TreeWalk(geometry, names, header !== undefined, hasStubs, only);
  checkWhole(walk, geometry, header);
  walk.run(superblock.rootNid);
  return new ErofsImage({
    geometry,
    names,
    table: walk.rows.finish(),
    log: walk.log,
    formatVersion: header?.composefsVersion,
    facts: factsOf(bytes, header, superblock, geometry.blockSize),
  });
}

/**
 * What a comparison of two images needs to look at, as `openPart` takes it: see `unequalDirents`.
 *
 * @param a as of `openImage`
 * @returns undefined where that cannot be told, or where the same bytes mean something else in the other format
 */
export function unequalParts(a: Uint8Array, b: Uint8Array): UnequalDirents | undefined {
  for (const bytes of [a, b]) if (bytes.length > MAX_IMAGE_BYTES || isCfs(bytes) || isDump(bytes)) return undefined;
  const [ours, theirs] = [erofsOf(a), erofsOf(b)];
  if (ours === undefined || theirs === undefined) return undefined;
  if (ours.header?.composefsVersion !== theirs.header?.composefsVersion) return undefined;
  return unequalDirents(ours.geometry, theirs.geometry);
}

const isCfs = (bytes: Uint8Array): boolean =>
  bytes.length >= 8 && new DataView(bytes.buffer, bytes.byteOffset, 8).getUint32(4, true) === CFS_MAGIC;

interface Erofs {
  readonly header: ComposefsHeader | undefined;
  readonly superblock: Superblock;
  readonly geometry: Geometry;
}

/** undefined: `openImage` says why. */
function erofsOf(bytes: Uint8Array): Erofs | undefined {
  try {
    return openErofs(bytes);
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

/** @throws ImageError where its headers cannot be read */
function openErofs(bytes: Uint8Array): Erofs {
  const header = parseComposefsHeader(bytes);
  const superblock = parseSuperblock(bytes);
  judgeSuperblock(superblock, bytes);
  return { header, superblock, geometry: new Geometry(bytes, superblock) };
}

/** Its first line is the root's: a slash and a space. */
const isDump = (bytes: Uint8Array): boolean => bytes[0] === 0x2f && bytes[1] === 0x20;

/** What is odd about the image as a whole but no reason to refuse it. */
function checkWhole(
  { log }: TreeWalk,
  { bytes, superblock, blockSize }: Geometry,
  header: ComposefsHeader | undefined,
): void {
  const warn = (offset: number, message: string): void =>
    log.add('warning', 'corrupt', undefined, offset, () => message);
  const expected = superblock.blocks * blockSize;
  if (expected > bytes.length) {
    log.add(
      'error',
      'truncated',
      undefined,
      bytes.length,
      () => `the superblock says ${superblock.blocks} blocks, ${expected} bytes; the file has ${bytes.length}`,
    );
  } else if (expected < bytes.length && header !== undefined) {
    warn(
      expected,
      `the superblock says ${superblock.blocks} blocks, ${expected} bytes; the file is longer: ${bytes.length}`,
    );
  }
  if (header === undefined) return;
  if (header.composefsVersion > 2)
    warn(12, `composefs_version ${header.composefsVersion} is not known: 0, 1 and 2 are`);
  if ((header.flags & ~1) !== 0) warn(8, `header flags 0x${header.flags.toString(16)}: only bit 0 has a meaning`);
  if (superblock.blkszbits !== 12)
    warn(1024 + 0x0c, `composefs images have blocks of 4096 bytes, this one of ${blockSize}`);
  if (superblock.featureIncompat !== 0) {
    warn(
      1024 + 0x50,
      `composefs images have no incompatible features, this one has ${incompatNames(superblock.featureIncompat)}`,
    );
  }
}

function longPrefixes(geometry: Geometry): readonly LongPrefix[] {
  const { superblock, bytes } = geometry;
  if ((superblock.featureIncompat & Incompat.xattrPrefixes) === 0 || superblock.xattrPrefixCount === 0) return [];
  const start = superblock.xattrPrefixStart * 4;
  const plain = (superblock.featureCompat & Compat.plainXattrPrefixes) !== 0;
  if (superblock.packedNid === 0n || plain) return readLongPrefixes(bytes, start, superblock.xattrPrefixCount);
  const packed = geometry.inode(Number(superblock.packedNid));
  const parts = geometry.extents(packed);
  // 128 prefixes of 255 bytes: what is behind them in the packed inode is file data
  const data = new Uint8Array(Math.min(packed.size, start + 128 * 260));
  let at = 0;
  for (const { offset, length } of parts) {
    const take = Math.min(length, data.length - at);
    if (take <= 0) break;
    if (offset !== undefined) data.set(bytes.subarray(offset, offset + take), at);
    at += take;
  }
  return readLongPrefixes(data, start, superblock.xattrPrefixCount);
}

function factsOf(
  bytes: Uint8Array,
  header: ComposefsHeader | undefined,
  superblock: Superblock,
  blockSize: number,
): readonly Fact[] {
  const facts: Fact[] = [];
  const add = (label: string, value: string): void => void facts.push({ label, value });
  if (header) {
    add('composefs header', 'version 1');
    add('composefs_version', `${header.composefsVersion} (${writerOf(header.composefsVersion)})`);
    add(
      'header flags',
      header.flags === 0 ? 'none' : (header.flags & 1) === 1 ? 'HAS_ACL' : `0x${header.flags.toString(16)}`,
    );
  } else {
    add('composefs header', 'none: plain EROFS image');
  }
  add('block size', `${blockSize} bytes`);
  add('blocks', `${superblock.blocks} (the file has ${bytes.length / blockSize})`);
  add('inodes', superblock.inos.toString());
  add('root nid', String(superblock.rootNid));
  add('build_time', `${superblock.buildTime}.${String(superblock.buildTimeNsec).padStart(9, '0')}`);
  add('meta_blkaddr', String(superblock.metaBlkaddr));
  add('xattr_blkaddr', String(superblock.xattrBlkaddr));
  add('feature_compat', `0x${superblock.featureCompat.toString(16)} (${compatNames(superblock.featureCompat)})`);
  add(
    'feature_incompat',
    `0x${superblock.featureIncompat.toString(16)} (${incompatNames(superblock.featureIncompat)})`,
  );
  add(
    'checksum',
    (superblock.featureCompat & Compat.sbChecksum) === 0
      ? 'none'
      : `0x${superblock.checksum.toString(16).padStart(8, '0')}, right`,
  );
  add('uuid', Array.from(superblock.uuid, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  const volume = superblock.volumeName.subarray(0, (superblock.volumeName.indexOf(0) + 17) % 17);
  if (volume.length > 0) add('volume_name', String.fromCharCode(...volume));
  return facts;
}

function writerOf(version: number): string {
  if (version === 0) return 'C composefs, without opaque=x beside whiteouts';
  if (version === 1) return 'C composefs 1.0.3 and newer, or composefs-rs';
  return version === 2 ? 'composefs-rs' : 'unknown';
}
