import { expect, test } from 'vitest';
import { backed, dir, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without, withXattrs } from '../testing/pairs.ts';

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

const label = (type: string) => ({ 'security.selinux': `system_u:object_r:${type}:s0\\x00` });
const relabelled = (root: Node, path: string, type: string): Node =>
  nodeAt(root, path, (node) => ({ ...node, xattrs: { ...node.xattrs, ...label(type) } }));

/** One inode of three names, each with the same label. */
const linked = (type: string): Node => backed(70, 800, { inode: 7, nlink: 3, xattrs: label(type) });
const links = nodeAt(release, '/var', (node) =>
  dir([...(node.children ?? []), ...['a', 'b', 'c'].map((name) => [name, linked('var_t')] as const)], node),
);

test('a label that differs on one entry', () => {
  const b = relabelled(release, '/etc/motd', 'etc_t');
  expect(causesOf(release, b)).toEqual(['D08 1']);
  expect(explainTrees(release, b).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence: '1 label differs: system_u:object_r:usr_t:s0 → system_u:object_r:etc_t:s0 (1).',
    },
  ]);
});

test('the pairs of labels that are most, and how many there are more', () => {
  const b = everyNode(release, (node, path) =>
    node.xattrs?.['security.selinux'] === undefined
      ? node
      : { ...node, xattrs: { ...node.xattrs, ...label(`${path.slice(-2).replace('/', '')}_t`) } },
  );
  expect(explainTrees(release, b).causes[0]?.sentence).toMatch(/^14 labels differ: .*_t:s0 \(1\) and 9 more pairs\.$/);
});

test('an inode whose names have two labels is broken up (from 0.7.0 on): the links are no cause of their own', () => {
  const b = everyNode(links, (node, path) => {
    if (path === '/var/c') return { ...without(node, 'inode', 'nlink'), xattrs: label('log_t') };
    return path === '/var/a' || path === '/var/b' ? { ...node, nlink: 2 } : node;
  });
  expect(causesOf(links, b)).toEqual(['D08 3']);
  const [cause] = explainTrees(links, b).causes;
  expect(cause).toMatchObject({ confidence: 'strong', attributes: ['links', 'selinux'] });
  expect(cause?.sentence).toBe(
    '1 label differs: system_u:object_r:var_t:s0 → system_u:object_r:log_t:s0 (1); 3 names of hard links have inodes of their own, as one inode cannot have two labels.',
  );
});

test('before, the last path won, and the inode was kept', () => {
  const b = everyNode(links, (node, path) =>
    path.startsWith('/var/') && node.inode === 7 ? { ...node, xattrs: label('log_t') } : node,
  );
  expect(causesOf(links, b)).toEqual(['D08 3']);
  expect(explainTrees(links, b).causes[0]).toMatchObject({ attributes: ['selinux'] });
});

test('not where links were lost, and the labels are others everywhere', () => {
  const b = everyNode(links, (node) => ({
    ...without(node, 'inode', 'nlink'),
    ...(node.xattrs?.['security.selinux'] === undefined ? {} : { xattrs: { ...node.xattrs, ...label('new_t') } }),
  }));
  expect(causesOf(links, b)).toEqual(['D08 17', 'D12 5']);
});

const unlabelled = (root: Node, path: string): Node =>
  everyNode(root, (node, at) => {
    if (at !== path && !at.startsWith(`${path}/`)) return node;
    const { 'security.selinux': _label, ...xattrs } = node.xattrs ?? {};
    return { ...node, xattrs };
  });

test('<<none>>: some have no label, though their side has labels', () => {
  const b = unlabelled(release, '/etc');
  expect(causesOf(release, b)).toEqual(['D08 3']);
  expect(explainTrees(release, b).causes).toMatchObject([
    { confidence: 'possible', sentence: '3 names have no label in B, which has some elsewhere.' },
  ]);
  const both = relabelled(b, '/usr/lib', 'lib_t');
  expect(explainTrees(both, release).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence:
        '1 label differs: system_u:object_r:lib_t:s0 → system_u:object_r:usr_t:s0 (1); 3 names have no label in A, which has some elsewhere.',
    },
  ]);
});

test('each side may lack some', () => {
  const [a, b] = [unlabelled(release, '/usr/lib'), unlabelled(release, '/etc')];
  expect(explainTrees(a, b).causes[0]?.sentence).toBe(
    '2 names have no label in A, which has some elsewhere; 3 names have no label in B, which has some elsewhere.',
  );
});

test('labels that one side has nowhere were dropped', () => {
  const b = withXattrs(release, (name) => name !== 'security.selinux');
  expect(causesOf(release, b)).toEqual(['D04 14']);
});

test('not one entry that has no label, nor what is of another type now', () => {
  expect(causesOf(release, unlabelled(release, '/etc/motd'))).toEqual(['unexplained 1']);
  const other = nodeAt(unlabelled(release, '/etc/motd'), '/usr/lib/libc', () => dir());
  expect(causesOf(release, other)).toEqual(['unexplained 2']);
});
