import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { notAFile } from './not-a-file.ts';

const right = randomBytes(1, 70000);

test.each([
  ['ELOOP', 'a symbolic link'],
  ['EISDIR', 'a folder'],
])('%s', async (errno, what) => {
  const { says, sentence } = await ask(notAFile, { right, found: undefined, errno, status: 'unreadable' });
  expect(says).toBe('certain');
  expect(sentence).toContain(what);
});

test('one that is not there at all', async () => {
  expect(await ask(notAFile, { right, found: undefined })).toMatchObject({ says: 'not asked' });
});
