import { expect, test } from 'vitest';
import { char, dir, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, withXattrs } from '../testing/pairs.ts';

const withXattr = (root: Node, path: string, name: string, value = 'abc'): Node =>
  nodeAt(root, path, (node) => ({ ...node, xattrs: { ...node.xattrs, [name]: value } }));

/** As the kernel notes it in an upper directory. `imageOf` has images of format 1: there, such names are escaped. */
const [origin, impure] = ['trusted.overlay.overlay.origin', 'trusted.overlay.overlay.impure'];

test('a scan that reads what overlayfs keeps in a directory', () => {
  const b = withXattr(withXattr(release, '/etc', origin), '/usr', impure, 'y');
  expect(causesOf(release, b)).toEqual(['D34 2']);
  expect(explainTrees(release, b).causes).toMatchObject([
    { confidence: 'strong', sentence: '2 names: B alone has attributes of overlayfs, as an upper directory has.' },
  ]);
});

test('an upper directory alone: its whiteouts, and what it has not', () => {
  const marked = withXattr(withXattr(release, '/', impure, 'y'), '/etc', origin);
  const upper = everyNode(marked, (node, path) => {
    if (path === '/etc/hosts') return char(0, { mtime: 500 });
    if (path === '/etc') return dir([...(node.children ?? []), ['old.conf', char(0, { mtime: 500 })]], node);
    return path === '/' || path.startsWith('/etc/') ? node : undefined;
  });
  // /etc/hosts became a whiteout, old.conf has one; the root and /etc are marked
  expect(causesOf(release, upper)).toEqual(['D34 21']);
  const [cause] = explainTrees(release, upper).causes;
  expect(cause).toMatchObject({ confidence: 'likely' });
  expect(cause?.sentence).toBe(
    '2 names: B alone has attributes of overlayfs, as an upper directory has; 2 whiteouts of it hide what A has, or had; 17 of A are not in it, as nobody changed them.',
  );
});

test('one name that is missing is no sign of it', () => {
  const b = nodeAt(withXattr(release, '/etc', origin), '/etc/motd', () => undefined);
  expect(causesOf(release, b)).toEqual(['D34 1', 'unexplained 1']);
});

test('without what overlayfs notes for itself it is none: devices are another cause', () => {
  const b = nodeAt(release, '/etc', (node) =>
    dir([...(node.children ?? []), ['gone', char(0)]], {
      ...node,
      xattrs: { ...node.xattrs, 'trusted.overlay.overlay.opaque': 'y' },
    }),
  );
  expect(causesOf(release, b)).toEqual(['D34 1', 'unexplained 1']);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe('1 name: B alone has attributes of overlayfs.');
});

test('two upper directories: what overlayfs notes is another one for each mount', () => {
  const a = withXattr(withXattr(release, '/etc', origin), '/usr', origin);
  const b = withXattr(withXattr(release, '/etc', origin, 'other'), '/usr/lib', impure, 'y');
  expect(causesOf(a, b)).toEqual(['D34 3']);
  expect(explainTrees(a, b).causes[0]?.sentence).toMatch(/^3 names: both sides have what overlayfs notes for itself/);
});

test('not where both have such names, and others of them differ', () => {
  const opaque = 'trusted.overlay.overlay.opaque';
  const a = withXattr(release, '/usr', opaque, 'y');
  expect(causesOf(a, withXattr(a, '/etc', opaque, 'y'))).toEqual(['unexplained 1']);
  const b = withXattr(withXattr(a, '/etc', opaque, 'y'), '/etc', origin);
  expect(causesOf(a, b)).toEqual(['unexplained 1']);
});

test('not other attributes in trusted. or user.', () => {
  expect(causesOf(release, withXattr(release, '/etc', 'trusted.overlays'))).toEqual(['D04 1']);
  expect(causesOf(release, withXattr(release, '/etc', 'user.overlay'))).toEqual(['unexplained 1']);
});

test('not where a policy dropped them with others, as --skip-xattrs does', () => {
  const a = withXattr(withXattr(release, '/etc', 'trusted.overlay.overlay.opaque', 'y'), '/usr/lib', 'user.note');
  expect(
    causesOf(
      a,
      withXattrs(a, () => false),
    ),
  ).toEqual(['D04 14']);
  expect(
    explainTrees(
      a,
      withXattrs(a, () => false),
    ).causes[0],
  ).toMatchObject({
    attributes: ['selinux', 'overlay', 'xattrs'],
    sentence: expect.stringContaining('trusted.overlay.opaque'),
  });
  expect(
    causesOf(
      a,
      withXattrs(a, (name) => !name.startsWith('trusted.')),
    ),
  ).toEqual(['D34 1']);
});
