import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('/run empty, with the time of /usr', () => {
  const b = nodeAt(release, '/run', (node) => ({ ...node, children: [], mtime: 180, nsec: 9 }));
  expect(causesOf(release, b)).toEqual(['D11 2']);
});

test('not with another time', () => {
  const b = nodeAt(release, '/run', (node) => ({ ...node, children: [] }));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
});
