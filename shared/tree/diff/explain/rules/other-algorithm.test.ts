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

/** As mkcomposefs 1.0.8 makes it of a dump with SHA-512 digests: it takes their first 32 bytes, and keeps the paths. */
const cut = everyNode(sha512, (node) =>
  node.digest === undefined ? node : { ...node, digest: node.digest.slice(0, 64) },
);
/** `backed` digests repeat themselves: of these the halves are equal. */
const halves = everyNode(sha512, (node) => {
  if (node.digest === undefined) return node;
  const digest = node.digest.slice(0, 64) + '9'.repeat(64);
  return { ...node, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}` };
});

test('digests that mkcomposefs cut: those of the other side, or of another hash', () => {
  const own = everyNode(halves, (node) =>
    node.digest === undefined ? node : { ...node, digest: node.digest.slice(0, 64) },
  );
  expect(causesOf(halves, own)).toEqual(['D10 5']);
  expect(explainTrees(halves, own).causes[0]?.sentence).toBe(
    '5 files: the digests of B are the first 32 bytes of those of A, as mkcomposefs cuts SHA-512 digests; overlayfs takes them for SHA-256, which they are not.',
  );
  const sha256 = everyNode(release, (node) =>
    node.digest === undefined ? node : { ...node, digest: '5'.repeat(64), redirect: `55/${'5'.repeat(62)}` },
  );
  expect(causesOf(sha256, cut)).toEqual(['D10 5']);
  expect(explainTrees(sha256, cut).causes[0]?.sentence).toBe(
    '5 files of equal size: the digests are SHA-256 in A and SHA-512 cut to 32 bytes in B, so that nothing says whether the contents differ.',
  );
  expect(explainTrees(cut, sha256).causes[0]?.sentence).toContain('are SHA-512 cut to 32 bytes in A and SHA-256 in B');
});

test('not where a cut digest is another one, nor for a path of another form', () => {
  const other = nodeAt(cut, '/boot/vmlinuz', (node) => ({
    ...node,
    digest: '7'.repeat(64),
    redirect: `77/${'7'.repeat(126)}`,
  }));
  expect(causesOf(halves, other)).toEqual(['unexplained 5']);
  const odd = everyNode(cut, (node) =>
    node.digest === undefined ? node : { ...node, digest: '5'.repeat(64), redirect: `55/${'5'.repeat(125)}z` },
  );
  expect(causesOf(release, odd)).toEqual(['unexplained 5']);
});
