import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { contentOf } from './content.mjs';
import { firstTreeBlock } from './disk.mjs';
import { must } from './system.mjs';

/**
 * An object of the store.
 *
 * @typedef {object} Victim
 * @property {string} object its path
 * @property {Buffer} content that it has by rights
 * @property {(path: string) => string} objectOf the object of another file
 */

/**
 * A file, and what is done to its object.
 *
 * @typedef {object} Case
 * @property {string} path in the image
 * @property {number} size in bytes
 * @property {string} kernel what comes of it below a mount with verity=require; in the words of verdicts.mjs
 * @property {string} [content] name of its content, where another file has the same
 * @property {(victim: Victim) => void} [wound]
 * @property {(size: number) => { block: number, byte: number }} [flip] bit to be flipped on the disk, behind the seal
 * @property {(fields: string[]) => void} [edit] of its line of the dump that the image is made from
 */

const LARGE = 600_000; // 147 blocks: two levels of the Merkle tree, in three blocks
const MEDIUM = 30_000;
/** Columns of a dump's line. @see composefs man/composefs-dump.md */
const SIZE = 1;
const DIGEST = 10;

/** @param {Victim} victim @param {Uint8Array} content @param {readonly string[] | undefined} [seal] parameters; undefined: none */
function replace({ object }, content, seal) {
  rmSync(object, { recursive: true });
  writeFileSync(object, content);
  if (seal !== undefined) must('fsverity', 'enable', ...seal, object);
}

/** Same size, one byte another. @param {Buffer} content */
const altered = (content) => Buffer.concat([content.subarray(0, -1), Buffer.of((content.at(-1) ?? 0) ^ 1)]);
/** @param {Buffer} content */
const truncated = (content) => content.subarray(0, 5000);
/** @param {Buffer} content */
const extended = (content) => Buffer.concat([content, Buffer.from('more\n')]);

/** @param {string} one @param {string} other */
function exchange(one, other) {
  renameSync(one, `${one}.x`);
  renameSync(other, one);
  renameSync(`${one}.x`, other);
}

/** @param {string} path @param {number} size @returns {Case} */
const right = (path, size) => ({ path, size, kernel: 'reads' });

