import { expect, test } from 'vitest';
import { dir, symlink, type Node } from '../../../../testing/table-of.ts';
import { S_IFLNK } from '../../../table.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

test('what the header of a tar says, against what a directory shows', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/usr/bin/sh', (node) => ({ ...node, mode: 0o755 })),
    ),
  ).toEqual(['D21 1']);
});

const links = nodeAt(release, '/etc', (node) =>
  dir([...(node.children ?? []), ['mtab', symlink('../proc/mounts')], ['rc', symlink('rc.d')]], node),
);
const withMode = (root: Node, mode: number): Node =>
  everyNode(root, (node) => (node.type === S_IFLNK ? { ...node, mode } : node));

test('all of them, and which side has 0777', () => {
  expect(causesOf(links, withMode(links, 0o644))).toEqual(['D21 3']);
  expect(explainTrees(links, withMode(links, 0o644)).causes).toMatchObject([
    { confidence: 'strong', sentence: '3 symlinks have 0777 in A alone.' },
  ]);
  expect(explainTrees(withMode(links, 0o755), links).causes[0]?.sentence).toBe('3 symlinks have 0777 in B alone.');
});

test('not where no side has 0777 on all of them', () => {
  expect(causesOf(withMode(links, 0o755), withMode(links, 0o644))).toEqual(['unexplained 3']);
  const mixed = nodeAt(withMode(links, 0o755), '/etc/rc', (node) => ({ ...node, mode: 0o777 }));
  expect(
    causesOf(
      mixed,
      nodeAt(links, '/etc/rc', (node) => ({ ...node, mode: 0o700 })),
    ),
  ).toEqual(['unexplained 3']);
});

test('not other types: files that are open to all, a symlink in place of a file', () => {
  const open = nodeAt(links, '/etc/motd', (node) => ({ ...node, mode: 0o777 }));
  expect(causesOf(links, open)).toEqual(['unexplained 1']);
  const became = nodeAt(links, '/etc/motd', () => symlink('x', { mtime: 131, nsec: 2, uid: 1, gid: 1 }));
  expect(causesOf(links, became).filter((cause) => cause.startsWith('D21'))).toEqual([]);
});
