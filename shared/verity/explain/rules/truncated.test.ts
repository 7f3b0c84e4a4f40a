import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { truncated } from './truncated.ts';

const right = randomBytes(1, 70000);

test.each([1, 4095, 4096, 4097, 65_536, 69_999])('cut off at byte %i', async (length) => {
  const found = right.slice(0, length);
  expect(await ask(truncated, { right, found, copy: true })).toEqual({
    says: 'certain',
    sentence: `It is truncated at byte ${length}; all before it is as in the good copy.`,
  });
  expect(await ask(truncated, { right, found })).toMatchObject({ says: 'likely' });
});

test('one that is shorter and other before its end is not just cut off', async () => {
  const found = right.slice(0, 50_001);
  found[50_000] = (found[50_000] ?? 0) ^ 1;
  expect(await ask(truncated, { right, found, copy: true })).toMatchObject({ says: 'ruled out' });
});

test('an empty one needs no comparison', async () => {
  expect(await ask(truncated, { right, found: new Uint8Array(0) })).toMatchObject({ says: 'certain' });
});
