import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { cacheFolder, inRoot } from '../paths.mjs';
import { SetupError } from '../say.mjs';
import { inTurns, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */

/** A real tree that is on every system, and large; COMPOSCOPE_BENCH_TREE names another one. */
const TREE = process.env['COMPOSCOPE_BENCH_TREE'] ?? '/usr/share';

/** Into a store that is not there yet. @param {string} store @param {() => Promise<number>} run */
const anew = async (store, run) => {
  rmSync(store, { recursive: true, force: true });
  return run();
};

/**
 * An image of a real tree and its objects, against `mkcomposefs --digest-store` with as many threads: into a store that is
 * not there yet, and into the same one again, which then has all.
 *
 * @param {Omit<import('./benchmarks.mjs').Context, 'image'>} context
 * @returns {Promise<Row[]>}
 */
export async function benchCreateStore({ reference, runs }) {
  if (!statSync(TREE, { throwIfNoEntry: false })?.isDirectory())
    throw new SetupError(`${TREE} is no folder to measure on`);
  mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, 'bench', 'create-'));
  const threads = String(availableParallelism());
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const cli = inRoot('build/cli/composcope.mjs');
  const make = () =>
    wallTime([process.execPath, cli, 'create', '--threads', threads, '--store', ours, TREE, join(folder, 'ours.cfs')]);
  const peer = () =>
    wallTime([
      reference.mkcomposefs,
      `--threads=${threads}`,
      `--digest-store=${theirs}`,
      TREE,
      join(folder, 'theirs.cfs'),
    ]);
  try {
    await peer(); // the tree into the page cache
    const fresh = await inTurns(
      runs,
      () => anew(ours, make),
      () => anew(theirs, peer),
    );
    const full = await inTurns(runs, make, peer);
    const entries = undefined;
    return [
      {
        what: 'create, fresh store / mkcomposefs',
        entries,
        unit: 'ms',
        ...fresh,
        target: { kind: 'ratio', value: 0.7 },
      },
      { what: 'create, full store / mkcomposefs', entries, unit: 'ms', ...full, target: { kind: 'ratio', value: 1 } },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
