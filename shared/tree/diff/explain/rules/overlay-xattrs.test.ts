import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('a scan of an upper directory', () => {
  const b = nodeAt(release, '/etc', (node) => ({
    ...node,
    xattrs: { ...node.xattrs, 'trusted.overlay.overlay.origin': 'abc' },
  }));
  expect(causesOf(release, b)).toEqual(['D34 1']);
});
