/** What a file is, told from its first bytes. */
export type FileKind =
  | 'composefs'
  | 'erofs'
  /** Native format of the 2023 kernel series. */
  | 'cfs'
  /** Its first generation, November 2022 to January 2023, which nothing reads any more. */
  | 'cfs-first'
  | 'dump'
  | 'tar'
  | 'gzip'
  | 'zstd'
  | 'xz'
  | 'bzip2'
  | 'splitstream'
  | 'empty'
  | 'unknown';

/** As many first bytes as `recogniseBytes` may want to see. */
export const HEAD_BYTES = 4096;

const COMPOSEFS_MAGIC = 0xd078629a;
const CFS_MAGIC = 0xc078629a;
const EROFS_MAGIC = 0xe0f5e1e2;
const EROFS_SUPER_OFFSET = 1024;
const SPLIT_STREAM = ascii('SplitStream');

/**
 * Tells the kind of a file.
 * @param head its first bytes: `HEAD_BYTES` of them, or all if it has fewer
 */
export function recogniseBytes(head: Uint8Array): FileKind {
  if (head.length === 0) return 'empty';
  if (u32(head, 0) === COMPOSEFS_MAGIC) return 'composefs';
  if (u32(head, 4) === CFS_MAGIC && head[0] === 1) return isSecondGeneration(head) ? 'cfs' : 'cfs-first';
  if (u32(head, EROFS_SUPER_OFFSET) === EROFS_MAGIC) return 'erofs';
  // Before its layout was settled, composefs-rs wrote the magic at 18.
  if (startsWith(head, SPLIT_STREAM, 0) || startsWith(head, SPLIT_STREAM, 18)) return 'splitstream';
  if (startsWith(head, [0x1f, 0x8b, 0x08], 0)) return 'gzip';
  if (u32(head, 0) === 0xfd2fb528) return 'zstd';
  if (startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 0)) return 'xz';
  if (startsWith(head, ascii('BZh'), 0)) return 'bzip2';
  if (isTar(head)) return 'tar';
  return isDump(head) ? 'dump' : 'unknown';
}

/** Spec legacy-cfs.md, section 6: in the second generation, zeros follow the table's end, which is a whole number of inodes. */
function isSecondGeneration(head: Uint8Array): boolean {
  const inodes = ((u32(head, 8) ?? 0) + (u32(head, 12) ?? 0) * 2 ** 32 - 128) / 96;
  return u32(head, 0) === 1 && Number.isInteger(inodes) && inodes > 0 && head.subarray(16, 128).every((b) => b === 0);
}

/** By the magic of POSIX and GNU tar; a tar of the seventies has none, so its header checksum decides. */
function isTar(head: Uint8Array): boolean {
  if (head.length < 512) return false;
  if (startsWith(head, ascii('ustar'), 257)) return true;
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (head[at] ?? 0);
  const field = text(head.subarray(148, 156));
  return /^ *[0-7]{1,7}[\0 ]/.test(field) && Number.parseInt(field.trim(), 8) === sum && head[0] !== 0;
}

/** The first line of a dump is the root's: `/ SIZE MODE …`, at least 11 fields, of which the third says directory. */
function isDump(head: Uint8Array): boolean {
  if (head[0] !== 0x2f || head[1] !== 0x20) return false;
  const line = text(head).split('\n', 1)[0] ?? '';
  return /^\/ \d+ 0?4[0-7]{4} \d+ \d+ \d+ \d+ -?\d+\.\d+ [^ ]+ [^ ]+ [^ \r]+/.test(line);
}

function u32(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function startsWith(bytes: Uint8Array, prefix: ArrayLike<number>, at: number): boolean {
  for (let i = 0; i < prefix.length; i += 1) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

function ascii(letters: string): readonly number[] {
  return Array.from(letters, (letter) => letter.charCodeAt(0));
}

const text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
