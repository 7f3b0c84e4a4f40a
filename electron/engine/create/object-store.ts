import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { mkdir, open, readdir, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { moveIntoPlace } from '../repair/place-object.ts';
import { syncFolder } from '../save-content.ts';
import { slices } from '../slices.ts';
import { errnoOf, StoreError, storeError } from '../stores/store-error.ts';
import { lock, syncFileSystem } from '../../kernel/file-calls.ts';

/** What takes objects out of a run's folder only once they are on the disk; many at once, since a disk syncs slowly. */
const ROUND_BYTES = 256 << 20;
const ROUND_FILES = 20_000;
const PREFIX = '.composcope-';
const runName = /^\.composcope-[0-9a-f-]{36}\.tmp$/;

/** A wrong object that was replaced. */
export interface Replaced {
  readonly path: string;
  /** A clause: `has 5 bytes, and not 7`. */
  readonly why: string;
  readonly keptAs: string | undefined;
}

/** Of a wrong object that was replaced: a sentence. */
export const replacedText = ({ path, why, keptAs }: Replaced): string =>
  `${path} ${why}${keptAs === undefined ? '' : `; it is kept as ${keptAs}`}.`;

interface Written {
  readonly hex: string;
  readonly replaces: string | undefined;
}

/**
 * A store that a run writes to. New objects are written into a folder of the run in it, under their digests; `commit` sees
 * that all of them are on the disk, and then gives them their names. So at any moment each named object is whole, and
 * what a run that was killed left behind is its folder, which the next one clears.
 */
export class ObjectStore {
  readonly path: string;
  /** The run's folder. */
  readonly beside: string;
  readonly replaced: Replaced[] = [];
  readonly #root: FileHandle;
  readonly #lock: number;
  readonly #folders = new Set<string>();
  #waiting: Written[] = [];
  #waitingBytes = 0;
  #hasNames = false;
  #isFinished = false;
  /** The first folder that was made for the store; undefined: it was there. */
  readonly #made: string | undefined;

  private constructor(path: string, beside: string, root: FileHandle, lockFd: number, made: string | undefined) {
    this.path = path;
    this.beside = beside;
    this.#root = root;
    this.#lock = lockFd;
    this.#made = made;
  }

  /** Makes the store where there is none, clears what dead runs left. @throws StoreError */
  static async open(path: string): Promise<ObjectStore> {
    try {
      const made = await mkdir(path, { recursive: true });
      const root = await open(path, 'r');
      try {
        if (!(await root.stat()).isDirectory()) throw new StoreError('ENOTDIR', path, `${path} is no folder`);
        await clearLeftovers(path);
        const beside = join(path, `${PREFIX}${randomUUID()}.tmp`);
        mkdirSync(beside, { mode: 0o700 });
        const fd = openSync(beside, 'r');
        lock(fd);
        return new ObjectStore(path, beside, root, fd, made);
      } catch (error) {
        await root.close();
        throw error;
      }
    } catch (error) {
      // mkdir(2) of what is there, and is no folder
      if (errnoOf(error) === 'EEXIST') throw new StoreError('ENOTDIR', path, `${path} is no folder`, error);
      throw storeError(error, path);
    }
  }

  /** Notes an object that was written beside. @returns whether it is time to `commit` */
  note(hex: string, size: number, replaces?: string): boolean {
    this.#waiting.push({ hex, replaces });
    this.#waitingBytes += size;
    return this.#waitingBytes >= ROUND_BYTES || this.#waiting.length >= ROUND_FILES;
  }

  /** Puts what was noted so far on the disk, then in place. @throws StoreError */
  async commit(): Promise<void> {
    const round = this.#waiting;
    if (round.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      if (!(await syncFileSystem(this.#root.fd))) await this.#syncEach(round);
      const breathe = slices();
      for (const written of round) {
        await this.#name(written);
        await breathe();
      }
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  /** Commits the rest, and sees that the names are on the disk. @throws StoreError */
  async finish(): Promise<void> {
    await this.commit();
    if (this.#hasNames && !(await syncFileSystem(this.#root.fd))) {
      for (const folder of this.#folders) await syncFolder(join(this.path, folder));
      await syncFolder(this.path);
    }
    this.#isFinished = true;
  }

  /** Leaves the store; what was not committed goes, and a store that was made for a run that failed, where it is empty. */
  async close(): Promise<void> {
    await rm(this.beside, { recursive: true, force: true });
    closeSync(this.#lock);
    await this.#root.close();
    if (this.#made !== undefined && !this.#isFinished) await removeEmpty(this.path, this.#made);
  }

  async #name({ hex, replaces }: Written): Promise<void> {
    const folder = hex.slice(0, 2);
    if (!this.#folders.has(folder)) {
      await mkdir(join(this.path, folder), { recursive: true, mode: 0o755 });
      this.#folders.add(folder);
    }
    this.#hasNames = true;
    const from = join(this.beside, hex);
    const to = join(this.path, folder, hex.slice(2));
    if (replaces === undefined) renameSync(from, to);
    else {
      const keptAs = await moveIntoPlace(Buffer.from(from), Buffer.from(to), true);
      this.replaced.push({ path: to, why: replaces, keptAs });
    }
  }

  async #syncEach(round: readonly Written[]): Promise<void> {
    const breathe = slices();
    for (const { hex } of round) {
      const fd = openSync(join(this.beside, hex), 'r');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      await breathe();
    }
  }
}

/** Removes a folder and those that it lies in, up to `top`, as far as nothing is in them. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      // somebody has put something there, or taken it away
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error))) return;
      throw storeError(error, path);
    }
    if (path === resolve(top)) return;
  }
}

/** Removes the folders of runs that are over: their lock is gone with their process. */
async function clearLeftovers(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    const folder = join(path, name);
    if (!runName.test(name) || !(await stat(folder)).isDirectory()) continue;
    const fd = openSync(folder, 'r');
    try {
      if (lock(fd)) await rm(folder, { recursive: true, force: true });
    } finally {
      closeSync(fd);
    }
  }
}
