import { benchCommand, benchPeak, benchStart } from './cli.mjs';
import { benchCreate, benchDiff } from './create-diff.mjs';
import { benchCreateStore } from './create-store.mjs';
import { benchFilter, benchMemory, benchOpen } from './engine.mjs';
import { benchMerge } from './merge.mjs';
import { benchVerifyLarge, benchVerifySmall } from './verify.mjs';
import { benchDrag, benchEmptyWindow, benchFirstRows, benchWheel } from './window.mjs';

/**
 * What a benchmark is given.
 *
 * @typedef {object} Context
 * @property {number} runs
 * @property {import('./images.mjs').BenchImage} image
 * @property {import('./reference.mjs').Reference} reference
 * @property {string} electron path of the binary
 */

/** @typedef {(context: Context) => Promise<import('./statistics.mjs').Row[]>} Benchmark */

/** What is measured on each image. @type {Readonly<Record<string, Benchmark>>} */
export const ofImages = {
  open: benchOpen,
  ls: benchCommand('ls'),
  dump: benchCommand('dump'),
  objects: benchCommand('objects'),
  peak: benchPeak,
  memory: benchMemory,
  filter: benchFilter,
  merge: benchMerge,
  diff: benchDiff,
  create: benchCreate,
  rows: benchFirstRows,
  wheel: benchWheel,
  drag: benchDrag,
};

/** What no image matters to. @type {Readonly<Record<string, (context: Omit<Context, 'image'>) => ReturnType<Benchmark>>>} */
export const ofStart = {
  start: benchStart,
  window: benchEmptyWindow,
  'verify-large': benchVerifyLarge,
  'verify-small': benchVerifySmall,
  'create-store': benchCreateStore,
};
