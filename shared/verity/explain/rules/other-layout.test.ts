import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask, verityOf } from '../testing/wounded.ts';
import { otherLayout } from './other-layout.ts';

const right = randomBytes(1, 70000);

const digest = verityOf(right);
const [head, rest] = [digest.slice(0, 2), digest.slice(2)];

test.each([
  `${head}/${rest}.file`,
  digest,
  `${digest.slice(0, 1)}/${digest.slice(1)}`,
  `objects/${head}/${rest}`,
  `${head}/${digest}`,
])('named %s', async (name) => {
  expect(await ask(otherLayout, { right, found: undefined, names: [name] })).toEqual({
    says: 'likely',
    sentence: `It lies under the name of another layout: ${name}.`,
  });
});

test('an object of an archive repository cannot back a mount', async () => {
  const { says, sentence } = await ask(otherLayout, { right, found: undefined, names: [`${head}/${rest}.filez`] });
  expect(says).toBe('certain');
  expect(sentence).toContain('only compressed');
});

test('nothing of that kind', async () => {
  expect(await ask(otherLayout, { right, found: undefined })).toMatchObject({ says: 'ruled out' });
});
