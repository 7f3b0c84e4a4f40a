import { expect, test } from 'vitest';
import { causesOf, nodeAt, release, withXattrs } from '../testing/pairs.ts';

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

test('other attributes that differ, too, leave their entry', () => {
  const a = nodeAt(release, '/usr', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  const b = nodeAt(release, '/usr', (node) => ({ ...node, xattrs: { ...node.xattrs, 'user.origin': 'x' } }));
  expect(causesOf(a, b)).toEqual(['unexplained 1']);
});

test('labels and what overlayfs keeps may differ beside them', () => {
  const a = nodeAt(release, '/usr', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  const b = nodeAt(release, '/usr', (node) => ({
    ...node,
    xattrs: { ...node.xattrs, 'security.selinux': 'other', 'trusted.overlay.overlay.opaque': 'y' },
  }));
  expect(causesOf(a, b)).toEqual(['D34 1', 'D08 1', 'D34 1']);
});

test('not where a policy dropped other names with them', () => {
  const a = nodeAt(release, '/usr', (node) => ({ ...node, xattrs: { ...node.xattrs, ...acl } }));
  expect(
    causesOf(
      a,
      withXattrs(a, () => false),
    ),
  ).toEqual(['D04 14']);
});
