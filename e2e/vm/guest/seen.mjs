import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, KernelLog } from './system.mjs';

const BLOCK = 4096;
/** The kernel keeps to itself what a place of its code says more than ten times in five seconds. */
const RATE_MESSAGES = 10;
const RATE_MS = 5200;

/**
 * What a program sees of a file.
 *
 * @typedef {object} Seen
 * @property {number | string} stat size in bytes, or errno
 * @property {string | undefined} open errno
 * @property {string | undefined} read errno of the first block that cannot be read
 * @property {number} bytes before that
 * @property {boolean} right nothing failed, and its bytes are those of the source, whatever stat says
 * @property {boolean} asObject nothing failed, and its bytes are those that the store holds
 * @property {string[]} log what the kernel said meanwhile
 */

/** Reads files as programs do, and listens to the kernel meanwhile. */
export class Reader {
  #log = new KernelLog();
  /** @type {Map<string, { since: number, count: number }>} */
  #said = new Map();

  /** @param {string} path @param {Uint8Array} source @param {string | undefined} object path in the store @returns {Promise<Seen>} */
  async read(path, source, object) {
    await this.#untilKernelSpeaks();
    this.#log.take();
    const { content, ...seen } = readBlocks(path);
    const log = this.#log.take().filter((line) => /^(overlayfs|fs-verity|erofs)\b/.test(line));
    for (const line of log) this.#note(line);
    const isWhole = content !== undefined && seen.read === undefined;
    return {
      stat: sizeOf(path),
      ...seen,
      bytes: content?.length ?? 0,
      right: isWhole && content.equals(source),
      asObject: isWhole && object !== undefined && holds(object, content),
      log,
    };
  }

  async #untilKernelSpeaks() {
    const full = [...this.#said.values()].filter(({ count }) => count >= RATE_MESSAGES);
    const until = Math.max(0, ...full.map(({ since }) => since + RATE_MS));
    if (until > Date.now()) await sleep(until - Date.now());
  }

  /** @param {string} line */
  #note(line) {
    const kind = line.replaceAll(/'.*'|\(.*?\)|:.*/g, '…');
    const said = this.#said.get(kind);
    if (said === undefined || Date.now() > said.since + RATE_MS) this.#said.set(kind, { since: Date.now(), count: 1 });
    else said.count++;
  }
}

/** @param {string} path */
function sizeOf(path) {
  try {
    return statSync(path).size;
  } catch (error) {
    return errnoOf(error);
  }
}

/** Block by block, up to the first that fails. @param {string} path */
function readBlocks(path) {
  let fd;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return { open: errnoOf(error), read: undefined, content: undefined };
  }
  const parts = [];
  try {
    for (let at = 0, count = -1; count !== 0; at += count) {
      const block = Buffer.alloc(BLOCK);
      count = readSync(fd, block, 0, BLOCK, at);
      parts.push(block.subarray(0, count));
    }
    return { open: undefined, read: undefined, content: Buffer.concat(parts) };
  } catch (error) {
    return { open: undefined, read: errnoOf(error), content: Buffer.concat(parts) };
  } finally {
    closeSync(fd);
  }
}

/** @param {string} object @param {Buffer} content */
function holds(object, content) {
  try {
    return readFileSync(object).equals(content);
  } catch {
    return false;
  }
}
