import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask, verityOf } from '../testing/wounded.ts';
import { sealedOtherwise } from './sealed-otherwise.ts';

const right = randomBytes(1, 70000);

test('the right content sealed over blocks of 1024 bytes, with and without the descriptor', async () => {
  const seal = { algorithm: 'sha256', digest: verityOf(right, 'sha256', { blockSize: 1024 }) } as const;
  for (const blockSize of [1024, undefined]) {
    const { says, sentence } = await ask(sealedOtherwise, {
      right,
      found: right,
      seal: { ...seal, blockSize, salt: '' },
    });
    expect([says, sentence]).toEqual([
      'certain',
      'The content is right, but fs-verity was enabled on it with SHA-256, blocks of 1024 bytes, no salt.',
    ]);
  }
});

test('other content below the seal is not just sealed otherwise', async () => {
  const found = randomBytes(6, right.length);
  const seal = { algorithm: 'sha256', digest: verityOf(found), blockSize: 4096, salt: '' } as const;
  expect(await ask(sealedOtherwise, { right, found, seal })).toMatchObject({ says: 'ruled out' });
});
