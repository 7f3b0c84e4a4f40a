import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A file of an archive: everything in it belongs to root, whoever writes it.
 *
 * @typedef {object} Member
 * @property {string} path without a leading slash
 * @property {Uint8Array | string} content of a regular file, or the target of a symlink
 * @property {number} [mode] with the file type; a regular file of mode 644 unless said otherwise
 */

export const EXECUTABLE = 0o100755;
export const SYMLINK = 0o120777;
const REGULAR = 0o100644;
const FOLDER = 0o040755;

/**
 * Writes an archive that Linux unpacks as its first root: "newc" cpio. Folders are made for what lies in them.
 *
 * @param {string} file
 * @param {Iterable<Member>} members
 * @see Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
export function writeCpio(file, members) {
  const fd = openSync(file, 'wx');
  try {
    /** @type {Set<string>} */
    const folders = new Set(['.']);
    let inode = 0;
    /** @param {string} path @param {number} mode @param {Uint8Array} content */
    const write = (path, mode, content) => {
      const name = Buffer.from(`${path}\0`);
      const fields = [++inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
      const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
      writeAll(fd, padded(Buffer.concat([Buffer.from(head), name])));
      writeAll(fd, padded(content));
    };
    /** @param {string} path */
    const addFolder = (path) => {
      if (folders.has(path)) return;
      folders.add(path);
      addFolder(dirname(path));
      write(path, FOLDER, new Uint8Array(0));
    };
    for (const { path, content, mode = REGULAR } of members) {
      addFolder(dirname(path));
      write(path, mode, typeof content === 'string' ? Buffer.from(content) : content);
    }
    write('TRAILER!!!', 0, new Uint8Array(0));
  } finally {
    closeSync(fd);
  }
}

/** Filled with zeros up to a multiple of four bytes. @param {Uint8Array} bytes */
function padded(bytes) {
  const missing = (4 - (bytes.length % 4)) % 4;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

/** @param {number} fd @param {Uint8Array} bytes */
function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
