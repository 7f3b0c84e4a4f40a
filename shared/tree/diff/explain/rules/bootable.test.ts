import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('/boot empty, with the seconds of /usr and its old nanoseconds', () => {
  const b = nodeAt(release, '/boot', (node) => ({ ...node, children: [], mtime: 180 }));
  expect(causesOf(release, b)).toEqual(['D07 2']);
});

test('not where only the kernel is gone', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/boot/vmlinuz', () => undefined),
    ),
  ).toEqual(['unexplained 1']);
});
