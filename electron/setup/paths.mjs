import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What may be thrown away and is made again: outside the checkout, so that two checkouts share it. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'composcope');

/** Path below the checkout. @param {...string} parts */
export const inRoot = (...parts) => join(root, ...parts);

/** A program that a package brought. @param {string} name */
export const packageBin = (name) => inRoot('node_modules', '.bin', name);

/** @param {string} file */
export const sha256Of = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Changes when a file below one of the folders (or one of the files) comes, goes or is written.
 *
 * @param {readonly string[]} parts paths below the checkout
 */
export function stampOf(parts) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    const stats = statSync(path);
    if (stats.isDirectory()) {
      for (const name of readdirSync(path).toSorted()) if (name !== 'node_modules') add(join(path, name));
    } else {
      hash.update(`${relative(root, path)} ${stats.size} ${stats.mtimeMs}\n`);
    }
  };
  for (const part of parts) if (existsSync(inRoot(part))) add(inRoot(part));
  return hash.digest('hex');
}

/** Text of a file, or undefined where there is none. @param {string} path */
export function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
