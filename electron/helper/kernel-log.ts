import { closeSync, constants, openSync, readSync } from 'node:fs';
import { seekEnd } from './syscalls.ts';

/** Lines of one step that are kept. */
const MAX_LINES = 20;
const RECORD = 8192;
/** Who speaks of mounts. */
const SUBJECTS = /overlay|erofs|fs-verity|loop|squashfs|metacopy|I\/O error|FILE CORRUPTED/i;

/** What the kernel says while something is done: in its log, where that may be read, and by a file-system context. */
export class KernelLog {
  readonly #fd: number | undefined;
  readonly #record = Buffer.alloc(RECORD);

  constructor() {
    let fd: number | undefined;
    try {
      fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
      seekEnd(fd);
    } catch {
      fd = undefined; // a container has none: then nothing is quoted, and nothing else changes
    }
    this.#fd = fd;
  }

  /** Lines about file systems since the last call. */
  take(): readonly string[] {
    const lines: string[] = [];
    if (this.#fd === undefined) return lines;
    for (;;) {
      const record = readRecord(this.#fd, this.#record);
      if (record === undefined) return lines;
      // a line that is set in is one of a stack trace
      const line = /;(\S.*)/.exec(record)?.[1] ?? '';
      if (lines.length < MAX_LINES && SUBJECTS.test(line)) lines.push(line);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** Messages of a file-system context: `e `, `w ` or `i ` in front of each (Linux Documentation/filesystems/mount_api.rst). */
export function contextMessages(context: number): readonly string[] {
  const record = Buffer.alloc(RECORD);
  const lines: string[] = [];
  while (lines.length < MAX_LINES) {
    const message = readRecord(context, record);
    if (message === undefined) break;
    lines.push(message.replace(/^[ewi] /, ''));
  }
  return lines;
}

/** undefined: there is no more. */
function readRecord(fd: number, record: Buffer): string | undefined {
  for (;;) {
    try {
      const length = readSync(fd, record);
      return length === 0 ? undefined : record.toString('utf8', 0, length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') continue; // older records are gone: the next call reads on
      return undefined; // EAGAIN and ENODATA: that was all
    }
  }
}
