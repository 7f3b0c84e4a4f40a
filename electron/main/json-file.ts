import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { randomUUID } from 'node:crypto';

/** What reading gave: the value, and where the file was put that could not be read. */
export interface Loaded<T> {
  readonly value: T;
  readonly damaged: { readonly keptAs: string; readonly why: string } | undefined;
}

/**
 * A small JSON file that survives a crash in the middle of a write, and that is never thrown away: what cannot be read
 * is kept beside as `.bad`.
 */
export class JsonFile<T> {
  readonly path: string;
  readonly #parse: (value: unknown) => T;
  readonly #initial: unknown;
  /** The last write that was asked for; each waits for the one before it. */
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param parse throws where the value is none of ours
   * @param initial what is parsed where there is no file, or a damaged one
   */
  constructor(file: string, parse: (value: unknown) => T, initial: unknown) {
    this.path = file;
    this.#parse = parse;
    this.#initial = initial;
  }

  /** @throws errno errors but ENOENT */
  async load(): Promise<Loaded<T>> {
    await this.#writing;
    let text: string;
    try {
      text = await fs.readFile(this.path, 'utf8');
    } catch (cause) {
      if (isMissing(cause)) return { value: this.#parse(this.#initial), damaged: undefined };
      throw cause;
    }
    try {
      return { value: this.#parse(JSON.parse(text)), damaged: undefined };
    } catch (cause) {
      const keptAs = `${this.path}.bad`;
      await fs.rename(this.path, keptAs);
      const why = cause instanceof Error ? cause.message : String(cause);
      return { value: this.#parse(this.#initial), damaged: { keptAs, why } };
    }
  }

  /** Either the old or the new value is in the file, whatever happens. @throws errno errors */
  save(value: T): Promise<void> {
    const write = this.#writing.then(() => replaceFile(this.path, `${JSON.stringify(value, undefined, 2)}\n`));
    this.#writing = write.catch(() => {}); // the next write is not to fail for this one, whose caller is told
    return write;
  }

  /** When all writes that were asked for are done, or have failed. */
  settled(): Promise<void> {
    return this.#writing;
  }
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

async function replaceFile(file: string, text: string): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await fs.open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(beside, file);
  } catch (cause) {
    await fs.rm(beside, { force: true });
    throw cause;
  }
}
