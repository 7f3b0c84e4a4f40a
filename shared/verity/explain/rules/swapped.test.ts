import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { swapped } from './swapped.ts';

const right = randomBytes(1, 70000);

test('the object of another file is recognised by its digest, and named', async () => {
  const other = randomBytes(2, right.length);
  const others = [{ content: other, name: { redirect: 'ab/cd', path: '/usr/bin/other', imageName: 'a.cfs' } }];
  const { says, sentence } = await ask(swapped, { right, found: other, others });
  expect(says).toBe('certain');
  expect(sentence).toContain('/usr/bin/other (ab/cd)');
});

test('what no image names is no swap', async () => {
  expect(await ask(swapped, { right, found: randomBytes(3, right.length) })).toMatchObject({ says: 'ruled out' });
});
