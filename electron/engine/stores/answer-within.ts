import { noteHang } from './hanging.ts';
import { describeErrno, StoreError } from './store-error.ts';

/**
 * Runs file-system work and gives it up after a time: a call on a file system that hangs never comes back, and cannot
 * be taken back either. What was given up goes on in silence.
 *
 * @throws StoreError `ETIMEDOUT`, or what the work throws
 */
export async function answerWithin<T>(ms: number, path: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let isBack: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isBack = noteHang();
      reject(new StoreError('ETIMEDOUT', path, `${path}: ${describeErrno('ETIMEDOUT')} within ${ms / 1000} s`));
    }, ms);
  });
  try {
    const working = work().finally(() => isBack?.());
    return await Promise.race([working, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Stops waiting for work when the signal says so; the work itself goes on where nothing else ends it, as does a
 * file-system call that hangs.
 *
 * @throws the signal's reason, or what the work throws
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as unknown);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
