import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CallError } from '../../shared/contract/wire-error.ts';
import { MAX_IMAGE_BYTES } from '../../shared/composefs/open-image.ts';
import type { JobContext } from './job-list.ts';

/**
 * Parts of the file that are read at once: copying, and getting the memory to copy to, keeps a core busy. 284 MB in the
 * page cache, 2 cores: 240 ms one after the other in parts of 16 MiB, 155 ms so.
 */
const READERS = 4;
/** A cancel is felt, and progress shown, this often. */
const CHUNK = 4 << 20;

/** What tells one state of a file from another: a file with the same is not read again. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

export const isSameFile = (a: FileIdentity, b: FileIdentity): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;

/**
 * Reads a whole image file into memory. Symlinks are followed, as the user meant what they lead to; a device or a FIFO,
 * on which open(2) or read(2) might wait for ever, is refused.
 *
 * @throws CallError `not-a-file`, `limit` (4 GiB and more, or more than memory); errno errors; the signal's reason
 */
export async function readImageFile(
  path: string,
  { signal, progress }: JobContext,
): Promise<{ readonly bytes: Uint8Array; readonly identity: FileIdentity }> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new CallError('not-a-file', 'It is not a regular file.', { file: path });
    const { dev, ino, size, mtimeMs } = stats;
    if (size > MAX_IMAGE_BYTES) {
      const message = `An image has at most ${MAX_IMAGE_BYTES} bytes, this file has ${size}.`;
      throw new CallError('limit', message, { file: path });
    }
    const bytes = await fill(file, allocate(size, path), signal, (done) => progress(done, size));
    return { bytes, identity: { dev, ino, size, mtimeMs } };
  } finally {
    await file.close();
  }
}

/** What is used of WebAssembly: TypeScript declares it together with the DOM alone. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
};
/** A page of WebAssembly memory (core specification, 4.2.8), and how many of them a memory has at most. */
const WASM_PAGE = 65_536;
const MAX_WASM_PAGES = 65_536;

function allocate(size: number, path: string): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    // Electron gives no buffer above 2 GiB (its PartitionAlloc); a WebAssembly memory is V8's own, and goes up to 4 GiB.
  }
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(size / WASM_PAGE), maximum: MAX_WASM_PAGES });
    return new Uint8Array(memory.buffer, 0, size);
  } catch (cause) {
    const message = `There is not enough memory for this file of ${size} bytes.`;
    throw new CallError('limit', message, { file: path, cause });
  }
}

/** Reads until the buffer is full; a file that is shorter by now gives what there is. */
async function fill(
  file: FileHandle,
  bytes: Uint8Array,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<Uint8Array> {
  let next = 0;
  let done = 0;
  let end = bytes.length;
  const reader = async (): Promise<void> => {
    while (next < end) {
      const from = next;
      const to = Math.min(from + CHUNK, end);
      next = to;
      for (let at = from; at < to;) {
        signal.throwIfAborted();
        const { bytesRead } = await file.read(bytes, at, to - at, at);
        if (bytesRead === 0) {
          end = Math.min(end, at);
          break;
        }
        at += bytesRead;
        done += bytesRead;
      }
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return bytes.subarray(0, end);
}
