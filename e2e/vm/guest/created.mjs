import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentOf } from './content.mjs';
import { composcope } from './stores.mjs';
import { dropCaches, must } from './system.mjs';

/**
 * What `create` made on a file system with fs-verity, and what a mount that demands it shows of it.
 *
 * @typedef {object} CreatedResult
 * @property {import('./system.mjs').Ended} ended of `create --json`
 * @property {string} digest that mkcomposefs has for the same tree
 * @property {{ path: string, seen: import('./seen.mjs').Seen }[]} files
 */

/** Around the sizes where a file becomes an object, fills a block, and needs a second level of hashes. */
const SIZES = [0, 1, 64, 65, 4095, 4096, 4097, 524_288, 524_289, 1_000_000];

/**
 * @param {import('./stores.mjs').Place} place
 * @param {import('./seen.mjs').Reader} reader
 * @returns {Promise<CreatedResult>}
 */
export async function tryCreate({ folder }, reader) {
  const source = '/tmp/created';
  const image = join(folder, 'created.cfs');
  const objects = join(folder, 'created-objects');
  const files = SIZES.flatMap((size) => [`large/${size}`, `again/${size}`].map((path) => ({ path, size })));
  for (const { path, size } of files) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), contentOf('created', size));
  }
  symlinkSync('large/65', join(source, 'link'));
  const ended = composcope('create', source, image, '--store', objects, '--json');
  const digest = must('mkcomposefs', '--print-digest-only', source).trim();
  const seen = [];
  if (ended.status === 0) {
    dropCaches();
    must('mount.composefs', '-o', `basedir=${objects},verity`, image, '/mnt');
    for (const { path, size } of files) {
      seen.push({ path, seen: await reader.read(join('/mnt', path), contentOf('created', size), undefined) });
    }
    must('umount', '/mnt');
  }
  return { ended, digest, files: seen };
}
