import { setImmediate } from 'node:timers/promises';

/** Longest stretch of work after which others get their turn: `rows` must answer while jobs run. */
const SLICE_MS = 20;

/**
 * Lets other work of the event loop run, where this has taken long enough: to be called often in long work.
 *
 * @example const breathe = slices(); for (const x of many) { work(x); await breathe(); }
 */
export function slices(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < SLICE_MS) return;
    await setImmediate();
    started = performance.now();
  };
}
