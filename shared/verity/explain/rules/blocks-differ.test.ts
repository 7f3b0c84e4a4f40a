import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask, explainCase } from '../testing/wounded.ts';
import { blocksDiffer } from './blocks-differ.ts';

const right = randomBytes(1, 70000);

const flipped = (...at: readonly number[]): Uint8Array => {
  const found = right.slice();
  for (const byte of at) found[byte] = (found[byte] ?? 0) ^ 0x10;
  return found;
};

test.each([0, 4095, 4096, 69_999])('one flipped bit, in byte %i', async (at) => {
  const block = Math.floor(at / 4096);
  expect(await ask(blocksDiffer, { right, found: flipped(at), copy: true })).toEqual({
    says: 'certain',
    sentence: `One bit is flipped, in block ${block}; all else is as in the good copy.`,
  });
});

test('several blocks are named', async () => {
  const { sentence } = await ask(blocksDiffer, { right, found: flipped(1, 5000, 69_999), copy: true });
  expect(sentence).toBe('3 of 18 blocks differ: blocks 0, 1, 17; all else is as in the good copy.');
});

test('without a good copy nobody can tell', async () => {
  expect(await ask(blocksDiffer, { right, found: flipped(1) })).toMatchObject({ says: 'not tried' });
});

test('the strip has a run for each stretch of bad blocks, and the pair the first of them', async () => {
  const { strip, firstDifference } = await explainCase({ right, found: flipped(4097, 9000, 50_000), copy: true });
  expect(strip?.runs).toEqual([
    { from: 1, count: 2, state: 'differs' },
    { from: 12, count: 1, state: 'differs' },
  ]);
  expect(firstDifference).toMatchObject({ block: 1, offset: 4096, bytes: 1, bits: 1 });
});
