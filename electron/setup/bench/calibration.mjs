import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { cacheFolder, readIfThere } from '../paths.mjs';

/** What differs by more than this from the best was measured on a machine that had other things to do. */
const TOLERANCE = 0.15;
/**
 * Fixed work, about 150 ms on a core of 2023: arithmetic, and memory that is got and filled, which is what a busy
 * neighbour disturbs most. Its shortest time of a few; in the first it is compiled.
 */
const WORK = `
let best = Infinity;
for (let round = 0; round < 4; round += 1) {
  const from = performance.now();
  let state = 1;
  for (let i = 0; i < 5e7; i += 1) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  for (let i = 0; i < 4; i += 1) new Uint8Array(32 << 20).fill(state);
  best = Math.min(best, performance.now() - from);
}
require('node:worker_threads').parentPort.postMessage(best);`;

/**
 * The time of fixed work that is done on each core at once, so that other work on any core shows.
 *
 * @returns {Promise<number>} ms, on the slowest core
 */
async function calibrate() {
  const times = Array.from({ length: availableParallelism() }, async () => {
    const [best] = await once(new Worker(WORK, { eval: true }), 'message');
    return Number(best);
  });
  return Math.max(...(await Promise.all(times)));
}

/** @typedef {{ readonly when: string, readonly ms: number }} Calibration */

/**
 * Which calibrations say that the machine was busy, as one sentence.
 *
 * @param {readonly Calibration[]} taken in this run
 * @param {number} best that the machine ever had, ms
 * @returns {string | undefined} undefined where none does
 */
export function busyWarning(taken, best) {
  const busy = taken.filter(({ ms }) => isBusy(ms, best));
  if (busy.length === 0) return undefined;
  const list = busy.map(({ when, ms }) => `${when} (+${Math.round((ms / best - 1) * 100)} %)`);
  return `the machine was busy, by how much longer than ${best.toFixed(0)} ms the calibration took: ${list.join(', ')}`;
}

/** @param {number} ms @param {number} best ms */
const isBusy = (ms, best) => ms > best * (1 + TOLERANCE);

/** Those of a run; the best of all runs with this Node is remembered. */
export class Calibrations {
  /** @type {Calibration[]} */
  taken = [];
  #file = join(cacheFolder, 'bench', `calibration-1-node-${process.versions.node}`);
  #best = Number(readIfThere(this.#file) ?? Number.POSITIVE_INFINITY);

  /** Takes one now. @param {string} when */
  async take(when) {
    const ms = await calibrate();
    this.taken.push({ when, ms });
    if (ms >= this.#best) return;
    this.#best = ms;
    mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
    writeFileSync(this.#file, String(ms));
  }

  /** Whether the machine had other things to do between the last two calibrations, as far as they show it. */
  get wasBusy() {
    return this.taken.slice(-2).some(({ ms }) => isBusy(ms, this.#best));
  }

  get warning() {
    return busyWarning(this.taken, this.#best);
  }

  /** The first and the last, and how far all ranged. */
  get text() {
    const times = this.taken.map(({ ms }) => ms);
    const [least, most] = [Math.min(...times), Math.max(...times)];
    return `${inMs(times[0])} before, ${inMs(times.at(-1))} after, from ${inMs(least)} to ${inMs(most)} in between`;
  }
}

/** @param {number | undefined} time */
const inMs = (time) => `${time?.toFixed(0) ?? '?'} ms`;
