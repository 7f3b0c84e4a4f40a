import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, inRoot } from '../paths.mjs';
import { output } from '../run.mjs';
import { say, SetupError } from '../say.mjs';
import { verifyWork } from './bundle.mjs';
import { inTurns, jsonOf, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {Omit<import('./benchmarks.mjs').Context, 'image'>} Context */

const LARGE = { count: 1, bytes: 2 ** 30 };
const SMALL = { count: 20_000, bytes: 32 * 1024 };
const worker = inRoot('build/engine/hash-worker.cjs');

/** A store of so many objects of one size, made once and kept in the cache. @param {{ count: number, bytes: number }} shape */
async function ensureStore({ count, bytes }) {
  const folder = join(cacheFolder, 'bench', `objects-${count}x${bytes}`);
  if (existsSync(folder)) return folder;
  say(`making a store of ${count} × ${bytes} bytes`);
  const beside = `${folder}.making`;
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  await jsonOf([process.execPath, verifyWork, 'make', beside, String(count), String(bytes)]);
  renameSync(beside, folder);
  return folder;
}

/** Relative, since the command line holds 2 MiB at most. @param {string} folder */
const filesOf = (folder) =>
  readdirSync(folder).flatMap((two) => readdirSync(join(folder, two)).map((name) => `${two}/${name}`));

/** @typedef {{ ms: number, peak: number, wrong: number, objects: number }} Run */

/**
 * One run of Verify over a store, hot cache, threads started anew, against `fsverity digest` of the same files.
 *
 * @param {Context} context
 * @param {{ count: number, bytes: number }} shape
 */
async function against({ runs }, shape) {
  if (output('fsverity', ['--version']) === undefined) {
    throw new SetupError('needs the program fsverity: sudo apt-get install fsverity');
  }
  const folder = await ensureStore(shape);
  /** @type {Run[]} */
  const all = [];
  const ours = async () => {
    const run = /** @type {Run} */ (await jsonOf([process.execPath, verifyWork, 'verify', folder, worker]));
    if (run.wrong > 0 || run.objects !== shape.count) throw new Error(`${folder}: ${run.wrong} objects are wrong`);
    all.push(run);
    return run.ms;
  };
  const peer = () => wallTime(['env', '-C', folder, 'fsverity', 'digest', '--compact', ...filesOf(folder)]);
  await peer(); // into the page cache
  return { samples: await inTurns(runs, ours, peer), peaks: all.map(({ peak }) => peak) };
}

/** @param {Context} context @returns {Promise<Row[]>} */
export async function benchVerifyLarge(context) {
  const { samples, peaks } = await against(context, LARGE);
  const limits = await opensslTimes(context.runs, LARGE.bytes);
  return [
    {
      what: 'verify 1 GiB in one object / fsverity',
      entries: undefined,
      unit: 'ms',
      ...samples,
      target: { kind: 'ratio', value: 0.55 },
    },
    {
      what: '… / what openssl speed allows on all cores',
      entries: undefined,
      unit: 'ms',
      ours: samples.ours,
      peer: limits,
      target: { kind: 'ratio', value: 1 / 0.75 },
    },
    {
      what: '… peak memory of the process',
      entries: undefined,
      unit: 'MB',
      ours: peaks,
      target: { kind: 'most', value: 150 },
    },
  ];
}

/** @param {Context} context @returns {Promise<Row[]>} */
export async function benchVerifySmall(context) {
  const { samples, peaks } = await against(context, SMALL);
  return [
    {
      what: 'verify 20,000 × 32 KiB / fsverity',
      entries: undefined,
      unit: 'ms',
      ...samples,
      target: { kind: 'ratio', value: 0.55 },
    },
    {
      what: '… peak memory of the process',
      entries: undefined,
      unit: 'MB',
      ours: peaks,
      target: { kind: 'most', value: 150 },
    },
  ];
}

/** Time in which OpenSSL would hash so many bytes in blocks of 4096, by its own benchmark. @param {number} runs @param {number} bytes */
async function opensslTimes(runs, bytes) {
  const times = [];
  const args = ['speed', '-evp', 'sha256', '-bytes', '4096', '-multi', String(availableParallelism()), '-seconds', '1'];
  for (let index = 0; index < runs; index += 1) {
    const text = output('openssl', args);
    const kilobytes = /^sha256\s+([\d.]+)k$/m.exec(text ?? '')?.[1];
    if (kilobytes === undefined) throw new SetupError('needs the program openssl: sudo apt-get install openssl');
    times.push(bytes / Number(kilobytes));
  }
  return times;
}
