import { spawnSync } from 'node:child_process';
import { constants, openSync, readSync, writeFileSync } from 'node:fs';

/**
 * How a program ended.
 *
 * @typedef {object} Ended
 * @property {number} status
 * @property {string} stdout
 * @property {string} stderr
 */

const PROGRAM_MS = 60_000;

/** Runs a program to its end, whatever that is. @param {string} program @param {readonly string[]} args @returns {Ended} */
export function run(program, args) {
  const ended = spawnSync(program, args, { encoding: 'utf8', timeout: PROGRAM_MS, maxBuffer: 2 ** 28 });
  return { status: ended.status ?? 128, stdout: ended.stdout ?? '', stderr: ended.error?.message ?? ended.stderr };
}

/** Runs a program that has to do what it is asked. @param {string} program @param {...string} args @returns what it prints */
export function must(program, ...args) {
  const { status, stdout, stderr } = run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr || stdout} (status ${status})`);
  return stdout;
}

/** Lets go of all that the kernel keeps of files, so that the disk is asked again. */
export function dropCaches() {
  must('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}

/** Errno of a failed call. @param {unknown} error @returns {string} */
export function errnoOf(error) {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

/** The kernel's log: what is new in it. */
export class KernelLog {
  #fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);

  /** Messages since the last call. @returns {string[]} */
  take() {
    const messages = [];
    const record = Buffer.alloc(8192);
    for (;;) {
      try {
        const text = record.toString('utf8', 0, readSync(this.#fd, record));
        messages.push(/;(.*)/.exec(text)?.[1] ?? text);
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'EAGAIN') return messages;
        if (errno !== 'EPIPE') throw error; // EPIPE: older ones are gone, the next call reads on
      }
    }
  }
}
