import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { sizeOnly } from './size-only.ts';

const right = randomBytes(1, 70000);

test('the image says another size of the right content', async () => {
  expect(await ask(sizeOnly, { right, found: right, size: right.length + 1 })).toMatchObject({ says: 'certain' });
});

test('a file that is cut off is not only of another size', async () => {
  expect(await ask(sizeOnly, { right, found: right.slice(0, 100) })).toMatchObject({ says: 'ruled out' });
});
