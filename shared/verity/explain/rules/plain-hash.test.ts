import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { plainHash } from './plain-hash.ts';
import { createHash } from 'node:crypto';

const right = randomBytes(1, 70000);

const plain = createHash('sha256').update(right).digest('hex');

test('a plain SHA-256 in place of the digest', async () => {
  const { says, sentence } = await ask(plainHash, { right, found: right, digest: plain });
  expect([says, sentence]).toEqual([
    'certain',
    'The image names the plain SHA-256 of the content in place of its fs-verity digest.',
  ]);
});

test('a name that is the plain SHA-256 of content that the image does not expect', async () => {
  const redirect = `${plain.slice(0, 2)}/${plain.slice(2)}`;
  expect(await ask(plainHash, { right: randomBytes(9, right.length), found: right, redirect })).toMatchObject({
    says: 'certain',
  });
});

test('other content has neither', async () => {
  expect(await ask(plainHash, { right, found: randomBytes(9, right.length) })).toMatchObject({ says: 'ruled out' });
});
