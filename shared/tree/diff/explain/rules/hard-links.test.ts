import { expect, test } from 'vitest';
import { backed, dir, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

const split = (root: Node): Node => everyNode(root, (node) => without(node, 'inode', 'nlink'));

test('each name a file of its own, as mkcomposefs reads a directory', () => {
  expect(causesOf(release, split(release))).toEqual(['D12 2']);
  expect(explainTrees(release, split(release)).causes).toMatchObject([
    { confidence: 'strong', sentence: '2 names of hard links in A are files of their own in B.' },
  ]);
});

const linked = (inode: number): Node => backed(50 + inode, 1000, { inode, nlink: 3 });
/** Two more inodes, of three names each. */
const more = nodeAt(release, '/var', (node) =>
  dir(
    [
      ...(node.children ?? []),
      ...'abc'.split('').flatMap(
        (name) =>
          [
            [name, linked(7)],
            [`${name}2`, linked(8)],
          ] as const,
      ),
    ],
    node,
  ),
);

test('not where one name of several became a file of its own', () => {
  const b = nodeAt(more, '/var/a', (node) => without(node, 'inode', 'nlink'));
  expect(causesOf(more, b)).toEqual(['unexplained 3']);
  // its own inode, but not the only name of it
  const two = everyNode(more, (node, path) => (path === '/var/a' || path === '/var/a2' ? { ...node, inode: 9 } : node));
  expect(causesOf(more, two)).toEqual(['unexplained 6']);
});

test('not where names were linked to others', () => {
  const swapped = everyNode(more, (node, path) => {
    if (path === '/var/a') return { ...node, inode: 8 };
    return path === '/var/a2' ? { ...node, inode: 7 } : node;
  });
  expect(causesOf(more, swapped)).toEqual(['unexplained 6']);
});

test('not where a name came or went', () => {
  expect(
    causesOf(
      more,
      nodeAt(more, '/var/a', () => undefined),
    ),
  ).toEqual(['unexplained 3']);
});

test('files whose contents differ, too, are left', () => {
  const b = nodeAt(split(more), '/var/a', (node) => ({ ...node, ...backed(99, 1000) }));
  expect(causesOf(more, b)).toEqual(['D12 7', 'unexplained 1']);
});

test('digests of another hash are no other contents', () => {
  const sha512 = everyNode(split(more), (node) =>
    node.digest === undefined
      ? node
      : {
          ...node,
          digest: node.digest.repeat(2),
          redirect: `${node.digest.slice(0, 2)}/${node.digest.slice(2)}${node.digest}`,
        },
  );
  expect(causesOf(more, sha512)).toEqual(['D10 11', 'D12 8']);
});
