import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { MAX_IMAGE_BYTES } from '../../shared/composefs/open-image.ts';
import { CliError, Status } from './cli-error.ts';

/** Standard input in place of a file. */
export const STDIN = '-';
/** One read(2) takes less than 2 GiB. */
const MAX_READ = 1 << 30;
const PIPE_CHUNK = 1 << 20;

/**
 * Opens a regular file, through symlinks. What is not one is refused, and opened in a way that waits for nobody: a FIFO,
 * a device.
 *
 * @returns the descriptor, to be closed by the caller
 * @throws CliError `not-a-file`; errno errors
 */
export function openRegularFile(path: string): { readonly fd: number; readonly stats: Stats } {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'a folder, not a file' : 'not a regular file';
      throw new CliError(Status.input, 'not-a-file', what, { file: path });
    }
    return { fd, stats };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * A whole file in memory, or standard input for `-`.
 *
 * @throws CliError `not-a-file`, `limit` (above 4 GiB - 1, or not enough memory); errno errors
 */
export function readWholeFile(path: string): Uint8Array {
  if (path === STDIN) return readStandardInput();
  const { fd, stats } = openRegularFile(path);
  try {
    if (stats.size > MAX_IMAGE_BYTES) throw tooLarge(path, `this file has ${stats.size}`);
    const bytes = allocate(stats.size, path);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(fd, bytes, filled, Math.min(MAX_READ, bytes.length - filled), filled);
      if (count === 0) break; // it is shorter by now
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

function readStandardInput(): Uint8Array {
  let bytes = allocate(PIPE_CHUNK, STDIN);
  let filled = 0;
  for (const chunk of standardInput()) {
    if (filled + chunk.length > MAX_IMAGE_BYTES) throw tooLarge(STDIN, 'there are more');
    if (filled + chunk.length > bytes.length) {
      const more = allocate(Math.min(MAX_IMAGE_BYTES, Math.max(2 * bytes.length, filled + chunk.length)), STDIN);
      more.set(bytes.subarray(0, filled));
      bytes = more;
    }
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes.subarray(0, filled);
}

/** The bytes of standard input as they come; each chunk is valid until the next one is asked for. */
export function* standardInput(): Generator<Uint8Array, void, void> {
  const buffer = new Uint8Array(PIPE_CHUNK);
  for (;;) {
    const count = readSome(buffer);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

function readSome(buffer: Uint8Array): number {
  for (;;) {
    try {
      return readSync(0, buffer, 0, buffer.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0; // Windows says it this way
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
    }
  }
}

const tooLarge = (path: string, found: string): CliError =>
  new CliError(Status.input, 'limit', `an image has at most ${MAX_IMAGE_BYTES} bytes, ${found}`, { file: path });

/** Not filled with zeros, since all of it is read over: the kernel's pages are touched once. */
function allocate(size: number, path: string): Uint8Array {
  try {
    const { buffer } = Buffer.allocUnsafeSlow(size);
    return new Uint8Array(buffer, 0, size);
  } catch {
    throw new CliError(Status.input, 'limit', `there is not enough memory for ${size} bytes`, { file: path });
  }
}
