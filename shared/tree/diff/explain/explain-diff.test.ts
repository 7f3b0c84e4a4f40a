import { expect, test } from 'vitest';
import { S_IFDIR } from '../../table.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, withXattrs } from './testing/pairs.ts';

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
