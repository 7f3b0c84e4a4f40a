import { expect, test } from 'vitest';
import { file, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without, withXattrs } from '../testing/pairs.ts';

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

const noted = nodeAt(release, '/usr/lib', (node) => ({ ...node, xattrs: { ...node.xattrs, 'trusted.note': 'y' } }));

test('what a scan without privileges does not see', () => {
  const a = nodeAt(noted, '/etc', (node) => ({ ...node, xattrs: { ...node.xattrs, 'trusted.more': 'y' } }));
  expect(causesOf(a, release)).toEqual(['D04 2']);
  expect(explainTrees(a, release).causes).toMatchObject([{ confidence: 'strong' }]);
  expect(explainTrees(a, release).causes[0]?.sentence).toBe(
    '2 names: B has no trusted.more, trusted.note. What it keeps fits: all but trusted.*: read without privileges.',
  );
  expect(explainTrees(noted, release).causes).toMatchObject([{ id: 'D04', confidence: 'possible' }]);
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

test('a policy that several fit is likely', () => {
  const a = withXattrs(release, (name) => name === 'user.origin');
  const b = withXattrs(release, () => false);
  expect(explainTrees(a, b).causes).toMatchObject([{ id: 'D04', count: 2, confidence: 'likely' }]);
  expect(explainTrees(a, b).causes[0]?.sentence).toMatch(
    /^2 names: B has no user\.origin\. .*; or none: --skip-xattrs/,
  );
});

test('whole kinds of names for which no policy is known are only possible', () => {
  const b = withXattrs(release, (name) => !['user.origin', 'security.capability'].includes(name));
  expect(causesOf(release, b)).toEqual(['D04 3']);
  expect(explainTrees(release, b).causes).toMatchObject([{ confidence: 'possible' }]);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain('no tool is known that keeps just the rest');
});

test('not where the other side has such a name somewhere', () => {
  const a = nodeAt(release, '/etc/motd', (node) => ({ ...node, xattrs: { ...node.xattrs, 'user.origin': 'rpm' } }));
  const b = everyNode(a, (node, path) =>
    path.startsWith('/usr/bin/') ? withXattrs(node, (name) => name !== 'user.origin') : node,
  );
  expect(causesOf(a, b)).toEqual(['unexplained 2']);
});

test('not values that are others', () => {
  const b = everyNode(release, (node) =>
    node.xattrs?.['user.origin'] === undefined ? node : { ...node, xattrs: { ...node.xattrs, 'user.origin': 'deb' } },
  );
  expect(causesOf(release, b)).toEqual(['unexplained 2']);
});

test('another name that differs too leaves its entry unexplained', () => {
  const kept = withXattrs(release, (name) => name !== 'user.origin');
  const b = nodeAt(kept, '/usr/bin/ls', (node) => ({ ...node, xattrs: { ...node.xattrs, 'trusted.new': 'x' } }));
  // the other name of the file that lost it is one entry: it may have been changed by hand
  expect(causesOf(release, b)).toEqual(['unexplained 2']);
});

test('what an entry had that is gone, or is of another type, was dropped by nobody', () => {
  const b = nodeAt(
    withXattrs(noted, (name) => name !== 'security.selinux'),
    '/usr/lib',
    () => file(),
  );
  const named = explainTrees(noted, b).causes.find(({ id }) => id === 'D04');
  expect(named?.sentence).toMatch(/B has no security\.selinux\. What it keeps fits: all but security\.selinux/);
  const gone = nodeAt(
    withXattrs(noted, (name) => name !== 'security.selinux'),
    '/usr/lib',
    () => undefined,
  );
  const [cause] = explainTrees(noted, gone).causes;
  expect(cause).toMatchObject({ id: 'D04', confidence: 'likely' });
  expect(cause?.sentence).toMatch(/B has no security\.selinux\. What it keeps fits: all but security\.selinux/);
});

test('only those attributes are shown that it explains', () => {
  const b = everyNode(
    withXattrs(release, (name) => name !== 'security.selinux'),
    (node, path) => (path === '/boot' ? { ...node, xattrs: { 'user.new': '2' } } : node),
  );
  const [cause] = explainTrees(release, b).causes;
  expect(cause?.examples.find(({ path }) => path === '/boot')?.what).toBe(
    'security.selinux system_u:object_r:usr_t:s0 → none',
  );
});

const signed = (names: readonly string[]): Node =>
  everyNode(release, (node) =>
    node.digest === undefined
      ? node
      : { ...node, xattrs: { ...node.xattrs, ...Object.fromEntries(names.map((name) => [name, '1'])) } },
  );

test('signatures of files are one kind', () => {
  const both = ['security.ima', 'security.evm'];
  expect(causesOf(signed(both), release)).toEqual(['D04 5']);
  expect(explainTrees(signed(both), release).causes[0]?.sentence).toBe(
    '5 names: B has no security.evm, security.ima. It has nothing of the kind security.ima and security.evm; no tool is known that keeps just the rest.',
  );
  // one of both is still there: no kind is missing
  expect(causesOf(signed(both), signed(['security.evm']))).toEqual(['unexplained 5']);
});

test('many names are cut short', () => {
  const a = nodeAt(noted, '/etc', (node) => ({
    ...node,
    xattrs: { ...node.xattrs, 'user.a': '1', 'user.b': '1', 'system.posix_acl_access': '1' },
  }));
  expect(
    explainTrees(
      a,
      withXattrs(a, () => false),
    ).causes[0]?.sentence,
  ).toMatch(
    /B has no security\.capability, security\.selinux, system\.posix_acl_access, trusted\.note, user\.a and the like\./,
  );
});
