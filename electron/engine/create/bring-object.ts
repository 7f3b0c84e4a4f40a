import { lstat } from 'node:fs/promises';
import type { ImageObject } from '../publish/image-objects.ts';
import { errnoOf } from '../stores/store-error.ts';
import type { ObjectRun } from './object-run.ts';

/**
 * Has the run copy an object from the first store that has something under its name.
 *
 * @param from data roots
 * @returns whether one has: what it is, the run sees when it reads it
 */
export async function bring(object: ImageObject, from: readonly string[], run: ObjectRun): Promise<boolean> {
  for (const root of from) {
    const path = `${Buffer.from(root).toString('latin1')}/${object.redirect}`;
    try {
      const { ino, size, mtimeMs } = await lstat(Buffer.from(path, 'latin1'));
      const expected = Buffer.from(object.digest, 'hex').toString('latin1');
      run.add({ path, ino, size, mtimeMs, expected }, () => {});
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  return false;
}
