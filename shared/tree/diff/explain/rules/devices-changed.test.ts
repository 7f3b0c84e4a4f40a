import { expect, test } from 'vitest';
import { char } from '../../../../testing/table-of.ts';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('a device that became a whiteout', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/dev/sda', ({ mtime = 0 }) => char(0, { mtime })),
    ),
  ).toEqual(['D40 1']);
});
