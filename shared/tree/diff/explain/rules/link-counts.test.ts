import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

test('a dump with wrong numbers of links', () => {
  const b = everyNode(release, (node) => (node.inode === undefined ? node : { ...node, nlink: 1 }));
  expect(causesOf(release, b)).toEqual(['D24 2']);
});

test('which side is wrong is told, and it is certain', () => {
  const b = everyNode(release, (node) => (node.inode === undefined ? node : { ...node, nlink: 3 }));
  expect(explainTrees(release, b).causes).toMatchObject([
    { confidence: 'certain', sentence: '2 names with a link count in B that is not the number of names.' },
  ]);
  const both = everyNode(release, (node) => (node.inode === undefined ? node : { ...node, nlink: 9 }));
  expect(explainTrees(b, both).causes[0]?.sentence).toContain('in A and B');
});

test('a link from outside of a directory that was read', () => {
  const b = nodeAt(release, '/etc/motd', (node) => ({ ...node, nlink: 2 }));
  expect(causesOf(release, b)).toEqual(['D24 1']);
});

test('not where the names of the inode are others: their counts follow', () => {
  const split = everyNode(release, (node) => without(node, 'inode', 'nlink'));
  expect(causesOf(release, split)).toEqual(['D12 2']);
  const gone = everyNode(release, (node, path) =>
    path === '/usr/bin/dir' ? undefined : node.inode === undefined ? node : { ...node, nlink: 1 },
  );
  expect(causesOf(release, gone)).toEqual(['unexplained 2']);
});
