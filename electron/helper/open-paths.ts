import { closeSync, constants, fstatSync, readdirSync } from 'node:fs';
import type { Caller } from './caller.ts';
import { Fault, SyscallError } from './fault.ts';
import { O_PATH, openNoLinks } from './syscalls.ts';
import type { Trace } from './trace.ts';

/**
 * Each path of a request is opened once, with the caller's rights and without following a link. From then on its
 * descriptor is used: what was looked at is what is mounted, whatever happens to the names meanwhile.
 */

/** A path that is open until the trace ends. @throws Fault */
function open(trace: Trace, caller: Caller, path: string, what: string, flags: number): number {
  const fd = trace.must('openat2', `${what} ${path}`, () => {
    try {
      return caller.as(() => openNoLinks(path, flags));
    } catch (error) {
      throw explained(error, path, what);
    }
  });
  trace.onEnd(() => closeSync(fd));
  return fd;
}

function explained(error: unknown, path: string, what: string): unknown {
  if (!(error instanceof SyscallError)) return error;
  const { errno } = error;
  const at = { path, errno };
  if (errno === 'ELOOP')
    return new Fault('failed', `${what}: a part of the path is a symlink`, { ...at, reason: 'symlink' });
  if (errno === 'ENOENT') return new Fault('failed', `${what}: there is nothing`, { ...at, reason: 'missing-path' });
  if (errno === 'ENOTDIR') return new Fault('failed', `${what}: it is no folder`, { ...at, reason: 'not-a-directory' });
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new Fault('failed', `${what}: permission denied`, { ...at, reason: 'not-permitted' });
  }
  return new Fault('failed', `${what}: ${errno}`, at);
}

/** An image: a regular file, for reading. */
export function openImage(trace: Trace, caller: Caller, path: string): number {
  const fd = open(trace, caller, path, 'image', constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  throw new Fault('failed', 'image: it is no regular file', { reason: 'not-a-file', path });
}

export const openDirectory = (trace: Trace, caller: Caller, path: string, what: string): number =>
  open(trace, caller, path, what, constants.O_RDONLY | constants.O_DIRECTORY);

/**
 * A directory that is to be mounted on: the caller's own, and empty, so that nothing of anybody else's is hidden.
 *
 * @returns descriptor of O_PATH
 */
export function openMountpoint(trace: Trace, caller: Caller, path: string): number {
  const listed = openDirectory(trace, caller, path, 'mount point');
  const stats = fstatSync(listed);
  if (caller.uid !== 0 && stats.uid !== caller.uid) {
    throw new Fault('not-allowed', `the mount point belongs to user ${stats.uid}, not to you (${caller.uid})`, {
      reason: 'mountpoint-not-yours',
      path,
    });
  }
  if (readdirSync(`/proc/self/fd/${listed}`).length > 0) {
    throw new Fault('failed', 'the mount point is not empty', { reason: 'mountpoint-not-empty', path });
  }
  const fd = openNoLinks('.', O_PATH | constants.O_DIRECTORY, listed);
  trace.onEnd(() => closeSync(fd));
  return fd;
}
