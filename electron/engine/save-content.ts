import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ContentSource } from './content.ts';
import type { JobContext } from './job-list.ts';

/**
 * Writes content to a file: beside it first, so that what was there stays whole until all of the new is on the disk.
 *
 * @param path where to; a symlink there is replaced, not followed
 * @returns bytes written
 * @throws errno errors, StoreError, the signal's reason; nothing is left beside then
 */
export async function saveContent(
  source: ContentSource,
  path: string,
  { signal, progress }: JobContext,
): Promise<number> {
  const beside = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomUUID()}.tmp`);
  try {
    const bytes = await writeNew(source, beside, { signal, progress });
    await rename(beside, path);
    await syncFolder(dirname(path));
    return bytes;
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

async function writeNew(source: ContentSource, path: string, { signal, progress }: JobContext): Promise<number> {
  const file = await open(path, 'wx');
  try {
    let written = 0;
    for await (const bytes of source.all(signal)) {
      await file.writeFile(bytes); // from where the file's position is: all of it, or an error
      written += bytes.length;
      progress(written, source.size);
    }
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

/** Writes text as a file: beside, then in place. @throws errno errors */
export const writeText = (path: string, text: string): Promise<void> => writeBytes(path, Buffer.from(text));

/** Writes bytes as a file: beside, then in place. @throws errno errors */
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
