import { mkdirSync, mkdtempSync, readdirSync, lstatSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { cacheFolder, inRoot } from '../paths.mjs';
import { run } from '../run.mjs';
import { SetupError } from '../say.mjs';
import { wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */

/** Real trees that are on most systems; the smallest that is large enough is taken. */
const TREES = ['/usr/share', '/usr/lib', '/usr'];
const LEAST_BYTES = 1e9;
/** Files of which it is a tree, and not a heap of images. */
const LEAST_FILES = 5000;

/**
 * COMPOSCOPE_BENCH_TREE names another one, of whatever size.
 *
 * @param {number} copies that the disk is to take
 * @param {string} folder where to
 */
function treeFor(copies, folder) {
  const named = process.env['COMPOSCOPE_BENCH_TREE'];
  for (const tree of named === undefined ? TREES : [named]) {
    const { files, bytes } = sizeOf(tree);
    if (named === undefined && (files < LEAST_FILES || bytes < LEAST_BYTES)) continue;
    const { bavail, bsize } = statfsSync(folder);
    const needed = bytes * copies * 1.2;
    if (needed > bavail * bsize) {
      throw new SetupError(`${folder} has no room for ${copies} copies of ${tree}, ${Math.ceil(needed / 1e9)} GB`);
    }
    return { tree, files, bytes };
  }
  throw new SetupError(`none of ${TREES.join(', ')} has 1 GB: COMPOSCOPE_BENCH_TREE names another tree to measure on`);
}

/** Regular files of a folder and their bytes. @param {string} tree */
function sizeOf(tree) {
  const size = { files: 0, bytes: 0 };
  const waiting = [tree];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) {
        size.files += 1;
        size.bytes += lstatSync(path).size;
      }
    }
  }
  return size;
}

/** What others wrote is on the disk before: nobody pays for it. @param {() => Promise<number>} measure */
async function synced(measure) {
  await run('sync', []);
  return measure();
}

/**
 * An image of a real tree and its objects, against `mkcomposefs --digest-store` with as many threads: into a store that is
 * not there yet, and into the same one again, which then has all. Each run has a store of its own, and none is removed
 * before the end: ext4 takes long to find inodes among those that were just freed, whoever asks. Who is first alternates.
 *
 * @param {Omit<import('./benchmarks.mjs').Context, 'image'>} context
 * @returns {Promise<Row[]>}
 */
export async function benchCreateStore({ reference, runs }) {
  mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, 'bench', 'create-'));
  const threads = String(availableParallelism());
  const cli = inRoot('build/cli/composcope.mjs');
  try {
    const { tree, files, bytes } = treeFor(2 * runs, folder);
    /** @type {(store: string) => Promise<number>} */
    const ours = (store) =>
      wallTime([process.execPath, cli, 'create', '--threads', threads, '--store', store, tree, `${store}.cfs`]);
    /** @type {(store: string) => Promise<number>} */
    const peer = (store) =>
      wallTime([reference.mkcomposefs, `--threads=${threads}`, `--digest-store=${store}`, tree, `${store}.cfs`]);
    await wallTime([reference.mkcomposefs, `--threads=${threads}`, '--print-digest-only', tree]); // into the page cache
    /** @type {{ ours: number[], peer: number[] }} */
    const fresh = { ours: [], peer: [] };
    /** @type {typeof fresh} */
    const full = { ours: [], peer: [] };
    for (let index = 0; index < runs; index += 1) {
      const turns = /** @type {const} */ ([
        ['ours', ours],
        ['peer', peer],
      ]);
      for (const samples of [fresh, full]) {
        for (const [name, make] of index % 2 === 0 ? turns : turns.toReversed()) {
          samples[name].push(await synced(() => make(join(folder, `${name}-${index}`))));
        }
      }
    }
    const what = `${tree}, ${files} files, ${(bytes / 1e9).toFixed(1)} GB`;
    const entries = undefined;
    return [
      {
        what: `create, fresh store / mkcomposefs, ${what}`,
        entries,
        unit: 'ms',
        ...fresh,
        target: { kind: 'ratio', value: 0.7 },
      },
      {
        what: `create, full store / mkcomposefs, ${what}`,
        entries,
        unit: 'ms',
        ...full,
        target: { kind: 'ratio', value: 1 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
