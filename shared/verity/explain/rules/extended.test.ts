import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { extended } from './extended.ts';

const right = randomBytes(1, 70000);

test.each([1, 4096, 5000])('%i bytes behind the end', async (length) => {
  const found = Buffer.concat([right, randomBytes(4, length)]);
  expect(await ask(extended, { right, found })).toMatchObject({ says: 'certain' });
});

test('zeros behind the end are called so', async () => {
  const found = Buffer.concat([right, new Uint8Array(100)]);
  expect((await ask(extended, { right, found })).sentence).toBe(
    '100 bytes were appended to the right content: all of them zero.',
  );
});

test('a longer one that begins otherwise was not just appended to', async () => {
  const found = Buffer.concat([randomBytes(5, right.length), right]);
  expect(await ask(extended, { right, found })).toMatchObject({ says: 'ruled out' });
});
