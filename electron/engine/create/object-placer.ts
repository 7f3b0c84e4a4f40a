import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { CHUNK, digesterOf, newChunk, Stopped, type Beat, type Chunk, type Digester } from '../verify/hash-file.ts';
import { isRegular, statPath } from '../../kernel/stat-calls.ts';
import { isNotSealed, enableVerity, measureVerity } from '../../kernel/verity-ioctl.ts';
import { errnoOf, StoreError, storeError } from '../stores/store-error.ts';
import type { Placement, StoreSettings } from './store-task.ts';

/** An object is for all to read, and for nobody to write: as the reference makes them. */
const OBJECT_MODE = 0o644;
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

export interface Placed {
  readonly placement: Placement;
  readonly sealed: boolean;
  readonly replaces?: string | undefined;
}

/** What is at an object's place. */
export interface Look {
  readonly isRight: boolean;
  readonly sealed: boolean;
  /** What is wrong with it; undefined: nothing, or nothing is there. */
  readonly wrong: string | undefined;
}

const wrong = (why: string): Look => ({ isRight: false, sealed: false, wrong: why });

/**
 * Puts objects beside a store, under their names, and sees which are in it already. That nothing is written twice by all
 * threads together, the kernel sees to: the name in the folder of the run is the digest.
 */
export class ObjectPlacer {
  readonly #settings: StoreSettings;
  readonly #beat: Beat;
  /** Devices whose file system has no fs-verity: not asked again. */
  #withoutVerity = false;
  #chunk: Chunk | undefined;
  #digester: Digester | undefined;

  constructor(settings: StoreSettings, beat: Beat) {
    this.#settings = settings;
    this.#beat = beat;
  }

  /**
   * @param hex the object's digest
   * @param size bytes
   * @param write fills the new file; it may throw
   * @throws StoreError about the store, and what `write` throws; what was begun is gone then
   */
  place(hex: string, size: number, write: (fd: number) => void): Placed {
    const { beside } = this.#settings;
    const there = this.look(hex, size);
    if (there.isRight) return { placement: 'there', sealed: there.sealed };
    const path = Buffer.from(`${beside}/${hex}`, 'latin1');
    let fd: number;
    try {
      fd = openSync(path, 'wx', OBJECT_MODE);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return { placement: 'twice', sealed: false };
      throw this.#fault(error);
    }
    try {
      try {
        this.#inStore(() => fchmodSync(fd, OBJECT_MODE)); // whatever the umask says
        write(fd);
      } finally {
        closeSync(fd); // fs-verity wants nobody to be able to write
      }
      return { placement: 'written', sealed: this.#seal(path, hex), replaces: there.wrong };
    } catch (error) {
      unlinkSync(path);
      throw error;
    }
  }

  /**
   * Takes a file of the run's folder as an object, or removes it where there is such a one.
   *
   * @param name in the run's folder
   * @throws StoreError
   */
  adopt(name: string, hex: string, size: number): Placed {
    const { beside } = this.#settings;
    const there = this.look(hex, size);
    const from = Buffer.from(`${beside}/${name}`, 'latin1');
    const to = Buffer.from(`${beside}/${hex}`, 'latin1');
    if (there.isRight || lstatSync(to, { throwIfNoEntry: false }) !== undefined) {
      unlinkSync(from);
      return { placement: there.isRight ? 'there' : 'twice', sealed: there.sealed };
    }
    this.#inStore(() => renameSync(from, to));
    return { placement: 'written', sealed: this.#seal(to, hex), replaces: there.wrong };
  }

  /** Begins a file for `adopt`. @param name in the run's folder @returns it, open @throws StoreError */
  create(name: string): number {
    return this.#inStore(() => openSync(Buffer.from(`${this.#settings.beside}/${name}`, 'latin1'), 'wx', OBJECT_MODE));
  }

  /** Writes to a new object. @throws StoreError */
  write(fd: number, bytes: Uint8Array, length: number): void {
    this.#inStore(() => {
      for (let at = 0; at < length;) at += writeSync(fd, bytes, at, length - at);
    });
  }

