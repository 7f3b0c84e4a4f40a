/** A store or one of its objects that cannot be read: which file, and the errno by name. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** Name of an errno (`EACCES`, `ENOENT`, …); `ETIMEDOUT` where the file system does not answer. */
  readonly code: string;
  /** The file or folder on disk, for a person. */
  readonly path: string;

  constructor(code: string, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'not a folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ELOOP: 'symbolic link in its place',
  EISDIR: 'folder in its place',
  EINVAL: 'not a path that overlayfs accepts',
  EXDEV: 'path leaves the store',
  ENAMETOOLONG: 'name too long',
  EIO: 'input/output error',
  ESTALE: 'stale file handle',
  ENOTCONN: 'file system not connected',
  ETIMEDOUT: 'the file system does not answer',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  EFBIG: 'file too large for its file system',
  ENXIO: 'not a regular file',
};

/** What an errno means where objects are looked up: a few lower-case words, the bare name where it is a rare one. */
export const describeErrno = (errno: string): string => sentences[errno] ?? errno;

/** The errno name that Node put on an error; `EIO` where there is none. */
export function errnoOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : 'EIO';
}

/** Wraps what a file-system call threw, with the path it was about. */
export function storeError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = errnoOf(error);
  return new StoreError(code, path, `${path}: ${describeErrno(code)} (${code})`, error);
}
