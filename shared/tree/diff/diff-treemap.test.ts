import { expect, test } from 'vitest';
import { backed, dir, file, imageOf, type Node } from '../../testing/table-of.ts';
import { compareTrees } from './compare-trees.ts';
import { diffTreemap } from './diff-treemap.ts';

function treemap(a: Node, b: Node, by: 'differences' | 'bytes', depth = 2) {
  const diff = compareTrees(imageOf(a), imageOf(b));
  return diffTreemap(diff, { changes: diff.changes, differing: diff.differing, ignored: 0 }, 0, { depth, by });
}

const a = dir({ etc: dir({ one: file(), two: file(), same: file() }), usr: dir({ big: backed(1, 9000) }), var: dir() });
const b = dir({
  etc: dir({ one: file({ mode: 0o600 }), two: file({ uid: 3 }), same: file() }),
  usr: dir({ big: backed(2, 7000) }),
  var: dir(),
});

test('differences sum up to the root, what has none is left out, and the most come first', () => {
  expect(treemap(a, b, 'differences')).toMatchObject({
    name: '/',
    differences: 3,
    bytes: 9000,
    children: [
      { name: 'etc', status: 'equal', differences: 2, children: [{ name: 'one' }, { name: 'two', status: 'changed' }] },
      { name: 'usr', differences: 1, bytes: 9000, children: [{ name: 'big', status: 'changed', bytes: 9000 }] },
    ],
  });
});

test('by bytes, only what has other content', () => {
  expect(treemap(a, b, 'bytes')?.children?.map(({ name }) => name)).toEqual(['usr']);
});

test('nothing differs, nothing to draw', () => {
  expect(treemap(a, a, 'differences')).toBeUndefined();
});

/** A directory of 3000 files. */
const many = (mode: number) =>
  dir(Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`f${at}`, file({ mode })])));

test('too many are one node that has their sum', () => {
  const root = treemap(many(0o644), many(0o600), 'differences', 1);
  expect(root?.children).toHaveLength(1901);
  expect(root?.children?.at(-1)).toMatchObject({ row: undefined, name: '1100 more', differences: 1100 });
});
