import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, release } from '../testing/pairs.ts';

test('labels of another policy', () => {
  const b = everyNode(release, (node, path) =>
    path.startsWith('/usr/bin/')
      ? { ...node, xattrs: { ...node.xattrs, 'security.selinux': 'system_u:object_r:bin_t:s0\\x00' } }
      : node,
  );
  expect(causesOf(release, b)).toEqual(['D08 4']);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain(
    'system_u:object_r:usr_t:s0 → system_u:object_r:bin_t:s0 (4)',
  );
});
