import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, release } from '../testing/pairs.ts';

test.each([0, 1])('all times %i', (mtime) => {
  const b = everyNode(release, (node) => ({ ...node, mtime, nsec: 0 }));
  expect(causesOf(release, b)).toEqual(['D35 21']);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain(`All times of B are ${mtime}`);
});

test('not where the seconds were one before, and the nanoseconds are gone', () => {
  const a = everyNode(release, (node) => ({ ...node, mtime: 7, nsec: 5 }));
  const b = everyNode(release, (node) => ({ ...node, mtime: 7, nsec: 0 }));
  expect(causesOf(a, b)).toEqual(['D05 21']);
});
