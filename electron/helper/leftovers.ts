import { closeSync, readdirSync } from 'node:fs';
import type { Leftover } from '../../shared/contract/mount-values.ts';
import { isAlive, isThere, leftoversNow, readRecords, RUN } from '../kernel/mount-records.ts';
import type { MountRecord } from '../kernel/mount-records.ts';
import { removeRecord } from './journal.ts';
import { unmountLower } from './mount-overlay.ts';
import { openRunFolder, removeIfThere, userFolderPath } from './run-folder.ts';
import { openDirectoryAt, openNoLinks, O_PATH } from './syscalls.ts';
import { errnoOf } from './trace.ts';
import { unmountId } from './unmount-id.ts';

/** What helpers left that were killed: found by the journal, and only cleared when somebody says so. */

/** Records whose mount is there, and was made to its end. */
export const mountedRecords = (): readonly MountRecord[] =>
  readRecords().filter((record) => record.state === 'mounted' && isThere(record));

/**
 * What was left. What leaves nothing to be seen is cleared on the way: a helper that was killed before it did anything that
 * outlives it, a mount of ours that somebody else has taken away.
 */
export function findLeftovers(): readonly Leftover[] {
  const stale = readRecords().filter(
    (record) => (record.state === 'making' ? !isAlive(record) : true) && !isThere(record),
  );
  return [...leftoversNow(), ...stale.flatMap(clearQuietly)];
}

/** Clears what nobody sees; where that fails, somebody has to be asked. */
function clearQuietly(record: MountRecord): readonly Leftover[] {
  try {
    clear(record);
    return [];
  } catch (error) {
    const sentence = `What a killed helper left of the mount at ${record.mountpoint} cannot be removed: ${String(error)}.`;
    return [{ id: record.id, sentence, mountpoint: undefined }];
  }
}

/** The record of a leftover; undefined: there is none of that id. */
export const leftoverOf = (id: string): MountRecord | undefined =>
  readRecords().find((record) => record.id === id && record.state === 'making' && !isAlive(record));

/** Removes all that an record stands for: the mount, what was attached for a moment, the folder of ours; then the record. */
export function clear(record: MountRecord): void {
  if (record.mountId !== undefined && isThere(record)) unmountId(record.mountId, record.mountpoint, { lazy: false });
  if (record.lower !== undefined) clearLower(record.lower);
  removeOwnFolder(record);
  removeRecord(record.id);
}

function clearLower(name: string): void {
  const all = openRunFolder('lower');
  try {
    const own = openDirectoryAt(all, name);
    try {
      for (const layer of readdirSync(`${RUN}/lower/${name}`)) {
        unmountLower(own, layer);
        removeIfThere(own, layer);
      }
    } finally {
      closeSync(own);
    }
    removeIfThere(all, name);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error; // it was never made
  } finally {
    closeSync(all);
  }
}

/** The folder that was made as the mount point; it is empty, or stays. */
export function removeOwnFolder({ ownFolder, caller }: MountRecord): void {
  if (ownFolder === undefined) return;
  let folder: number;
  try {
    folder = openNoLinks(userFolderPath(caller), O_PATH);
  } catch {
    return; // it is gone with all in it
  }
  try {
    removeIfThere(folder, ownFolder);
  } finally {
    closeSync(folder);
  }
}
