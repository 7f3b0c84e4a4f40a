import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../save-content.ts';
import { storeError } from '../stores/store-error.ts';

interface Staged {
  readonly beside: string;
  readonly path: string;
}

/** Files that appear together: all are on the disk beside their places before the first gets its name. */
export class StagedFiles {
  readonly #files: Staged[] = [];

  /** Writes a file beside its place. @throws StoreError */
  async add(path: string, bytes: Uint8Array): Promise<void> {
    const beside = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomUUID()}.tmp`);
    this.#files.push({ beside, path });
    try {
      const file = await open(beside, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw storeError(error, path);
    }
  }

  /** Gives all their names, in the order in which they were added. @throws StoreError */
  async place(): Promise<void> {
    for (const { beside, path } of this.#files) {
      try {
        await rename(beside, path);
      } catch (error) {
        throw storeError(error, path);
      }
    }
    for (const folder of new Set(this.#files.map(({ path }) => dirname(path)))) await syncFolder(folder);
  }

  /** Removes what got no name. */
  async drop(): Promise<void> {
    for (const { beside } of this.#files) await rm(beside, { force: true });
  }
}
