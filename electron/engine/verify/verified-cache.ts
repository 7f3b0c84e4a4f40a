import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../stores/store-error.ts';
import type { FileState, Measure } from './hash-task.ts';

/**
 * Objects that were found right, so that a second run need not read them: by inode, size, mtime and ctime, as `make` and
 * `git` do it. A file for each data root, in the user's cache folder; it may be thrown away at any time.
 */

/** First line of a file; another version's is not read. */
const MAGIC = 'composcope verified objects 1\n';
const EXTENSION = '.verified';
/**
 * A record: length of the redirect (u16), number of the measure (u8), length of the digest (u8); dev, ino, size, mtimeMs,
 * ctimeMs (f64); redirect; digest. All little-endian.
 */
const HEAD = 4 + 5 * 8;
/** A store with more keeps no record of the rest: 100 MB are no longer a small cache. */
const MAX_RECORDS = 1 << 20;
/** A file changed this shortly before it was read may change again without a new time: clocks of file systems are coarse. */
const RACY_MS = 2000;

const measures: readonly Measure[] = ['verity-sha256', 'verity-sha512', 'sha256', 'sha512'];

interface Known {
  readonly state: FileState;
  readonly measure: Measure;
  readonly digest: Uint8Array;
}

/** Where caches of this user's programs go (XDG base directory specification). */
export function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg.startsWith('/') ? xdg : join(homedir(), '.cache'), 'composcope', 'verified');
}

/** The records of one data root. */
export class VerifiedCache {
  readonly #path: string;
  readonly #known = new Map<string, Known>();
  #hasChanged = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param realRoot path of the data root, without symlinks
   * @throws errno errors other than the file's absence; what is in the file but makes no sense is left out
   */
  static async load(realRoot: string, folder: string = cacheFolder()): Promise<VerifiedCache> {
    const name = createHash('sha256').update(realRoot).digest('hex').slice(0, 32);
    const cache = new VerifiedCache(join(folder, name + EXTENSION));
    let bytes: Buffer;
    try {
      bytes = await readFile(cache.#path);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return cache;
      throw error;
    }
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return cache;
    for (let at = MAGIC.length; at + HEAD <= bytes.length;) {
      const redirectLength = bytes.readUInt16LE(at);
      const end = at + HEAD + redirectLength + (bytes[at + 3] ?? 0);
      const known = readRecord(bytes, at, redirectLength, end);
      if (known === undefined) break; // cut off: what follows is nothing
      cache.#known.set(bytes.toString('latin1', at + HEAD, at + HEAD + redirectLength), known);
      at = end;
    }
    return cache;
  }

  /**
   * The state in which an object was found to have this digest; undefined: none. Whether it still is, the caller sees.
   * @param redirect path below the data root, Latin-1
   */
  find(redirect: string, measure: Measure, digest: Uint8Array): FileState | undefined {
    const known = this.#known.get(redirect);
    return known?.measure === measure && Buffer.compare(known.digest, digest) === 0 ? known.state : undefined;
  }

  /** Notes that an object has a digest. */
  note(redirect: string, state: FileState, measure: Measure, digest: Uint8Array): void {
    if (Date.now() - Math.max(state.ctimeMs, state.mtimeMs) < RACY_MS) return;
    if (this.#known.size >= MAX_RECORDS && !this.#known.has(redirect)) return;
    this.#known.set(redirect, { state, measure, digest });
    this.#hasChanged = true;
  }

  /** Writes what was noted: beside, then in place. @throws errno errors */
  async save(): Promise<void> {
    if (!this.#hasChanged) return;
    const records: Buffer[] = [Buffer.from(MAGIC, 'latin1')];
    for (const [redirect, known] of this.#known) records.push(recordOf(redirect, known));
    const bytes = Buffer.concat(records);
    await mkdir(join(this.#path, '..'), { recursive: true, mode: 0o700 });
    const beside = `${this.#path}.${randomUUID()}`;
    try {
      const file = await open(beside, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, this.#path);
      this.#hasChanged = false;
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }
}

/** Throws away all records. @returns how many files there were @throws errno errors */
export async function clearVerifiedCache(folder: string = cacheFolder()): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const own = names.filter((name) => name.includes(EXTENSION));
  for (const name of own) await rm(join(folder, name), { force: true });
  return own.length;
}

function readRecord(bytes: Buffer, at: number, redirectLength: number, end: number): Known | undefined {
  const measure = measures[bytes[at + 2] ?? measures.length];
  if (measure === undefined || end > bytes.length) return undefined;
  const number = (index: number): number => bytes.readDoubleLE(at + 4 + index * 8);
  const state = { dev: number(0), ino: number(1), size: number(2), mtimeMs: number(3), ctimeMs: number(4) };
  return { state, measure, digest: new Uint8Array(bytes.subarray(at + HEAD + redirectLength, end)) };
}

function recordOf(redirect: string, { state, measure, digest }: Known): Buffer {
  const record = Buffer.alloc(HEAD + redirect.length + digest.length);
  record.writeUInt16LE(redirect.length, 0);
  record[2] = measures.indexOf(measure);
  record[3] = digest.length;
  const { dev, ino, size, mtimeMs, ctimeMs } = state;
  for (const [index, value] of [dev, ino, size, mtimeMs, ctimeMs].entries()) record.writeDoubleLE(value, 4 + index * 8);
  record.write(redirect, HEAD, 'latin1');
  record.set(digest, HEAD + redirect.length);
  return record;
}
