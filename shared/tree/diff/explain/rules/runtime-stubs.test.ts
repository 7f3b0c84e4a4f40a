import { expect, test } from 'vitest';
import { file } from '../../../../testing/table-of.ts';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

const stub = file({ content: '' });
const running = nodeAt(
  nodeAt(release, '/etc/hosts', (node) => ({ ...node, content: '127.0.0.1', mtime: 999 })),
  '/',
  (node) => ({ ...node, children: [['.dockerenv', stub], ...(node.children ?? [])] }),
);

test('what a runtime puts into a running container', () => {
  expect(causesOf(release, running)).toEqual(['D22 2']);
});

test('not where another file differs too', () => {
  const more = nodeAt(running, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, more)).toEqual(['unexplained 3']);
});
