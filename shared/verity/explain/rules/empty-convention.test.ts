import { expect, test } from 'vitest';
import { ask } from '../testing/wounded.ts';
import { emptyConvention } from './empty-convention.ts';

const empty = new Uint8Array(0);
/** What composefs-info 1.0.8 prints for an empty file: the digest of a file whose root is the hash of a zero block. */
const ofTools = 'cfc3391077edfd51859f6e5e16e03f82b1da3ee1a35d418b0d0b3b57740b4405';

test('the digest that older tools take of an empty file', async () => {
  expect(await ask(emptyConvention, { right: empty, found: empty, digest: ofTools })).toMatchObject({
    says: 'certain',
  });
});

test('any other digest of an empty file', async () => {
  expect(await ask(emptyConvention, { right: empty, found: empty, digest: 'ab'.repeat(32) })).toMatchObject({
    says: 'ruled out',
  });
});
