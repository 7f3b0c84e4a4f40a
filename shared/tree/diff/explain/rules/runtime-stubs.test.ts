import { expect, test } from 'vitest';
import { file } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const stub = file({ content: '' });
const running = nodeAt(
  nodeAt(release, '/etc/hosts', (node) => ({ ...node, content: '127.0.0.1', mtime: 999 })),
  '/',
  (node) => ({ ...node, children: [['.dockerenv', stub], ...(node.children ?? [])] }),
);

test('what a runtime puts into a running container', () => {
  expect(causesOf(release, running)).toEqual(['D22 2']);
});

test('where another file differs too, only what runtimes make anew is named, and as possible', () => {
  const more = nodeAt(running, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, more)).toEqual(['D22 1', 'unexplained 2']);
  expect(explainTrees(release, more).causes[0]).toMatchObject({ id: 'D22', confidence: 'possible' });
});

test('not a file of the image that is called so elsewhere', () => {
  const b = nodeAt(release, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
});
