import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { zeroFilled } from './zero-filled.ts';

const right = randomBytes(1, 70000);

const zeroedFrom = (offset: number): Uint8Array => right.slice().fill(0, offset);

test.each([0, 4096, 65_536])('zeros from byte %i', async (offset) => {
  expect(await ask(zeroFilled, { right, found: zeroedFrom(offset), copy: true })).toMatchObject({ says: 'certain' });
  expect(await ask(zeroFilled, { right, found: zeroedFrom(offset) })).toMatchObject({ says: 'likely' });
});

test('a content that ends in zeros by itself is not taken for lost writes', async () => {
  const zeros = Buffer.concat([right.subarray(0, 8192), new Uint8Array(8192)]);
  const found = Uint8Array.from(zeros);
  found[1] = (found[1] ?? 0) ^ 0xff;
  expect(await ask(zeroFilled, { right: zeros, found, copy: true })).toMatchObject({ says: 'ruled out' });
});
