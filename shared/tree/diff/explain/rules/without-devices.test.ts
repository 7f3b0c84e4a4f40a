import { expect, test } from 'vitest';
import { S_IFBLK, S_IFCHR, S_IFSOCK } from '../../../table.ts';
import { causesOf, everyNode, nodeAt, release } from '../testing/pairs.ts';

test('devices left out', () => {
  const b = everyNode(release, (node) => ([S_IFCHR, S_IFBLK].includes(node.type) ? undefined : node));
  expect(causesOf(release, b)).toEqual(['D29 2']);
});

test('not where one of two is gone', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/dev/sda', () => undefined),
    ),
  ).not.toContain('D29 1');
});

test('sockets left out, as a tar has none', () => {
  expect(
    causesOf(
      release,
      everyNode(release, (node) => (node.type === S_IFSOCK ? undefined : node)),
    ),
  ).toEqual(['D36 1']);
});
