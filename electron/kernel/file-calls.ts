import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** Calls on files that Node does not have, by koffi. Linux alone; elsewhere they say `ENOSYS`. */

const FICLONE = 0x4004_9409; // Linux include/uapi/linux/fs.h
const LOCK_EX = 2;
const LOCK_NB = 4;

interface Libc {
  readonly ioctl: (fd: number, request: number, argument: number) => number;
  readonly copyFileRange: (
    from: number,
    x: null,
    to: number,
    y: null,
    length: number,
    flags: number,
  ) => number | bigint;
  readonly syncfs: { async(fd: number, done: (error: Error | null, result: number) => void): void };
  readonly flock: (fd: number, operation: number) => number;
  readonly errno: () => number;
}

let libc: Libc | undefined;

function load(): Libc | undefined {
  if (libc !== undefined || process.platform !== 'linux') return libc;
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  return (libc = {
    ioctl: library.func('int ioctl(int fd, unsigned long request, long argument)') as Libc['ioctl'],
    copyFileRange: library.func(
      'int64_t copy_file_range(int from, void *fromAt, int to, void *toAt, size_t length, unsigned int flags)',
    ) as Libc['copyFileRange'],
    syncfs: library.func('int syncfs(int fd)') as unknown as Libc['syncfs'],
    flock: library.func('int flock(int fd, int operation)') as Libc['flock'],
    errno: () => koffi.errno(),
  });
}

/** Lets `to` share the blocks of `from`, all of them; both open. @returns false where the file system cannot */
export function cloneFile(from: number, to: number): boolean {
  const calls = load();
  return calls !== undefined && calls.ioctl(to, FICLONE, from) === 0;
}

/**
 * Copies from one open file to the other at where both are, within the kernel.
 *
 * @returns bytes, 0 at the end; undefined where the kernel cannot do that between these two
 */
export function copyRange(from: number, to: number, length: number): number | undefined {
  const calls = load();
  if (calls === undefined) return undefined;
  const count = Number(calls.copyFileRange(from, null, to, null, length, 0));
  return count < 0 ? undefined : count;
}

/** Writes all that is not on the disk yet of the file system that an open file is on. @returns false: cannot be done here */
export async function syncFileSystem(fd: number): Promise<boolean> {
  const calls = load();
  if (calls === undefined) return false;
  const result = await new Promise<number>((resolve, reject) => {
    calls.syncfs.async(fd, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
  return result === 0;
}

/** Takes a lock that ends with the process. @returns false: another process has it, or locks are not to be had */
export function lock(fd: number): boolean {
  const calls = load();
  return calls !== undefined && calls.flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/** Name of the errno of the last call that failed. */
export function lastErrno(): string {
  const number = load()?.errno() ?? constants.errno.ENOSYS;
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}
