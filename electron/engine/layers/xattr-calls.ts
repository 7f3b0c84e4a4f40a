import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** Extended attributes of files, which Node has no calls for: libc's, through koffi. Linux alone. */

type List = (path: Uint8Array, list: Uint8Array | null, size: number) => number;
type Get = (path: Uint8Array, name: Uint8Array, value: Uint8Array | null, size: number) => number;

interface Libc {
  readonly list: List;
  readonly get: Get;
  readonly errno: () => number;
}

let libc: Libc | undefined;

function load(): Libc {
  if (libc !== undefined) return libc;
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  libc = {
    list: library.func('int64_t llistxattr(void *path, void *list, size_t size)') as List,
    get: library.func('int64_t lgetxattr(void *path, void *name, void *value, size_t size)') as Get,
    errno: () => koffi.errno(),
  };
  return libc;
}

export interface FileXattr {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** An errno of a call on extended attributes. */
export class XattrError extends Error {
  override readonly name = 'XattrError';
  readonly code: string;

  constructor(errno: number) {
    const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
    super(`extended attributes cannot be read: ${code}`);
    this.code = code;
  }
}

/** A list or value is at most this long (Linux include/uapi/linux/limits.h, XATTR_LIST_MAX and XATTR_SIZE_MAX). */
const MAX = 65_536;
const buffer = Buffer.alloc(MAX);
/** The path of the call, with its NUL: longer ones than this the kernel does not take (PATH_MAX). */
const pathBuffer = Buffer.alloc(4097);
const NONE: readonly FileXattr[] = [];

const terminated = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.of(0)]);

/** As `terminated`, without a new buffer where it can be: this is asked of each file of a tree. */
function terminatedPath(path: Uint8Array): Uint8Array {
  if (path.length >= pathBuffer.length) return terminated(path);
  pathBuffer.set(path);
  pathBuffer[path.length] = 0;
  return pathBuffer;
}

/**
 * A file's extended attributes in name order, symlinks not followed. Those in `trusted.` only root sees; a file system
 * without any has none.
 *
 * @param path bytes, without a NUL
 * @throws XattrError
 */
export function readXattrs(path: Uint8Array): readonly FileXattr[] {
  const { list, get, errno } = load();
  const file = terminatedPath(path);
  const length = Number(list(file, buffer, MAX));
  if (length === 0) return NONE;
  if (length < 0) {
    const number = errno();
    if (number === constants.errno.EOPNOTSUPP || number === constants.errno.ENOTSUP) return NONE;
    throw new XattrError(number);
  }
  const names: Buffer[] = [];
  for (let from = 0; from < length;) {
    const to = buffer.indexOf(0, from);
    names.push(Buffer.from(buffer.subarray(from, to)));
    from = to + 1;
  }
  const found: FileXattr[] = [];
  for (const name of names.toSorted(Buffer.compare)) {
    const size = Number(get(file, terminated(name), buffer, MAX));
    if (size >= 0) found.push({ name, value: Uint8Array.from(buffer.subarray(0, size)) });
    else if (errno() !== constants.errno.ENODATA) throw new XattrError(errno()); // it went in between
  }
  return found;
}
