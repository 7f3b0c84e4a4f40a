import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../paths.mjs';
import { ensureChanged } from './images.mjs';
import { canPeak, inTurns, peakMemory, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {import('./benchmarks.mjs').Context} Context */

const CLI = inRoot('build/cli/composcope.mjs');
/** `diff` and ours end with 1 where something differs. */
const DIFFERS = 1;

/** An image of a dump, against mkcomposefs. @param {Context} context @returns {Promise<Row[]>} */
export async function benchCreate({ image, reference, runs }) {
  const folder = mkdtempSync(join(tmpdir(), 'composcope-create-'));
  const out = join(folder, 'out.cfs');
  /** @type {import('./measure.mjs').CommandLine} */
  const ours = [process.execPath, CLI, 'create', '--from-file', image.dump, out];
  /** @type {import('./measure.mjs').CommandLine} */
  const peer = [reference.mkcomposefs, '--from-file', image.dump, out];
  const { entries } = image;
  try {
    const times = await inTurns(
      runs,
      () => wallTime(ours),
      () => wallTime(peer),
    );
    /** @type {Row[]} */
    const rows = [
      {
        what: 'create --from-file / mkcomposefs',
        entries,
        unit: 'ms',
        ...times,
        target: { kind: 'ratio', value: 0.6 },
      },
    ];
    if (!canPeak) return rows;
    const peaks = await inTurns(
      Math.min(runs, 3),
      () => peakMemory(ours),
      () => peakMemory(peer),
    );
    return [
      ...rows,
      { what: '… peak memory / mkcomposefs', entries, unit: 'MB', ...peaks, target: { kind: 'ratio', value: 0.8 } },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two images, one file of a hundred changed, against `diff` of their dumps. @param {Context} context @returns {Promise<Row[]>} */
export async function benchDiff({ image, reference, runs }) {
  const changed = await ensureChanged(image, reference);
  /** @type {import('./measure.mjs').CommandLine} */
  const ours = [process.execPath, CLI, 'diff', image.path, changed.path];
  const script = 'diff <("$0" dump "$1") <("$0" dump "$2")';
  const { entries } = image;
  const times = await inTurns(
    runs,
    () => wallTime(ours, DIFFERS),
    () => wallTime(['bash', '-c', script, reference.composefsInfo, image.path, changed.path], DIFFERS),
  );
  /** @type {Row[]} */
  const rows = [
    { what: 'diff / diff of both dumps', entries, unit: 'ms', ...times, target: { kind: 'ratio', value: 0.08 } },
  ];
  if (!canPeak) return rows;
  const peaks = await inTurns(
    Math.min(runs, 3),
    () => peakMemory(ours, DIFFERS),
    () => peakMemory([reference.composefsInfo, 'dump', image.path]),
  );
  return [
    ...rows,
    { what: '… peak memory / one info dump', entries, unit: 'MB', ...peaks, target: { kind: 'ratio', value: 1.2 } },
  ];
}
