import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { finish, upTo } from '../../shared/steps.ts';
import { inSlices } from './slices.ts';

const SLOW = 20_000;

/** Takes about a second, and gives back how many numbers there were. */
function* slow(): Generator<undefined, number, undefined> {
  let seen = 0;
  yield* upTo(SLOW, () => {
    seen += 1;
    for (const until = performance.now() + 0.02; performance.now() < until;);
  });
  return seen;
}

test('others have their turn while work is done in steps, and it gives what it gives in one go', async () => {
  let turns = 0;
  const done = new AbortController();
  const others = (async () => {
    for (; !done.signal.aborted; turns += 1) await setImmediate();
  })();
  expect(await inSlices(slow(), new AbortController().signal)).toBe(finish(slow()));
  done.abort();
  await others;
  expect(turns).toBeGreaterThan(5);
});

test('work in steps ends where its signal says so', async () => {
  const abort = new AbortController();
  const work = inSlices(slow(), abort.signal);
  await setImmediate();
  abort.abort();
  await expect(work).rejects.toThrow('aborted');
});
