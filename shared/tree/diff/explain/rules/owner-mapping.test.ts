import { expect, test } from 'vitest';
import type { Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

test('every owner shifted, as in a rootless build', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: (node.uid ?? 0) + 100_000, gid: (node.gid ?? 0) + 100_000 }));
  expect(causesOf(release, b)).toEqual(['D20 21']);
});

test('every owner the same, as with --squash-uids', () => {
  expect(
    causesOf(
      release,
      everyNode(release, (node) => ({ ...node, uid: 0, gid: 0 })),
    ),
  ).toEqual(['D20 2']);
});

test('not one owner that changed', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/etc/motd', (node) => ({ ...node, uid: 9 })),
    ),
  ).toEqual(['unexplained 1']);
});

test('nor one that is alone, where all of the other side is of root', () => {
  const root = everyNode(release, (node) => ({ ...node, uid: 0, gid: 0 }));
  const one = nodeAt(root, '/etc/motd', (node) => ({ ...node, uid: 1000, gid: 1000 }));
  expect(causesOf(root, one)).toEqual(['unexplained 1']);
});

const shifted = (by: number) =>
  everyNode(release, (node) => ({ ...node, uid: (node.uid ?? 0) + by, gid: (node.gid ?? 0) + by }));

test('the sentence says by how much, and for how many', () => {
  const { causes } = explainTrees(release, shifted(100_000));
  expect(causes).toMatchObject([{ confidence: 'strong', attributes: ['uid', 'gid'] }]);
  expect(causes[0]?.sentence).toBe('21 names: every owner of B is that of A +100,000.');
  expect(explainTrees(shifted(100_000), release).causes[0]?.sentence).toContain(
    'every owner of B is that of A −100,000',
  );
});

test('groups may be mapped otherwise', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: node.uid ?? 0, gid: (node.gid ?? 0) + 5 }));
  expect(explainTrees(release, b).causes[0]?.sentence).toContain('that of A +0 (groups +5)');
});

test('where a few are others, nearly every one is mapped, and these are left', () => {
  const b = nodeAt(shifted(100_000), '/etc/motd', (node) => ({ ...node, uid: 5 }));
  const { causes } = explainTrees(release, b);
  expect(causes).toMatchObject([
    { id: 'D20', count: 20, confidence: 'likely' },
    { id: 'unexplained', count: 1 },
  ]);
  expect(causes[0]?.sentence).toContain('nearly every owner of B');
});

test('not one number for some of them', () => {
  const b = everyNode(release, (node, path) => (path.startsWith('/usr/') ? { ...node, uid: 5, gid: 5 } : node));
  expect(causesOf(release, b)).toEqual(['unexplained 7']);
});

/** Owners of all kinds of ids, below 65,536 and above. */
const high = everyNode(release, (node, path) => {
  if (path.startsWith('/usr/bin/')) return { ...node, uid: 200_000, gid: 200_000 };
  return path === '/etc/motd' ? { ...node, uid: 70_000, gid: 4 } : node;
});

test('ids from 65,536 on, of which another system has none', () => {
  const b = everyNode(high, (node) => ({
    ...node,
    uid: (node.uid ?? 0) >= 65_536 ? 3000 + ((node.uid ?? 0) % 7) : (node.uid ?? 0),
    gid: (node.gid ?? 0) >= 65_536 ? 3000 : (node.gid ?? 0),
  }));
  expect(causesOf(high, b)).toEqual(['D20 5']);
  expect(explainTrees(high, b).causes[0]?.sentence).toContain('ids from 65,536 on, or 65534 (nobody)');
});

const nobody = (id = 0): number => (id >= 65_536 ? 65_534 : id);

test('ids that a user namespace shows as nobody', () => {
  const b = everyNode(high, (node) => ({ ...node, uid: nobody(node.uid), gid: nobody(node.gid) }));
  expect(causesOf(high, b)).toEqual(['D20 5']);
});

test('not where ids below differ too, nor one entry of nobody', () => {
  const b = everyNode(high, (node, path) =>
    path.startsWith('/usr/bin/') ? { ...node, uid: 3, gid: 3 } : path === '/var' ? { ...node, uid: 55 } : node,
  );
  expect(causesOf(high, b)).toEqual(['unexplained 5']);
  const one = nodeAt(high, '/etc/motd', (node) => ({ ...node, uid: 65_534 }));
  expect(causesOf(high, one)).toEqual(['unexplained 1']);
});

test('where containers/storage notes the true owner beside, that is said', () => {
  const b = everyNode(release, (node) => ({
    ...node,
    uid: 0,
    gid: 0,
    xattrs: { ...node.xattrs, 'user.containers.override_stat': '0:0:0644' },
  }));
  const cause = explainTrees(release, b).causes.find(({ id }) => id === 'D20');
  expect(cause?.sentence).toBe(
    'All of B is owned by 0:0; 2 names have another owner on the other side; B has the true owners in user.containers.override_stat.',
  );
});

