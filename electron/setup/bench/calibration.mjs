import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { cacheFolder, readIfThere } from '../paths.mjs';

/** What differs by more than this from the best was measured on a machine that had other things to do. */
const TOLERANCE = 0.15;
/** A fixed loop, about 150 ms on a core of 2023, and its shortest time of a few; the first one is compiled meanwhile. */
const LOOP = `
let best = Infinity;
for (let round = 0; round < 4; round += 1) {
  const from = performance.now();
  let state = 1;
  for (let i = 0; i < 1e8; i += 1) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  if (state !== 0) best = Math.min(best, performance.now() - from);
}
require('node:worker_threads').parentPort.postMessage(best);`;

/**
 * The time of a fixed loop that runs on each core at once, so that other work on any core shows.
 *
 * @returns {Promise<number>} ms, on the slowest core
 */
export async function calibrate() {
  const times = Array.from({ length: availableParallelism() }, async () => {
    const [best] = await once(new Worker(LOOP, { eval: true }), 'message');
    return Number(best);
  });
  return Math.max(...(await Promise.all(times)));
}

/**
 * Which of the calibrations of this run say that the machine was busy.
 *
 * @param {readonly { readonly when: string, readonly ms: number }[]} calibrations
 * @param {number | undefined} known the best that this machine ever had
 * @returns {readonly string[]} a sentence for each
 */
export function busyWarnings(calibrations, known) {
  const best = Math.min(known ?? Number.POSITIVE_INFINITY, ...calibrations.map(({ ms }) => ms));
  return calibrations
    .filter(({ ms }) => ms > best * (1 + TOLERANCE))
    .map(({ when, ms }) => {
      const percent = Math.round((ms / best - 1) * 100);
      return `the machine was busy ${when}: the calibration took ${ms.toFixed(0)} ms, ${percent} % more than at its best (${best.toFixed(0)} ms)`;
    });
}

/** Remembers the best calibration of this machine with this Node. */
export class BestCalibration {
  #file = join(cacheFolder, 'bench', `calibration-node-${process.versions.node}`);

  /** ms; undefined on the first run */
  get value() {
    return Number(readIfThere(this.#file) ?? 0) || undefined;
  }

  /** @param {number} ms */
  note(ms) {
    if (ms >= (this.value ?? Number.POSITIVE_INFINITY)) return;
    mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
    writeFileSync(this.#file, String(ms));
  }
}
