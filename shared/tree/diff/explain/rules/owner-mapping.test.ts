import { expect, test } from 'vitest';
import { causesOf, everyNode, nodeAt, release } from '../testing/pairs.ts';

test('every owner shifted, as in a rootless build', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: (node.uid ?? 0) + 100_000, gid: (node.gid ?? 0) + 100_000 }));
  expect(causesOf(release, b)).toEqual(['D20 21']);
});

test('every owner the same, as with --squash-uids', () => {
  expect(
    causesOf(
      release,
      everyNode(release, (node) => ({ ...node, uid: 0, gid: 0 })),
    ),
  ).toEqual(['D20 2']);
});

test('not one owner that changed', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/etc/motd', (node) => ({ ...node, uid: 9 })),
    ),
  ).toEqual(['unexplained 1']);
});

/** As of `/etc/subuid`. */
const map = (id = 0): number => (id === 0 ? 1000 : 99_999 + id);

test('root as who builds, all others from /etc/subuid, as a rootless build looks from outside', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: map(node.uid), gid: map(node.gid) }));
  expect(causesOf(release, b)).toEqual(['D20 21']);
});
