import { expect, test } from 'vitest';
import { backed, dir, type Node } from '../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release } from './testing/pairs.ts';

const kernel = backed(60, 9000, { inode: 9, nlink: 2, mtime: 100 });
/** As ostree has it: the kernel of /boot is that of /usr/lib. */
const linked = nodeAt(
  nodeAt(release, '/boot', (node) => ({ ...node, children: [['vmlinuz', kernel]] })),
  '/usr/lib',
  (node) => dir([...(node.children ?? []), ['vmlinuz', kernel]], node),
);
const emptied = (tree: Node): Node =>
  nodeAt(
    nodeAt(tree, '/boot', (node) => ({ ...node, children: [], mtime: 180 })),
    '/usr/lib/vmlinuz',
    (node) => ({ ...node, nlink: 1 }),
  );

test('a name that a known cause took: the other names of the inode go along', () => {
  expect(causesOf(linked, emptied(linked))).toEqual(['D07 3']);
  expect(explainTrees(linked, emptied(linked)).causes[0]).toMatchObject({
    attributes: ['mtime', 'links', 'removed'],
    examples: [{}, {}, { path: '/usr/lib/vmlinuz', what: 'other hard links' }],
  });
});

test('not where another name of it went, for no known cause', () => {
  const three = nodeAt(linked, '/usr/bin', (node) => dir([...(node.children ?? []), ['kernel', kernel]], node));
  const b = nodeAt(emptied(three), '/usr/bin/kernel', () => undefined);
  expect(causesOf(three, b)).toEqual(['D07 2', 'unexplained 2']);
});

test('not where a name was linked elsewhere', () => {
  const b = nodeAt(emptied(linked), '/usr/lib/vmlinuz', (node) => ({ ...node, inode: 1, nlink: 3 }));
  expect(causesOf(linked, b)).toContain('unexplained 3');
});
