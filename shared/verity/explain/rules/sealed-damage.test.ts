import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask, verityOf } from '../testing/wounded.ts';
import { sealedDamage } from './sealed-damage.ts';

const right = randomBytes(1, 70000);

const seal = { algorithm: 'sha256', digest: verityOf(right), blockSize: 4096, salt: '' } as const;

test('a sealed object that the disk cannot give', async () => {
  const { says, sentence } = await ask(sealedDamage, {
    right,
    found: right,
    seal,
    damagedAt: 28_672,
    status: 'unreadable',
  });
  expect(says).toBe('certain');
  expect(sentence).toContain('reading fails near byte 28,672');
});

test('one that can be read is not damaged', async () => {
  expect(await ask(sealedDamage, { right, found: right, seal, status: 'unreadable' })).toMatchObject({
    says: 'ruled out',
  });
});
