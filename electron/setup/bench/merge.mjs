import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output } from '../run.mjs';
import { SetupError } from '../say.mjs';
import { engineWork } from './bundle.mjs';
import { inTurns, jsonOf, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {import('./benchmarks.mjs').Context} Context */

const LAYERS = 3;

/** What a program prints that only root can run. @param {readonly string[]} args */
function asRoot(args) {
  const [program = '', ...rest] = args;
  const text = output(program, rest);
  if (text === undefined) throw new SetupError(`needs root, and this to work: ${args.join(' ')}`);
  return text.trim();
}

/**
 * Layers of the same tree merged: every name is in all of them, which is the most that there is to compare. The peer is
 * `find` over the kernel's own overlay of the same images, mounted anew each time.
 *
 * @param {Context} context @returns {Promise<Row[]>}
 */
export async function benchMerge({ image, runs }) {
  const folder = mkdtempSync(join(tmpdir(), 'composcope-merge-'));
  const at = join(folder, 'merged');
  const objects = join(folder, 'objects');
  const lowers = Array.from({ length: LAYERS }, (_, index) => join(folder, `layer${index}`));
  /** @type {string[]} */
  const mounted = [];
  /** @type {string[]} */
  const devices = [];
  try {
    for (const path of [at, objects, ...lowers]) mkdirSync(path);
    for (const lower of lowers) {
      // a loop device of its own: the kernel refuses one file system as two layers
      const device = asRoot(['losetup', '--find', '--show', '--read-only', image.path]);
      devices.push(device);
      asRoot(['mount', '-t', 'erofs', '-o', 'ro', device, lower]);
      mounted.push(lower);
    }
    /** @type {{ openMs: number, mergeMs: number, peak: number }[]} */
    const all = [];
    const ours = async () => {
      const run = await jsonOf([process.execPath, engineWork, 'merge', ...lowers.map(() => image.path)]);
      all.push(/** @type {typeof all[number]} */ (run));
      return /** @type {typeof all[number]} */ (run).mergeMs;
    };
    const peer = async () => {
      const options = `ro,lowerdir=${lowers.join(':')}::${objects},metacopy=on,redirect_dir=on`;
      asRoot(['mount', '-t', 'overlay', 'overlay', '-o', options, at]);
      try {
        return await wallTime(['find', at, '-printf', '%p %s %m %U %G %T@\\n']);
      } finally {
        asRoot(['umount', at]);
      }
    };
    const samples = await inTurns(runs, ours, peer);
    const { entries } = image;
    return [
      { what: `merge ${LAYERS} layers / find over the kernel's`, entries, unit: 'ms', ...samples },
      {
        what: '… / opening them',
        entries,
        unit: 'ms',
        ours: samples.ours,
        peer: all.map(({ openMs }) => openMs),
        target: { kind: 'ratio', value: 1 },
      },
      { what: '… peak memory of the process', entries, unit: 'MB', ours: all.map(({ peak }) => peak) },
    ];
  } finally {
    for (const path of mounted) asRoot(['umount', path]);
    for (const device of devices) asRoot(['losetup', '--detach', device]);
    rmSync(folder, { recursive: true, force: true });
  }
}
