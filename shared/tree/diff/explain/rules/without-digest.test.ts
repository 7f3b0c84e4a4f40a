import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

test('a dump with - for each digest', () => {
  const undigested = everyNode(release, (node) => without(node, 'digest'));
  expect(causesOf(release, undigested)).toEqual(['D18 5']);
});

test('the sentence says which side', () => {
  const undigested = everyNode(release, (node) => without(node, 'digest'));
  const { causes } = explainTrees(undigested, release);
  expect(causes).toMatchObject([{ confidence: 'strong', attributes: ['digest'] }]);
  expect(causes[0]?.sentence).toBe('5 files: A names the same objects and does not say their digests.');
});

test('each side may lack some', () => {
  const a = nodeAt(release, '/usr/lib/libc', (node) => without(node, 'digest'));
  const b = nodeAt(release, '/boot/vmlinuz', (node) => without(node, 'digest'));
  expect(explainTrees(a, b).causes[0]?.sentence).toBe(
    '2 files: A and B name the same objects and do not say their digests.',
  );
});

test('a payload with a folder in front is another cause beside it', () => {
  const prefixed = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...without(node, 'digest'), redirect: `objects/${node.redirect}` },
  );
  expect(causesOf(release, prefixed)).toEqual(['D18 5', 'D25 5']);
});

test('not where the object is another one, or both say a digest', () => {
  const b = nodeAt(release, '/usr/lib/libc', (node) => ({
    ...without(node, 'digest'),
    redirect: `ab/${'c'.repeat(62)}`,
  }));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
  const other = nodeAt(release, '/usr/lib/libc', (node) => ({ ...node, digest: '9'.repeat(64) }));
  expect(causesOf(release, other)).toEqual(['unexplained 1']);
});
