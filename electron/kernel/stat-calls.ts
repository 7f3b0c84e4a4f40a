import { createRequire } from 'node:module';
import { fstatSync, lstatSync, type BigIntStats } from 'node:fs';
import { S_IFMT, S_IFREG } from '../../shared/tree/table.ts';
import { lastErrno } from './file-calls.ts';

/**
 * What statx(2) says of files, by koffi: of each file of a tree it is asked three times, and Node's own calls, with BigInts
 * for the nanoseconds and dates for all times, take twice as long.
 */

const AT_FDCWD = -100; // Linux include/uapi/linux/fcntl.h
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff; // Linux include/uapi/linux/stat.h, struct statx too
const STATX_SIZE = 256;
/** The kernel takes no longer path (PATH_MAX, its NUL counted). */
const PATH_MAX = 4096;

/** Of a file. */
export interface FileStat {
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Exact up to 2^53, as Node's is. */
  readonly ino: number;
  /** Seconds since 1970, and nanoseconds of the second. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** Of a device file: its number as the kernel writes it on disks (`new_encode_dev`). */
  readonly rdev: number;
  /** Device and inode number, exact: the same for all names of one file, and for no other. */
  readonly identity: () => string;
}

export const isRegular = ({ mode }: FileStat): boolean => (mode & S_IFMT) === S_IFREG;

/** Milliseconds since 1970 with fractions, as Node computes them of the same stat. */
export const mtimeMsOf = ({ mtime, mtimeNsec }: FileStat): number => mtime * 1000 + mtimeNsec / 1_000_000;

type Statx = (folder: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array) => number;

let statx: Statx | undefined;
const bytes = Buffer.alloc(STATX_SIZE);
const fields = new DataView(bytes.buffer, bytes.byteOffset, STATX_SIZE);
const pathBuffer = Buffer.alloc(PATH_MAX + 1);
const nothing = Buffer.alloc(1);

function load(): Statx {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  return (statx = koffi
    .load(null)
    .func('int statx(int folder, void *path, int flags, unsigned int mask, void *into)') as Statx);
}

/**
 * lstat(2).
 *
 * @param path Latin-1: a letter a byte
 * @returns undefined where there is nothing, or no folder above it
 * @throws an error with the errno's name as `code`
 */
export function statPath(path: string): FileStat | undefined {
  if (process.platform !== 'linux' || path.length >= PATH_MAX) {
    const stats = lstatSync(Buffer.from(path, 'latin1'), { bigint: true, throwIfNoEntry: false });
    return stats && ofNode(stats);
  }
  pathBuffer[pathBuffer.write(path, 0, 'latin1')] = 0;
  const call = statx ?? load();
  if (call(AT_FDCWD, pathBuffer, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, bytes) === 0) return ofFields();
  const code = lastErrno();
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw failed(code, 'lstat');
}

/** fstat(2). @throws an error with the errno's name as `code` */
export function statOpen(fd: number): FileStat {
  if (process.platform !== 'linux') return ofNode(fstatSync(fd, { bigint: true }));
  const call = statx ?? load();
  if (call(fd, nothing, AT_EMPTY_PATH, STATX_BASIC_STATS, bytes) === 0) return ofFields();
  throw failed(lastErrno(), 'fstat');
}

const failed = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

/** @see Linux include/linux/kdev_t.h */
const encodeDevice = (major: number, minor: number): number =>
  ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;

function ofFields(): FileStat {
  const inoLow = fields.getUint32(32, true);
  const inoHigh = fields.getUint32(36, true);
  const devMajor = fields.getUint32(136, true);
  const devMinor = fields.getUint32(140, true);
  return {
    mode: fields.getUint16(28, true),
    nlink: fields.getUint32(16, true),
    uid: fields.getUint32(20, true),
    gid: fields.getUint32(24, true),
    size: fields.getUint32(40, true) + fields.getUint32(44, true) * 2 ** 32,
    ino: inoLow + inoHigh * 2 ** 32,
    mtime: fields.getUint32(112, true) + fields.getInt32(116, true) * 2 ** 32,
    mtimeNsec: fields.getUint32(120, true),
    rdev: encodeDevice(fields.getUint32(128, true), fields.getUint32(132, true)),
    identity: () => `${devMajor}:${devMinor}:${inoHigh}:${inoLow}`,
  };
}

function ofNode(stats: BigIntStats): FileStat {
  const { dev, ino, rdev, mtimeNs } = stats;
  const mtime = mtimeNs / 1_000_000_000n - (mtimeNs % 1_000_000_000n < 0n ? 1n : 0n);
  return {
    mode: Number(stats.mode),
    nlink: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    ino: Number(ino),
    mtime: Number(mtime),
    mtimeNsec: Number(mtimeNs - mtime * 1_000_000_000n),
    rdev: encodeDevice(
      Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xffff_f000n)),
      Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffff_ff00n)),
    ),
    identity: () => `${dev}:${ino}`,
  };
}
