import { expect, test } from 'vitest';
import { file } from '../../../../testing/table-of.ts';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('markers of a layer as files', () => {
  const b = nodeAt(release, '/etc', (node) => ({
    ...node,
    children: [['.wh..wh..opq', file()], ['.wh.passwd', file()], ...(node.children ?? [])],
  }));
  expect(causesOf(release, b)).toEqual(['D23 2']);
});

test('what a marker should have removed is named with it', () => {
  const b = nodeAt(release, '/etc', (node) => ({
    ...node,
    children: [['.wh.motd', file()], ...(node.children ?? [])],
  }));
  const a = nodeAt(release, '/etc/motd', () => undefined);
  expect(causesOf(a, b)).toEqual(['D23 2']);
});