  /** Takes back what `place` wrote. */
  drop(hex: string): void {
    unlinkSync(Buffer.from(`${this.#settings.beside}/${hex}`, 'latin1'));
  }

  /** What the store has under an object's name. @throws StoreError */
  look(hex: string, size: number): Look {
    const path = `${this.#settings.store ?? ''}/${hex.slice(0, 2)}/${hex.slice(2)}`;
    return this.#inStore(() => this.#look(path, hex, size), path);
  }

  #look(path: string, hex: string, size: number): Look {
    const stat = statPath(path);
    if (stat === undefined) return { isRight: false, sealed: false, wrong: undefined };
    if (!isRegular(stat)) return wrong('is no regular file');
    if (stat.size !== size) return wrong(`has ${stat.size} bytes, and not ${size}`);
    const { seal, checkContent } = this.#settings;
    if (!seal && !checkContent) return { isRight: true, sealed: false, wrong: undefined };
    const fd = openSync(Buffer.from(path, 'latin1'), READ);
    try {
      const sealed = seal ? this.#measure(fd) : undefined;
      if (sealed !== undefined && sealed !== hex) return wrong(`is sealed with the digest ${sealed}`);
      if (sealed === undefined && checkContent) {
        const digest = this.digestOf(fd, size);
        if (digest !== hex) return wrong(`has the digest ${digest}`);
      }
      return { isRight: true, sealed: sealed !== undefined, wrong: undefined };
    } finally {
      closeSync(fd);
    }
  }

  /** The digest of the first `size` bytes of an open file, as hex. */
  digestOf(fd: number, size: number): string {
    const chunk = (this.#chunk ??= newChunk());
    const digester = (this.#digester ??= digesterOf('verity-sha256'));
    digester.reset();
    for (let at = 0; at < size;) {
      const count = readSync(fd, chunk.bytes, 0, Math.min(CHUNK, size - at), at);
      if (count === 0) break;
      digester.update(chunk, count);
      at += count;
      this.#beat(count);
    }
    return Buffer.from(digester.digest()).toString('hex');
  }

  /** Has what goes wrong with the store say so: it is not the fault of the file that was read. */
  #inStore<T>(work: () => T, path = this.#settings.store): T {
    try {
      return work();
    } catch (error) {
      throw this.#fault(error, path);
    }
  }

  /** @param path Latin-1 */
  #fault(error: unknown, path = this.#settings.store): unknown {
    if (error instanceof Stopped) return error;
    return storeError(error, Buffer.from(path ?? '', 'latin1').toString());
  }

  #measure(fd: number): string | undefined {
    if (this.#withoutVerity) return undefined;
    const measured = measureVerity(fd);
    if ('errno' in measured) {
      if (!isNotSealed(measured.errno)) throw new StoreError(measured.errno, '', 'its seal cannot be measured');
      if (measured.errno !== 'ENODATA') this.#withoutVerity = true;
      return undefined;
    }
    return Buffer.from(measured.digest).toString('hex');
  }

  /** Enables fs-verity where the file system has it, and holds the kernel's digest against ours. */
  #seal(path: Buffer, hex: string): boolean {
    if (!this.#settings.seal || this.#withoutVerity) return false;
    const fd = openSync(path, READ);
    try {
      const errno = enableVerity(fd, 'sha256');
      if (errno === 'EOPNOTSUPP' || errno === 'ENOTTY') {
        this.#withoutVerity = true;
        return false;
      }
      const name = path.toString();
      if (errno !== undefined) throw new StoreError(errno, name, `fs-verity cannot be enabled on ${name} (${errno})`);
      const measured = this.#measure(fd);
      if (measured !== hex) {
        throw new StoreError('EIO', name, `the kernel measured ${measured ?? 'nothing'} of ${name}, and not ${hex}`);
      }
      return true;
    } finally {
      closeSync(fd);
    }
  }
}
