import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

const acl = { 'system.posix_acl_access': '\\x02\\x00\\x00\\x00' };

test('lists of one side, where all else of the xattrs is there', () => {
  const b = nodeAt(release, '/etc', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  expect(causesOf(release, b)).toEqual(['D34 1']);
});

test('not where both sides have some', () => {
  const a = nodeAt(release, '/usr', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  const b = nodeAt(a, '/etc', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  expect(causesOf(a, b)).toEqual(['unexplained 1']);
});
