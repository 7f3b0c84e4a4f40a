import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const sha512 = everyNode(release, (node) => {
  if (node.digest === undefined) return node;
  const digest = node.digest.repeat(2);
  return { ...node, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}` };
});

test('the same files with SHA-512', () => {
  expect(causesOf(release, sha512)).toEqual(['D10 5']);
});

test('not where only some have it', () => {
  const digest = '7'.repeat(64);
  const other = nodeAt(sha512, '/boot/vmlinuz', (node) => ({ ...node, digest, redirect: `77/${digest.slice(2)}` }));
  expect(causesOf(release, other)).toEqual(['unexplained 5']);
});

test('both directions say which is which', () => {
  expect(explainTrees(release, sha512).causes[0]?.sentence).toContain('the digests are SHA-256 in A and SHA-512 in B');
  expect(explainTrees(sha512, release).causes[0]?.sentence).toContain('the digests are SHA-512 in A and SHA-256 in B');
  expect(explainTrees(release, sha512).causes).toMatchObject([{ confidence: 'strong', attributes: ['digest'] }]);
});

test('a file of another size is another one', () => {
  const b = nodeAt(sha512, '/boot/vmlinuz', (node) => ({ ...node, size: 9001 }));
  expect(causesOf(release, b)).toEqual(['D10 4', 'unexplained 1']);
});

test('paths in front of the digests are a cause of their own, paths of another form are not', () => {
  const prefixed = everyNode(sha512, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `objects/${node.redirect}` },
  );
  expect(causesOf(release, prefixed)).toEqual(['D10 5', 'D25 5']);
  const odd = everyNode(sha512, (node) => (node.redirect === undefined ? node : { ...node, redirect: 'odd' }));
  expect(causesOf(release, odd)).toEqual(['D10 5']);
});

test('not where the hash is the same', () => {
  const other = everyNode(release, (node) => (node.digest === undefined ? node : { ...node, digest: '7'.repeat(64) }));
  expect(causesOf(release, other)).toEqual(['unexplained 5']);
});
