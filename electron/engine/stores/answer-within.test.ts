import { expect, it } from 'vitest';
import { answerWithin, untilAborted } from './answer-within.ts';

/** As a call on a file system that hangs. */
const never = new Promise<never>(() => undefined);

it('gives what the work gives', async () => {
  expect(await answerWithin(1000, '/x', () => Promise.resolve(7))).toBe(7);
  await expect(answerWithin(1000, '/x', () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  expect(await untilAborted(Promise.resolve(7), new AbortController().signal)).toBe(7);
  await expect(untilAborted(Promise.reject(new Error('own')), AbortSignal.timeout(1000))).rejects.toThrow('own');
});

it('gives up what does not come back', async () => {
  await expect(answerWithin(10, '/x', () => never)).rejects.toMatchObject({ code: 'ETIMEDOUT', path: '/x' });
});

it('stops waiting when the signal says so, before or after', async () => {
  const control = new AbortController();
  const waiting = untilAborted(never, control.signal);
  control.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(untilAborted(never, control.signal)).rejects.toThrow('enough');
});
