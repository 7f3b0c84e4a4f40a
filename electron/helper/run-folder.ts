import { closeSync, constants, fchmodSync, fchownSync, fstatSync, mkdirSync } from 'node:fs';
import { RUN } from '../kernel/mount-records.ts';
import { Fault } from './fault.ts';
import { makeDirectoryAt, openDirectoryAt, openNoLinks, removeDirectoryAt } from './syscalls.ts';
import { errnoOf } from './trace.ts';

/** A folder below RUN, made where it is missing. @returns its descriptor, to be closed. @throws Fault where it is not ours */
export function openRunFolder(name: 'journal' | 'lower' | 'mnt'): number {
  const run = makeRun();
  try {
    return ownFolder(run, name, 0o755);
  } finally {
    closeSync(run);
  }
}

/** A user's folder of mount points below RUN: nobody else enters it. @returns its descriptor, to be closed */
export function openUserFolder(uid: number, gid: number): number {
  const all = openRunFolder('mnt');
  try {
    const folder = ownFolder(all, String(uid), 0o700, uid);
    fchownSync(folder, uid, gid);
    fchmodSync(folder, 0o700);
    return folder;
  } finally {
    closeSync(all);
  }
}

export const userFolderPath = (uid: number): string => `${RUN}/mnt/${uid}`;

function makeRun(): number {
  mkdirSync(RUN, { recursive: true, mode: 0o755 });
  const fd = openNoLinks(RUN, constants.O_RDONLY | constants.O_DIRECTORY);
  return checkOwner(fd, RUN, 0);
}

function ownFolder(at: number, name: string, mode: number, owner = 0): number {
  try {
    makeDirectoryAt(at, name, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  return checkOwner(openDirectoryAt(at, name), name, owner);
}

function checkOwner(fd: number, name: string, owner: number): number {
  const { uid } = fstatSync(fd);
  if (uid === 0 || uid === owner) return fd;
  closeSync(fd);
  throw new Fault('failed', `${name} belongs to user ${uid}: somebody else has made it`, { path: name });
}

/** Removes an empty directory, which may be gone. */
export function removeIfThere(at: number, name: string): void {
  try {
    removeDirectoryAt(at, name);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
