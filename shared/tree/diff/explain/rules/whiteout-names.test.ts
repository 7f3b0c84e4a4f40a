import { expect, test } from 'vitest';
import { dir, file } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release } from '../testing/pairs.ts';

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

test('the sentence counts markers, and what they hide', () => {
  const b = nodeAt(release, '/etc', (node) => ({
    ...node,
    children: [['.wh.motd', file()], ['.wh.hosts', file()], ...(node.children ?? [])],
  }));
  const a = nodeAt(
    nodeAt(release, '/etc/motd', () => undefined),
    '/etc/hosts',
    () => undefined,
  );
  expect(explainTrees(a, b).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence: '2 markers of layers are files of the tree; 2 names that they hide are still there.',
    },
  ]);
  const one = nodeAt(a, '/etc', (node) => ({ ...node, children: [['.wh.motd', file()], ...(node.children ?? [])] }));
  expect(explainTrees(a, one).causes[0]?.sentence).toBe('1 marker of layers is a file of the tree.');
});

test('an opaque marker hides all that is below its directory; other directories and names are left', () => {
  const added = dir({ deep: file() });
  const b = nodeAt(
    nodeAt(release, '/etc', (node) => dir([...(node.children ?? []), ['.wh..wh..opq', file()], ['sub', added]], node)),
    '/usr/lib',
    (node) => dir([...(node.children ?? []), ['.wh.gone', file()], ['more', added]], node),
  );
  expect(causesOf(release, b)).toEqual(['D23 4', 'unexplained 2']);
});

test('not where both sides have the marker, nor a name that only looks like one', () => {
  const marked = nodeAt(release, '/etc', (node) => dir([...(node.children ?? []), ['.wh.motd', file()]], node));
  expect(
    causesOf(
      marked,
      nodeAt(marked, '/etc/motd', () => undefined),
    ),
  ).toEqual(['unexplained 1']);
  const odd = nodeAt(release, '/etc', (node) =>
    dir([...(node.children ?? []), ['.who', file()], ['a.wh.b', file()]], node),
  );
  expect(causesOf(release, odd)).toEqual(['unexplained 2']);
});
