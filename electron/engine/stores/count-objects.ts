import { join } from 'node:path';
import { objectName, TWO_DIGITS } from '../../../shared/store/recognise.ts';
import { answerWithin, untilAborted } from './answer-within.ts';
import { listIfThere, type Listed } from './folder-listing.ts';
import { errnoOf } from './store-error.ts';

/** Entries of one two-digit folder; a store with more in each has 256 million objects. */
const MAX_IN_FOLDER = 1 << 20;
/** For one folder. */
const PATIENCE_MS = 30_000;

/**
 * Counts what lies in a store's two-digit folders under an object's name: ostree's metadata is not counted. A folder
 * that may not be listed counts as empty.
 *
 * @throws StoreError where the data root itself cannot be listed, `ETIMEDOUT`; the signal's reason
 */
export async function countObjects(dataRoot: string, signal?: AbortSignal): Promise<number> {
  let count = 0;
  for (const [folder, kind] of (await list(dataRoot, signal)).entries) {
    if (kind !== 'directory' || !TWO_DIGITS.test(folder)) continue;
    for (const [name, entryKind] of (await listOrSkip(join(dataRoot, folder), signal)).entries) {
      const object = objectName(name);
      if (entryKind === 'file' && object !== undefined && object !== 'ostree-metadata') count += 1;
    }
  }
  return count;
}

const list = (path: string, signal: AbortSignal | undefined): Promise<Listed> =>
  untilAborted(
    answerWithin(PATIENCE_MS, path, () => listIfThere(path, MAX_IN_FOLDER)),
    signal,
  );

async function listOrSkip(path: string, signal: AbortSignal | undefined): Promise<Listed> {
  try {
    return await list(path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (errnoOf(error) === 'ETIMEDOUT') throw error; // the next folder would not answer either
    return { entries: new Map(), more: false };
  }
}
