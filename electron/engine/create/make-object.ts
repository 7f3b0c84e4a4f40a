import { closeSync, constants, openSync, readSync } from 'node:fs';
import { displayBytes } from '../../../shared/tree/text.ts';
import { errnoOf, describeErrno, StoreError } from '../stores/store-error.ts';
import { CHUNK, digesterOf, newChunk, Stopped, type Beat } from '../verify/hash-file.ts';
import { cloneFile, copyRange } from '../../kernel/file-calls.ts';
import { isRegular, mtimeMsOf, statOpen, type FileStat } from '../../kernel/stat-calls.ts';
import { ObjectPlacer, type Placed } from './object-placer.ts';
import type { StoreOutcome, StoreSettings, StoreTask } from './store-task.ts';

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Copied at once: a cancel is felt, and progress shown, this often. */
const COPY = 16 << 20;

/** It is not the file that was listed. */
class Changed extends Error {
  override readonly name = 'Changed';
}

/** Makes objects of files, each with its own calls from open(2) to close(2): for a thread that may wait. */
export class ObjectMaker {
  readonly #settings: StoreSettings;
  readonly #beat: Beat;
  readonly #placer: ObjectPlacer;
  readonly #chunk = newChunk();
  /** Made once: its buffers cost as much as hashing a block does. */
  readonly #digester = digesterOf('verity-sha256');

  constructor(settings: StoreSettings, beat: Beat) {
    this.#settings = settings;
    this.#beat = beat;
    this.#placer = new ObjectPlacer(settings, beat);
  }

  /** @throws Stopped */
  make(task: StoreTask): StoreOutcome {
    this.#beat(0);
    try {
      const fd = openSync(Buffer.from(task.path, 'latin1'), FLAGS);
      try {
        return this.#read(fd, task);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      if (error instanceof Stopped) throw error;
      if (error instanceof Changed) return { kind: 'changed' };
      const code = errnoOf(error);
      if (code === 'ENOENT' || code === 'ELOOP') return { kind: 'changed' }; // it was there when it was listed
      // only what is done to the store throws those
      if (error instanceof StoreError) return { kind: 'store-failed', code, path: error.path, message: error.message };
      return { kind: 'failed', code, message: `${describeErrno(code)} (${code})` };
    }
  }

  #read(fd: number, task: StoreTask): StoreOutcome {
    check(statOpen(fd), task);
    const { size } = task;
    this.#digester.reset();
    let count = 0;
    for (let at = 0; at < size; at += count) {
      count = this.#fill(fd, at, Math.min(CHUNK, size - at));
      if (size > this.#settings.inlineUpTo) this.#digester.update(this.#chunk, count);
      this.#beat(count);
    }
    if (size <= this.#settings.inlineUpTo) {
      check(statOpen(fd), task);
      return { kind: 'inline', bytes: this.#latin1(size) };
    }
    const digest = Buffer.from(this.#digester.digest());
    if (task.expected !== undefined && digest.toString('latin1') !== task.expected) {
      const expected = Buffer.from(task.expected, 'latin1').toString('hex');
      return { kind: 'failed', code: 'EBADMSG', message: `has the digest ${digest.toString('hex')}, not ${expected}` };
    }
    const hex = digest.toString('hex');
    const placed = this.#settings.store === undefined ? undefined : this.#place(fd, hex, size);
    try {
      check(statOpen(fd), task); // what was read twice was the same both times
    } catch (error) {
      if (placed?.placement === 'written') this.#placer.drop(hex);
      throw error;
    }
    const { placement, sealed = false, replaces } = placed ?? {};
    return { kind: 'object', digest: digest.toString('latin1'), placement, sealed, replaces };
  }

  #place(fd: number, hex: string, size: number): Placed {
    return this.#placer.place(hex, size, (to) => {
      if (size <= CHUNK)
        this.#placer.write(to, this.#chunk.bytes, size); // the very bytes that were hashed
      else if (!cloneFile(fd, to)) this.#copy(fd, to, size);
    });
  }

  /** Within the kernel where that can be. The position of `from` is 0 still: all reads said where. */
  #copy(from: number, to: number, size: number): void {
    let at = 0;
    while (at < size) {
      const count = copyRange(from, to, Math.min(COPY, size - at));
      if (count === undefined) break;
      if (count === 0) throw new Changed('it is shorter by now');
      at += count;
      this.#beat(0);
    }
    while (at < size) {
      const count = this.#fill(from, at, Math.min(CHUNK, size - at));
      this.#placer.write(to, this.#chunk.bytes, count);
      at += count;
      this.#beat(0);
    }
  }

  #latin1(length: number): string {
    return Buffer.from(this.#chunk.bytes.buffer, 0, length).toString('latin1');
  }

  /** Fills the buffer from an offset on: a short read need not be the end. @throws Changed at the end */
  #fill(fd: number, offset: number, length: number): number {
    let filled = 0;
    while (filled < length) {
      const count = readSync(fd, this.#chunk.bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new Changed('it is shorter by now');
      filled += count;
    }
    return filled;
  }
}

/** @throws Changed where it is not as it was when it was listed */
function check(stat: FileStat, { ino, size, mtimeMs }: StoreTask): void {
  if (isRegular(stat) && stat.ino === ino && stat.size === size && mtimeMsOf(stat) === mtimeMs) return;
  throw new Changed('it is another file by now');
}

/** A path that tasks have, for a person. */
export const pathText = (path: string): string => displayBytes(Buffer.from(path, 'latin1'));
