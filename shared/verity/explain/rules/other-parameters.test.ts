import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask, verityOf } from '../testing/wounded.ts';
import { otherParameters } from './other-parameters.ts';

const right = randomBytes(1, 70000);

test.each([
  ['sha256', 1024],
  ['sha256', 65_536],
  ['sha512', 4096],
] as const)('the digest of %s over blocks of %i', async (algorithm, blockSize) => {
  const digest = verityOf(right, algorithm, { blockSize }).slice(0, 64);
  expect(await ask(otherParameters, { right, found: right, digest })).toMatchObject({ says: 'certain' });
});

test('a salt that the seal knows', async () => {
  const salt = Uint8Array.of(1, 2, 3);
  const digest = verityOf(right, 'sha256', { salt });
  const seal = { algorithm: 'sha256', digest, blockSize: 4096, salt: '010203' } as const;
  const { sentence } = await ask(otherParameters, { right, found: right, digest, seal, status: 'digest-mismatch' });
  expect(sentence).toContain('salt 010203');
});

test('other content is right under none', async () => {
  expect(await ask(otherParameters, { right, found: randomBytes(7, right.length) })).toMatchObject({
    says: 'ruled out',
  });
});

test('a large object is not read once more', async () => {
  const found = randomBytes(7, right.length);
  expect(await ask(otherParameters, { right, found, passLimit: 1000 })).toMatchObject({ says: 'not tried' });
});
