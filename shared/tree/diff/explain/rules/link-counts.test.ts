import { expect, test } from 'vitest';
import { causesOf, everyNode, release } from '../testing/pairs.ts';

test('a dump with wrong numbers of links', () => {
  const b = everyNode(release, (node) => (node.inode === undefined ? node : { ...node, nlink: 1 }));
  expect(causesOf(release, b)).toEqual(['D24 2']);
});
