import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { otherStore } from './other-store.ts';

const right = randomBytes(1, 70000);

test('a good copy in another store', async () => {
  const found = right.slice(0, 10);
  expect(await ask(otherStore, { right, found, copy: true })).toEqual({
    says: 'certain',
    sentence: 'A good copy is in store “other”.',
  });
});

test('none', async () => {
  expect(await ask(otherStore, { right, found: undefined })).toMatchObject({ says: 'ruled out' });
});
