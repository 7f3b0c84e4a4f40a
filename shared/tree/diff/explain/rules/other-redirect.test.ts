import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

test('payloads with a folder in front', () => {
  const prefixed = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `objects/${node.redirect}` },
  );
  expect(causesOf(release, prefixed)).toEqual(['D25 5']);
});

test.each(['/', './', 'objects/'])('%s in front of each payload', (front) => {
  const prefixed = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `${front}${node.redirect}` },
  );
  expect(causesOf(release, prefixed)).toEqual(['D25 5']);
  expect(explainTrees(release, prefixed).causes[0]?.sentence).toBe(
    '5 files with equal digests: the redirect is not the digest’s own path in B.',
  );
});

test('a payload that is split otherwise', () => {
  const b = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: node.redirect.replace('/', '') },
  );
  expect(causesOf(release, b)).toEqual(['D25 5']);
});

test('not where the digests differ, too: then it is another file', () => {
  const b = nodeAt(release, '/usr/lib/libc', (node) => ({ ...node, digest: '9'.repeat(64), redirect: 'some/object' }));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
});

test('not where no side says a digest', () => {
  const bare = everyNode(release, (node) => without(node, 'digest'));
  const b = nodeAt(bare, '/usr/lib/libc', (node) => ({ ...node, redirect: 'some/object' }));
  expect(causesOf(bare, b)).toEqual(['unexplained 1']);
});
