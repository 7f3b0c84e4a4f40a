import { objectName, TWO_DIGITS } from '../../../shared/store/recognise.ts';
import { join } from 'node:path';
import { listIfThere } from './folder-listing.ts';

/** Entries of one two-digit folder; a store with more in each has 256 million objects. */
const MAX_IN_FOLDER = 1 << 20;

/**
 * Counts what lies in a store's two-digit folders under an object's name: ostree's metadata is not counted. A folder
 * that cannot be listed counts as empty.
 *
 * @throws StoreError where the data root itself cannot be listed; the signal's reason
 */
export async function countObjects(dataRoot: string, signal?: AbortSignal): Promise<number> {
  let count = 0;
  for (const [folder, kind] of (await listIfThere(dataRoot)).entries) {
    if (kind !== 'directory' || !TWO_DIGITS.test(folder)) continue;
    signal?.throwIfAborted();
    const { entries } = await listIfThere(join(dataRoot, folder), MAX_IN_FOLDER).catch(() => ({
      entries: new Map<string, string>(),
    }));
    for (const [name, entryKind] of entries) {
      const object = objectName(name);
      if (entryKind === 'file' && object !== undefined && object !== 'ostree-metadata') count += 1;
    }
  }
  return count;
}
