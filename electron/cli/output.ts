import { writeSync } from 'node:fs';

/** Nobody reads any more: the other end of the pipe is closed. No fault of anybody's, `| head` does it every time. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** What was to be printed cannot be written, e.g. because the disk is full. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** Name of the errno: `ENOSPC`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Text is collected up to here: a write for each line would cost more than the line. */
const FLUSH_AT = 1 << 16;
/** Pause between tries where a pipe that does not block is full. */
const RETRY_MS = 4;

/**
 * Standard output or error, written with plain write(2) calls that return when the bytes are out: so nothing is lost when
 * the process exits, a closed pipe is noticed at once, and no more is kept in memory than the reader is behind.
 */
export class Output {
  readonly #fd: number;
  #pending: string[] = [];
  #length = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Text for later; `flush` or enough of it sends it. */
  text(text: string): void {
    this.#pending.push(text);
    this.#length += text.length;
    if (this.#length >= FLUSH_AT) this.flush();
  }

  /** Bytes at once, behind the text that waits. @throws ClosedPipe, OutputError */
  bytes(bytes: Uint8Array): void {
    this.flush();
    this.#write(bytes);
  }

  /** @throws ClosedPipe, OutputError */
  flush(): void {
    if (this.#length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#length = 0;
    this.#write(Buffer.from(text));
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#fd, bytes, at, bytes.length - at);
      } catch (error) {
        const { code = 'EIO', message } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') throw new ClosedPipe('the reader is gone');
        // a pipe or terminal that another process has made non-blocking: writeSync does not wait by itself
        if (code === 'EAGAIN') pause();
        else if (code !== 'EINTR') throw new OutputError(code, message);
      }
    }
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}
