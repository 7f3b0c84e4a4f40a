import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, release } from '../testing/pairs.ts';

const implicit: ReadonlySet<string> = new Set(['/usr/bin', '/usr/lib', '/etc']);

test('parents made under umask 077, at the time of unpacking', () => {
  const b = everyNode(release, (node, path) => (implicit.has(path) ? { ...node, mode: 0o700, mtime: 9999 } : node));
  expect(causesOf(release, b)).toEqual(['D03 3', 'D19 3']);
  expect(explainTrees(release, b).causes[1]?.confidence).toBe('strong');
});

test('without other times it is only possible', () => {
  const b = everyNode(release, (node, path) => (implicit.has(path) ? { ...node, mode: 0o700 } : node));
  expect(explainTrees(release, b).causes).toMatchObject([{ id: 'D19', confidence: 'possible' }]);
});
