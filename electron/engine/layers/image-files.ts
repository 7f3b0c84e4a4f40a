import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { StoreError, storeError } from '../stores/store-error.ts';
import { decompress } from './decompress.ts';
import { tarEntries } from './tar-entries.ts';

/** The files of an image: in a folder, or in an archive, where they stay. */
export interface ImageFiles {
  /** Bytes; undefined where there is no such file. */
  size(name: string): Promise<number | undefined>;
  /** @param start where to begin @throws StoreError `ENOENT` where there is no such file */
  read(name: string, start?: number): AsyncIterable<Uint8Array>;
  /** Path of the file on the disk that a file is, or lies in. */
  pathOf(name: string): string;
}

const MAX_FILES = 100_000;
const CHUNK = 2 ** 20;

/** @throws StoreError where it cannot be read, `EBADMSG` where it is no tar */
export async function openImageFiles(
  path: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<ImageFiles> {
  const stats = await statOf(path);
  if (stats.isDirectory()) return new FolderFiles(path);
  if (!stats.isFile()) throw new StoreError('ENXIO', path, `${path} is neither a folder nor a regular file`);
  return indexArchive(path, maxBytes, signal);
}

/** Bytes of a regular file. @throws StoreError */
export async function* fileBytes(path: string, start = 0, length = Infinity): AsyncGenerator<Uint8Array, void, void> {
  if (length === 0) return;
  try {
    yield* createReadStream(path, { start, end: start + length - 1, highWaterMark: CHUNK });
  } catch (error) {
    throw storeError(error, path);
  }
}

async function statOf(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch (error) {
    throw storeError(error, path);
  }
}

const missing = (path: string, name: string): StoreError => new StoreError('ENOENT', path, `${path} has no ${name}`);

class FolderFiles implements ImageFiles {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async size(name: string): Promise<number | undefined> {
    try {
      const stats = await statOf(join(this.#path, name));
      return stats.isFile() ? Number(stats.size) : undefined; // a pipe would never end
    } catch (error) {
      if (error instanceof StoreError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async *read(name: string, start = 0): AsyncGenerator<Uint8Array, void, void> {
    if ((await this.size(name)) === undefined) throw missing(this.#path, name);
    yield* fileBytes(this.pathOf(name), start);
  }

  pathOf(name: string): string {
    return join(this.#path, name);
  }
}

interface Extent {
  readonly at: number;
  readonly length: number;
}

class ArchiveFiles implements ImageFiles {
  readonly #path: string;
  readonly #files: ReadonlyMap<string, Extent>;
  readonly #links: ReadonlyMap<string, string>;
  /** Whether it has to be unpacked up to a file for that to be read. */
  readonly #isCompressed: boolean;

  constructor(
    path: string,
    files: ReadonlyMap<string, Extent>,
    links: ReadonlyMap<string, string>,
    isCompressed: boolean,
  ) {
    this.#path = path;
    this.#files = files;
    this.#links = links;
    this.#isCompressed = isCompressed;
  }

  async size(name: string): Promise<number | undefined> {
    return this.#find(name)?.length;
  }

  pathOf(): string {
    return this.#path;
  }

  async *read(name: string, start = 0): AsyncGenerator<Uint8Array, void, void> {
    const extent = this.#find(name);
    if (extent === undefined) throw missing(this.#path, name);
    const at = extent.at + Math.min(start, extent.length);
    const length = extent.at + extent.length - at;
    if (!this.#isCompressed) {
      yield* fileBytes(this.#path, at, length);
      return;
    }
    let here = 0;
    for await (const chunk of decompress(fileBytes(this.#path))) {
      const from = Math.max(at - here, 0);
      const end = Math.min(at + length - here, chunk.length);
      if (from < end) yield chunk.subarray(from, end);
      here += chunk.length;
      if (here >= at + length) return;
    }
  }

  /** docker writes a layer once and links to it where an image has it again. */
  #find(name: string): Extent | undefined {
    const target = this.#links.get(name);
    return this.#files.get(target ?? name);
  }
}

async function indexArchive(path: string, maxBytes: number, signal: AbortSignal | undefined): Promise<ImageFiles> {
  const files = new Map<string, Extent>();
  const links = new Map<string, string>();
  let isCompressed = false;
  let unpacked = 0;
  const limited = async function* limited(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of decompress(fileBytes(path), () => (isCompressed = true))) {
      signal?.throwIfAborted();
      unpacked += chunk.length;
      if (unpacked > maxBytes) throw tooBig(path, `${maxBytes} bytes when unpacked`);
      yield chunk;
    }
  };
  try {
    for await (const { header, raw } of tarEntries(limited())) {
      const name = posix.normalize(raw.pax.get('path') ?? header.name);
      const { byteOffset: at, size: length, type } = header;
      if (type === 'file' || type === 'contiguous-file') {
        files.set(name, { at, length });
        links.delete(name);
      } else if (type === 'symlink' || type === 'link') {
        const target = raw.pax.get('linkpath') ?? header.linkname ?? '';
        links.set(name, posix.normalize(type === 'link' ? target : posix.join(posix.dirname(name), target)));
        files.delete(name);
      }
      if (files.size + links.size > MAX_FILES) throw tooBig(path, `${MAX_FILES} files`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('EBADMSG', path, `${path} is no archive that can be read: ${why}`, error);
  }
  return new ArchiveFiles(path, files, links, isCompressed);
}

const tooBig = (path: string, what: string): StoreError =>
  new StoreError(
    'EFBIG',
    path,
    `${path} has more than ${what}, which is the limit (--max-entries and --max-bytes raise it)`,
  );
