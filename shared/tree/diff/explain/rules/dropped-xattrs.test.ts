import { expect, test } from 'vitest';
import { causesOf, explainTrees, nodeAt, release, without, withXattrs } from '../testing/pairs.ts';

test.each([
  ['security.capability alone', (name: string) => name === 'security.capability'],
  ['security.capability and user.*', (name: string) => name === 'security.capability' || name.startsWith('user.')],
  ['user.* alone', (name: string) => name.startsWith('user.')],
  ['none', () => false],
])('%s kept', (words, keeps) => {
  const b = withXattrs(release, keeps);
  expect(causesOf(release, b)).toEqual([expect.stringMatching(/^D04 \d+$/)]);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain(words);
});

test('labels alone left out', () => {
  const b = withXattrs(release, (name) => name !== 'security.selinux');
  expect(explainTrees(release, b).causes).toMatchObject([{ id: 'D04' }]);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain('all but security.selinux');
});

test('not one that a file lost', () => {
  const b = nodeAt(release, '/usr/bin/ls', (node) => without(node, 'xattrs'));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
});
