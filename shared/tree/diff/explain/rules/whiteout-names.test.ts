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
