import { expect, test } from 'vitest';
import { openImage } from '../../../composefs/open-image.ts';
import { writeImage } from '../../../composefs/writer/write-image.ts';
import { finish } from '../../../steps.ts';
import { imageOf, type Node } from '../../../testing/table-of.ts';
import { S_IFDIR } from '../../table.ts';
import { compareTrees } from '../compare-trees.ts';
import { explainDiff } from './explain-diff.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without, withXattrs } from './testing/pairs.ts';

test('equal trees have no causes', () => {
  expect(explainTrees(release, release)).toEqual({
    causes: [],
    format: [],
    headline: 'Nothing differs.',
    artefacts: [],
  });
});

test('several causes at once, the largest first, and the rest plainly', () => {
  const parents = everyNode(release, (node) => (node.type === S_IFDIR ? { ...node, mtime: 5000, nsec: 0 } : node));
  const both = withXattrs(parents, (name) => name === 'security.capability');
  const b = nodeAt(both, '/etc/motd', (node) => ({ ...node, content: 'goodbye' }));
  expect(causesOf(release, b)).toEqual(['D04 14', 'D03 10', 'unexplained 1']);
  const { headline, causes } = explainTrees(release, b);
  expect(headline).toMatch(
    /names differ\. Extended attributes were dropped: 14 and 1 more cause\. 1 name is not explained/,
  );
  expect(causes.at(-1)?.examples).toMatchObject([{ path: '/etc/motd', what: 'other content' }]);
  expect(causes.at(-1)?.sentence).toContain('Most are in: /etc 1');
});

const written = (root: Node, version: 0 | 2) =>
  openImage(writeImage(imageOf(root, { kind: 'dump' }), { minVersion: version, maxVersion: version }));

test('all that lies between mkcomposefs of a directory and bootc’s image of it', () => {
  const usr = release.children?.find(([name]) => name === 'usr')?.[1] ?? release;
  const { children: _children, ...ofUsr } = usr;
  const { mtime = 0, nsec = 0 } = usr;
  const transformed = everyNode(release, (node, path) => {
    if (path === '/') return { ...node, ...ofUsr };
    if (path === '/run') return { ...node, children: [], mtime, nsec };
    return path === '/boot' ? { ...node, children: [], mtime } : node;
  });
  const b = withXattrs(transformed, (name) => name === 'security.capability');
  const scanned = everyNode(release, (node) => without(node, 'inode', 'nlink'));
  const { causes, headline, proof } = finish(explainDiff(compareTrees(written(scanned, 0), written(b, 2))));
  expect(causes.map(({ id }) => id)).toEqual(['D02', 'D04', 'D05', 'D11', 'D07', 'D12', 'D09']);
  // A with all that undone is B byte for byte
  expect(new Set(causes.map(({ confidence }) => confidence))).toEqual(new Set(['certain']));
  expect(headline).toMatch(/The images have other formats and 6 more causes\. Nothing is left unexplained\.$/);
  expect(proof).toMatch(/^It is certain: A, .* is B byte for byte\.$/);
});

test('format 2 drops nanoseconds by itself: nothing is said to be done for it', () => {
  const { proof } = finish(explainDiff(compareTrees(written(release, 0), written(release, 2))));
  expect(proof).toBe('It is certain: A, written in format 2, is B byte for byte.');
});
