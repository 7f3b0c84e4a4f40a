import { expect, test } from 'vitest';
import { causesOf, everyNode, nodeAt, release } from '../testing/pairs.ts';

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
