import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { must } from './system.mjs';

const BLOCK = 4096;

/**
 * A place on the disk, told by a file: of its data, or past them, where ext4 keeps the Merkle tree.
 *
 * @typedef {object} Place
 * @property {string} path from the root of the file system
 * @property {number} block of the file, by 4096 bytes
 * @property {number} byte in the block
 */

/** ext4 begins the Merkle tree at the first multiple of 64 KiB past the data. @see Linux fs/ext4/verity.c */
export const firstTreeBlock = (/** @type {number} */ size) => (Math.ceil(size / 65536) * 65536) / BLOCK;

/**
 * Flips a bit of each place behind the file system's back, which must not be mounted.
 *
 * @param {string} device
 * @param {readonly Place[]} places
 */
export function flipBits(device, places) {
  const fd = openSync(device, 'r+');
  try {
    for (const { path, block, byte } of places) {
      const at = Number(must('debugfs', '-R', `bmap ${path} ${block}`, device)) * BLOCK + byte;
      if (!(at > BLOCK)) throw new Error(`${path} has no block ${block}`);
      const found = Buffer.alloc(1);
      readSync(fd, found, 0, 1, at);
      found[0] = (found[0] ?? 0) ^ 1;
      writeSync(fd, found, 0, 1, at);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
