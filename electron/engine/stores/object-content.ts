import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { answerWithin } from './answer-within.ts';
import type { FoundObject } from './object-resolver.ts';
import { StoreError, storeError } from './store-error.ts';

/** A read on a live disk ends long before. */
const PATIENCE_MS = 10_000;
/** Bytes that one call of `readObjectRange` gives at most. */
export const MAX_RANGE = 16 << 20;
const CHUNK = 1 << 20;

/**
 * Opens an object for reading: a regular file, the very one that was found. Whatever took its place since (a symlink,
 * a FIFO that would block for ever, another file) is refused.
 *
 * @returns whoever calls closes it
 * @throws StoreError with the errno; `ESTALE` where it is another file by now
 */
export async function openObject(object: FoundObject): Promise<FileHandle> {
  const name = object.path.toString();
  let file: FileHandle;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = await open(object.path, flags);
  } catch (error) {
    throw storeError(error, name);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new StoreError('ENXIO', name, `${name} is not a regular file`);
    if (stats.dev !== object.dev || stats.ino !== object.ino) {
      throw new StoreError('ESTALE', name, `${name} was replaced while it was looked at`);
    }
    return file;
  } catch (error) {
    await file.close();
    throw storeError(error, name);
  }
}

/**
 * Reads a part of an object.
 * @param offset bytes; past the end nothing is left to read
 * @param length bytes, at most `MAX_RANGE`; fewer come where the object ends before
 * @returns `size` is that of the file now, which need not be the image's
 * @throws StoreError; `RangeError` for an offset or length that makes no sense
 */
export async function readObjectRange(
  object: FoundObject,
  offset: number,
  length: number,
): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  if (!(Number.isSafeInteger(offset) && offset >= 0)) throw new RangeError(`offset ${offset}`);
  if (!(Number.isSafeInteger(length) && length >= 0 && length <= MAX_RANGE)) throw new RangeError(`length ${length}`);
  return answerWithin(PATIENCE_MS, object.path.toString(), async () => {
    const file = await openObject(object);
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return { bytes: await fill(file, bytes, offset, object), size };
    } finally {
      await file.close();
    }
  });
}

/**
 * All bytes of an object, in order, a mebibyte at a time. Each chunk is the caller's to keep.
 * @throws StoreError; the signal's reason
 */
export async function* readObject(object: FoundObject, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  const file = await openObject(object);
  try {
    for (let offset = 0; ; offset += CHUNK) {
      signal?.throwIfAborted();
      const bytes = await answerWithin(PATIENCE_MS, object.path.toString(), () =>
        fill(file, new Uint8Array(CHUNK), offset, object),
      );
      if (bytes.length > 0) yield bytes;
      if (bytes.length < CHUNK) return;
    }
  } finally {
    await file.close();
  }
}

/** Reads until the buffer is full or the file ends. */
async function fill(file: FileHandle, bytes: Uint8Array, offset: number, object: FoundObject): Promise<Uint8Array> {
  let filled = 0;
  try {
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  } catch (error) {
    throw storeError(error, object.path.toString());
  }
  return bytes.subarray(0, filled);
}
