import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../../shared/steps.ts';

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

/** Does work in steps, as `slices` does it. @throws the signal's reason, and what the work throws */
export async function inSlices<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  const breathe = slices();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breathe();
    signal.throwIfAborted();
  }
}
