import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ContentSource } from './content.ts';
import type { JobContext } from './job-list.ts';
import { storeError } from './stores/store-error.ts';

/**
 * Writes content to a file: beside it first, so that what was there stays whole until all of the new is on the disk.
 *
 * @param path where to; a symlink there is replaced, not followed
 * @returns bytes written
 * @throws StoreError about `path` where it cannot be written, what the source throws, the signal's reason; nothing is
 *   left beside then
 */
export async function saveContent(
  source: ContentSource,
  path: string,
  { signal, progress }: JobContext,
): Promise<number> {
  const beside = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomUUID()}.tmp`);
  try {
    const bytes = await writeNew(source, beside, path, { signal, progress });
    await about(path, rename(beside, path));
    await syncFolder(dirname(path));
    return bytes;
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

/** Nobody knows the file beside: what goes wrong with it is told of the one that was to be written. */
const about = <T>(path: string, call: Promise<T>): Promise<T> =>
  call.catch((cause: unknown) => {
    throw storeError(cause, path);
  });

async function writeNew(
  source: ContentSource,
  beside: string,
  path: string,
  { signal, progress }: JobContext,
): Promise<number> {
  const file = await about(path, open(beside, 'wx'));
  try {
    let written = 0;
    for await (const bytes of source.all(signal)) {
      await about(path, file.writeFile(bytes)); // from where the file's position is: all of it, or an error
      written += bytes.length;
      progress(written, source.size);
    }
    await about(path, file.sync());
    return written;
  } finally {
    await file.close();
  }
}

/** Writes text as a file: beside, then in place. @throws StoreError */
export const writeText = (path: string, text: string): Promise<void> => writeBytes(path, Buffer.from(text));

/** Writes bytes as a file: beside, then in place. @throws StoreError */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const source: ContentSource = {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    all: async function* all() {
      yield bytes;
    },
  };
  await saveContent(source, path, { signal: new AbortController().signal, progress: () => {} });
}

/** Makes the new name survive a power cut; not every system can do that with a folder. */
export async function syncFolder(path: string | Buffer): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // the content itself is on the disk
  }
}
