import { describeErrno, StoreError } from './store-error.ts';

/**
 * Runs file-system work and gives it up after a time: a call on a file system that hangs never comes back, and cannot
 * be taken back either. What was given up goes on in silence.
 *
 * @throws StoreError `ETIMEDOUT`, or what the work throws
 */
export async function answerWithin<T>(ms: number, path: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreError('ETIMEDOUT', path, `${path}: ${describeErrno('ETIMEDOUT')} within ${ms / 1000} s`));
    }, ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
