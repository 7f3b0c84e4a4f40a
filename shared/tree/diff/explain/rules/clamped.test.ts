import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const clamp = everyNode(release, (node) => ((node.mtime ?? 0) >= 161 ? { ...node, mtime: 161, nsec: 0 } : node));

test('times clamped by the builder', () => {
  expect(causesOf(release, clamp)).toEqual(['D35 9']);
  expect(explainTrees(release, clamp).causes[0]?.title).toBe('Times were clamped');
});

test('not where one is later', () => {
  const b = nodeAt(clamp, '/usr/bin/sh', (node) => ({ ...node, mtime: 500 }));
  expect(causesOf(release, b)).toEqual(['D05 1', 'unexplained 8']);
});