/** As of `/etc/subuid`. */
const map = (id = 0): number => (id === 0 ? 1000 : 99_999 + id);

test('root as who builds, all others from /etc/subuid, as a rootless build looks from outside', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: map(node.uid), gid: map(node.gid) }));
  expect(causesOf(release, b)).toEqual(['D20 21']);
});

test('root as who builds says so', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: map(node.uid), gid: map(node.gid) }));
  expect(explainTrees(release, b).causes[0]?.sentence).toBe(
    '21 names: what root owns in A is of 1000 in B, all other owners are +99,999 there.',
  );
  expect(explainTrees(b, release).causes[0]?.sentence).toContain('what root owns in B is of 1000 in A');
});

test('not where one owner has become two, ids are shifted by several numbers, or groups do not go along', () => {
  const b = everyNode(release, (node) => ({ ...node, uid: map(node.uid), gid: map(node.gid) }));
  const named = (change: (node: Node, path: string) => Node): readonly string[] =>
    explainTrees(release, everyNode(b, change)).causes.map(({ sentence }) => sentence);
  const isSubordinate = expect.stringContaining('what root owns');
  expect(named((node) => node)).toEqual([isSubordinate]);
  expect(named((node, path) => (path === '/usr' ? { ...node, uid: 1001 } : node))).not.toContainEqual(isSubordinate);
  expect(named((node, path) => (path === '/var' ? { ...node, uid: 5000 } : node))).not.toContainEqual(isSubordinate);
  expect(named((node, path) => (path === '/usr' ? { ...node, gid: 77 } : node))).not.toContainEqual(isSubordinate);
});

test('all of one owner, but not of one group, are not squashed', () => {
  const b = everyNode(release, (node, path) => ({ ...node, uid: 0, gid: path.startsWith('/usr/bin') ? 7 : 0 }));
  expect(explainTrees(release, b).causes.map(({ sentence }) => sentence)).not.toContainEqual(
    expect.stringContaining('All of B'),
  );
});

test('directories of one other owner were made by somebody, files of it were not', () => {
  const root = everyNode(release, (node) => ({ ...node, uid: 0, gid: 0 }));
  const owned = (...paths: readonly string[]): Node =>
    everyNode(root, (node, path) => (paths.includes(path) ? { ...node, uid: 1000, gid: 1000 } : node));
  expect(causesOf(root, owned('/etc', '/usr/lib'))).toEqual(['D19 2']);
  expect(causesOf(root, owned('/etc', '/etc/motd'))).toEqual(['D20 2']);
  expect(causesOf(root, owned('/usr/lib/libc', '/etc/motd'))).toEqual(['D20 2']);
});

const NET_RAW = '\\x00\\x20\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00';
/** As setcap writes it; as it writes it in a user namespace whose root is 100000. */
const [capable, mapped] = [`\\x01\\x00\\x00\\x02${NET_RAW}`, `\\x01\\x00\\x00\\x03${NET_RAW}\\xa0\\x86\\x01\\x00`];
const withCapability = (root: Node, value: string | undefined): Node =>
  nodeAt(root, '/usr/bin/ping', (node) => {
    const { 'security.capability': _value, ...xattrs } = node.xattrs ?? {};
    return { ...node, xattrs: value === undefined ? xattrs : { ...xattrs, 'security.capability': value } };
  });

test.each([undefined, mapped])('the capabilities of a file go with its owner: %s', (value) => {
  const [a, b] = [withCapability(release, capable), withCapability(shifted(100_000), value)];
  expect(causesOf(a, b)).toEqual(['D20 21']);
  expect(explainTrees(a, b).causes[0]?.sentence).toBe(
    '21 names: every owner of B is that of A +100,000; the capabilities of 1 file with them.',
  );
});

test('not other capabilities, other xattrs, or those of a file whose owner is the same', () => {
  const a = withCapability(release, capable);
  const other = withCapability(shifted(100_000), capable.replace('\\x20', '\\x40'));
  expect(causesOf(a, other)).toEqual(['D20 21', 'unexplained 1']);
  expect(causesOf(a, withCapability(shifted(100_000), 'x'))).toEqual(['D20 21', 'unexplained 1']);
  const noted = nodeAt(other, '/usr/bin/ping', (node) => ({ ...node, xattrs: { ...node.xattrs, 'user.a': '1' } }));
  expect(causesOf(a, noted)).toEqual(['D20 21', 'unexplained 1']);
  const squashed = everyNode(release, (node) => ({ ...node, uid: 0, gid: 0 }));
  expect(causesOf(a, withCapability(squashed, mapped))).toEqual(['D20 2', 'unexplained 1']);
});
