import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from './testing/pairs.ts';

/** Links lost, and the directories above the files made anew. */
const squashed = everyNode(release, (node, path) =>
  ['/usr/bin', '/usr/lib', '/etc'].includes(path)
    ? { ...node, mtime: 1_700_000_000, mode: 0o700 }
    : without(node, 'inode', 'nlink'),
);

test('lost links with times and permissions of directories, and nothing else, are a squash', () => {
  expect(causesOf(release, squashed)).toEqual(['D42 5']);
  expect(explainTrees(release, squashed).causes[0]?.sentence).toMatch(/\(D03\).*\(D19\).*\(D12\)\. Nothing else/);
});

test('where more differs, each stands for itself', () => {
  const more = nodeAt(squashed, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, more)).toEqual(['D03 3', 'D19 3', 'D12 2', 'unexplained 1']);
});
