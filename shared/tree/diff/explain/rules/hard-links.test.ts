import { expect, test } from 'vitest';
import { causesOf, everyNode, release, without } from '../testing/pairs.ts';

test('each name a file of its own, as mkcomposefs reads a directory', () => {
  expect(
    causesOf(
      release,
      everyNode(release, (node) => without(node, 'inode', 'nlink')),
    ),
  ).toEqual(['D12 2']);
});
