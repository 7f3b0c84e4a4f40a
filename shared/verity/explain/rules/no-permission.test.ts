import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { noPermission } from './no-permission.ts';

const right = randomBytes(1, 70000);

test('permission denied', async () => {
  const { says } = await ask(noPermission, { right, found: right, errno: 'EACCES', status: 'unreadable' });
  expect(says).toBe('certain');
});

test('another errno', async () => {
  expect(await ask(noPermission, { right, found: right, errno: 'EIO', status: 'unreadable' })).toMatchObject({
    says: 'not asked',
  });
});