/** What can become of a store on a file system with fs-verity. @type {readonly Case[]} */
export const wounds = [
  right('right/empty', 0),
  right('right/inline', 40),
  right('right/one-block', 4096),
  right('right/one-byte-more', 4097),
  right('right/two-levels', LARGE),
  { ...right('right/twin-a', MEDIUM), content: 'twin' },
  { ...right('right/twin-b', MEDIUM), content: 'twin' },
  { ...right('right/no-permission', MEDIUM), wound: ({ object }) => chmodSync(object, 0) },
  { ...right('right/hard-link', MEDIUM), wound: ({ object }) => linkSync(object, `${object}.link`) },

  { path: 'missing', size: MEDIUM, kernel: 'open ENOENT', wound: ({ object }) => unlinkSync(object) },
  { path: 'usr/missing', size: MEDIUM, kernel: 'open ENOENT', wound: ({ object }) => unlinkSync(object) },
  {
    path: 'usr/share/doc/missing-folder',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => renameSync(dirname(object), `${dirname(object)}.away`),
  },

  { path: 'unsealed/right', size: MEDIUM, kernel: 'open EIO', wound: (victim) => replace(victim, victim.content) },
  {
    path: 'unsealed/altered',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, altered(victim.content)),
  },
  {
    path: 'unsealed/truncated',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, truncated(victim.content)),
  },
  {
    path: 'unsealed/extended',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, extended(victim.content)),
  },
  { path: 'unsealed/emptied', size: MEDIUM, kernel: 'open EIO', wound: (victim) => replace(victim, Buffer.alloc(0)) },

  {
    path: 'sealed/altered',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, altered(victim.content), []),
  },
  {
    path: 'sealed/truncated',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, truncated(victim.content), []),
  },
  {
    path: 'sealed/extended',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, extended(victim.content), []),
  },
  {
    path: 'sealed/block-size',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, victim.content, ['--block-size=1024']),
  },
  {
    path: 'sealed/sha512',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, victim.content, ['--hash-alg=sha512']),
  },
  {
    path: 'sealed/salt',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, victim.content, ['--salt=0123456789abcdef']),
  },

  {
    path: 'swapped/a',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: ({ object, objectOf }) => exchange(object, objectOf('swapped/b')),
  },
  { path: 'swapped/b', size: MEDIUM, kernel: 'open EIO' },
  {
    path: 'swapped/small',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: ({ object, objectOf }) => exchange(object, objectOf('swapped/large')),
  },
  { path: 'swapped/large', size: LARGE, kernel: 'open EIO' },

  {
    path: 'kind/symlink',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => {
      renameSync(object, `${object}.target`);
      symlinkSync(basename(`${object}.target`), object);
    },
  },
  {
    path: 'kind/symlink-to-nothing',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => {
      unlinkSync(object);
      symlinkSync('nothing', object);
    },
  },
  {
    path: 'kind/linked-folder',
    size: MEDIUM,
    kernel: 'open ELOOP',
    wound: ({ object }) => {
      const folder = dirname(object);
      renameSync(folder, `${folder}.target`);
      symlinkSync(basename(`${folder}.target`), folder);
    },
  },
  {
    path: 'kind/folder',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => {
      unlinkSync(object);
      mkdirSync(object);
    },
  },
  {
    path: 'kind/fifo',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => {
      unlinkSync(object);
      must('mkfifo', object);
    },
  },
  {
    path: 'kind/device',
    size: MEDIUM,
    kernel: 'open ENOENT',
    wound: ({ object }) => {
      unlinkSync(object);
      must('mknod', object, 'c', '1', '5');
    },
  },

  { path: 'disk/one-block', size: 1000, kernel: 'read EIO', flip: () => ({ block: 0, byte: 999 }) },
  { path: 'disk/middle-block', size: LARGE, kernel: 'read EIO', flip: () => ({ block: 77, byte: 1234 }) },
  { path: 'disk/past-the-end', size: 5000, kernel: 'read EIO', flip: () => ({ block: 1, byte: 4000 }) },
  {
    path: 'disk/tree-root',
    size: LARGE,
    kernel: 'read EIO',
    flip: (size) => ({ block: firstTreeBlock(size), byte: 5 }),
  },
  {
    path: 'disk/tree-leaf',
    size: LARGE,
    kernel: 'read EIO',
    flip: (size) => ({ block: firstTreeBlock(size) + 2, byte: 5 }),
  },

  { path: 'image/no-digest', size: MEDIUM, kernel: 'open EIO', edit: (fields) => (fields[DIGEST] = '-') },
  {
    path: 'image/no-digest-altered',
    size: MEDIUM,
    kernel: 'open EIO',
    edit: (fields) => (fields[DIGEST] = '-'),
    wound: (victim) => replace(victim, altered(victim.content)),
  },
  { path: 'image/size-less', size: MEDIUM, kernel: 'other size', edit: (fields) => (fields[SIZE] = '20000') },
  { path: 'image/size-more', size: MEDIUM, kernel: 'other size', edit: (fields) => (fields[SIZE] = '40000') },
];

/** What can become of a store on a file system that has no fs-verity. @type {readonly Case[]} */
export const woundsWithoutVerity = [
  right('inline', 40),
  { path: 'right', size: MEDIUM, kernel: 'open EIO' },
  { path: 'altered', size: MEDIUM, kernel: 'open EIO', wound: (victim) => replace(victim, altered(victim.content)) },
  {
    path: 'truncated',
    size: MEDIUM,
    kernel: 'open EIO',
    wound: (victim) => replace(victim, truncated(victim.content)),
  },
  { path: 'missing', size: MEDIUM, kernel: 'open ENOENT', wound: ({ object }) => unlinkSync(object) },
];

/** The bytes that a file has by rights. @param {Case} item */
export const sourceOf = ({ path, size, content = path }) => contentOf(content, size);
