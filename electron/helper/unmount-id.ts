import { basename, dirname } from 'node:path';
import { constants, closeSync } from 'node:fs';
import { Fault } from './fault.ts';
import { mountIdOf } from './mount-id.ts';
import { O_PATH, openNoLinks, unmountAt } from './syscalls.ts';

/**
 * Takes away one mount and no other: that of this number, at this path. The folder that it lies in is held open, and what
 * lies in it under the name is looked at before.
 *
 * @throws Fault where something else is mounted there; SyscallError EBUSY
 */
export function unmountId(mountId: number, mountpoint: string, { lazy }: { readonly lazy: boolean }): void {
  const folder = openNoLinks(dirname(mountpoint), O_PATH | constants.O_DIRECTORY);
  const before = process.cwd();
  try {
    const mounted = openNoLinks(basename(mountpoint), O_PATH | constants.O_DIRECTORY, folder);
    const found = mountIdOf(mounted);
    closeSync(mounted); // it would keep the mount busy
    if (found !== mountId) {
      throw new Fault('failed', 'another mount lies over it by now', { reason: 'not-mounted', path: mountpoint });
    }
    process.chdir(`/proc/self/fd/${folder}`);
    unmountAt(basename(mountpoint), { lazy });
  } finally {
    process.chdir(before);
    closeSync(folder);
  }
}
