import { inRoot } from '../paths.mjs';
import { canPeak, inTurns, peakMemory, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {import('./benchmarks.mjs').Context} Context */

const CLI = inRoot('build/cli/composcope.mjs');

/** How many times as long as composefs-info a command may take. */
const RATIOS = { ls: 0.4, dump: 0.5, objects: 0.4 };

/** A command of ours against composefs-info's, output thrown away. @param {keyof typeof RATIOS} command */
export const benchCommand =
  (command) =>
  /** @param {Context} context @returns {Promise<Row[]>} */
  async ({ image, reference, runs }) => {
    const samples = await inTurns(
      runs,
      () => wallTime([process.execPath, CLI, command, image.path]),
      () => wallTime([reference.composefsInfo, command, image.path]),
    );
    const target = /** @type {const} */ ({ kind: 'ratio', value: RATIOS[command] });
    return [{ what: `${command} / info ${command}`, entries: image.entries, unit: 'ms', ...samples, target }];
  };

/** Peak memory of `ls`. @param {Context} context @returns {Promise<Row[]>} */
export async function benchPeak({ image, reference, runs }) {
  if (!canPeak) return [];
  const samples = await inTurns(
    Math.min(runs, 3), // it hardly varies
    () => peakMemory([process.execPath, CLI, 'ls', image.path]),
    () => peakMemory([reference.composefsInfo, 'ls', image.path]),
  );
  const target = /** @type {const} */ ({ kind: 'ratio', value: 0.7 });
  return [{ what: 'peak memory of ls / info ls', entries: image.entries, unit: 'MB', ...samples, target }];
}

/** A start of the command line against one of Node that does nothing. @param {{ runs: number }} context @returns {Promise<Row[]>} */
export async function benchStart({ runs }) {
  const samples = await inTurns(
    runs * 3, // short, and so easily disturbed
    () => wallTime([process.execPath, CLI, '--version']),
    () => wallTime([process.execPath, '-e', '0']),
  );
  const target = /** @type {const} */ ({ kind: 'more', value: 150 });
  return [{ what: 'composcope --version / node -e 0', entries: undefined, unit: 'ms', ...samples, target }];
}
