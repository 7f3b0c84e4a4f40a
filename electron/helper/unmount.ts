import { constants, closeSync } from 'node:fs';
import type { HelperMode, HelperRequest } from '../../shared/contract/helper.ts';
import { recogniseMounts } from '../../shared/mount/recognise-mounts.ts';
import { mountsNow } from '../kernel/mounts-now.ts';
import type { Caller } from './caller.ts';
import { Fault, SyscallError } from './fault.ts';
import { removeRecord } from './journal.ts';
import { clear, leftoverOf, mountedRecords, removeOwnFolder } from './leftovers.ts';
import { mountIdOf } from './mount-id.ts';
import { O_PATH, openNoLinks } from './syscalls.ts';
import { unmountId } from './unmount-id.ts';

type What = Extract<HelperRequest, { verb: 'unmount' }>['what'];

/** Takes a mount away: one of ours, or one that is recognised as a composefs mount and the action allows. @throws Fault */
export function unmount(what: What, { caller, mode }: { readonly caller: Caller; readonly mode: HelperMode }): void {
  if ('leftover' in what) {
    const record = leftoverOf(what.leftover);
    if (record === undefined) throw new Fault('failed', 'there is no such leftover', { reason: 'not-mounted' });
    if (mode === 'verified' && record.caller !== caller.uid) throw notYours(record.mountpoint);
    withBusy(record.mountpoint, () => clear(record));
    return;
  }
  const { mountpoint, lazy } = what;
  const mountId = mountAt(caller, mountpoint);
  const record = mountedRecords().find((one) => one.mountId === mountId && one.mountpoint === mountpoint);
  if (record === undefined) {
    const isComposefs = recogniseMounts(mountsNow()).some(({ line }) => line.mountId === mountId);
    if (!isComposefs) {
      const message = 'it is no composefs mount, and Composcope did not make it';
      throw new Fault('not-allowed', message, { reason: 'not-composefs', path: mountpoint });
    }
  }
  if (mode === 'verified' && record?.caller !== caller.uid) throw notYours(mountpoint);
  withBusy(mountpoint, () => unmountId(mountId, mountpoint, { lazy }));
  if (record === undefined) return;
  removeOwnFolder(record);
  removeRecord(record.id);
}

const notYours = (path: string): Fault =>
  new Fault('not-allowed', 'Composcope did not mount it for you', { reason: 'not-permitted', path });

/** Number of the mount whose root lies at a path. @throws Fault */
function mountAt(caller: Caller, path: string): number {
  let fd: number;
  try {
    fd = caller.as(() => openNoLinks(path, O_PATH | constants.O_DIRECTORY));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw new Fault('failed', `${path} cannot be opened`, { reason: 'not-mounted', path, errno: error.errno });
  }
  try {
    const mountId = mountIdOf(fd);
    if (mountsNow().some((line) => line.mountId === mountId && line.mountpoint === path)) return mountId;
    throw new Fault('failed', 'nothing is mounted there', { reason: 'not-mounted', path });
  } finally {
    closeSync(fd);
  }
}

function withBusy(path: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const { errno } = error;
    if (errno === 'EBUSY') throw new Fault('failed', 'somebody uses it', { reason: 'busy', path, errno });
    throw new Fault('failed', `it cannot be unmounted: ${errno}`, { path, errno });
  }
}
