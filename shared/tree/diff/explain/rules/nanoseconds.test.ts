import { expect, test } from 'vitest';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const whole = everyNode(release, (node) => ({ ...node, nsec: 0 }));

test('whole seconds, as in a ustar archive', () => {
  expect(causesOf(release, whole)).toEqual(['D05 9']);
  const { causes } = explainTrees(release, whole);
  expect(causes).toMatchObject([{ confidence: 'strong' }]);
  expect(causes[0]?.sentence).toBe('9 names: the times are equal to the second, and B has no nanoseconds at all.');
});

/** Files with times on both sides of the half second. */
const fine = everyNode(release, (node, path) =>
  node.children === undefined ? { ...node, nsec: path.startsWith('/usr/bin/') ? 500_000_000 : 499_999_999 } : node,
);

test('times rounded to the second, as Go’s archive/tar writes them', () => {
  const rounded = everyNode(fine, ({ mtime = 0, nsec = 0, ...node }) => ({
    ...node,
    mtime: nsec >= 500_000_000 ? mtime + 1 : mtime,
    nsec: 0,
  }));
  expect(causesOf(fine, rounded)).toEqual(['D05 12']);
  expect(explainTrees(fine, rounded).causes[0]?.sentence).toContain('are equal when they are rounded to the second');
});

test('a second more is no rounding where half a second and more is cut', () => {
  const cut = everyNode(fine, (node) => ({ ...node, nsec: 0 }));
  const one = nodeAt(cut, '/usr/bin/ping', ({ mtime = 0, ...node }) => ({ ...node, mtime: mtime + 1 }));
  expect(causesOf(fine, one)).toEqual(['D05 11', 'unexplained 1']);
  const early = nodeAt(fine, '/usr/bin/ping', (node) => ({ ...node, nsec: 400_000_000 }));
  const later = nodeAt(early, '/usr/bin/ping', ({ mtime = 0, ...node }) => ({ ...node, mtime: mtime + 1, nsec: 0 }));
  expect(causesOf(early, later)).toEqual(['unexplained 1']);
});

test('not where a side has other nanoseconds, or most of them', () => {
  const other = everyNode(fine, ({ nsec = 0, ...node }) => ({ ...node, nsec: nsec === 0 ? 0 : nsec + 1 }));
  expect(causesOf(fine, other)).toEqual(['unexplained 12']);
  const some = everyNode(other, (node, path) => (path.startsWith('/usr/') ? node : { ...node, nsec: 0 }));
  expect(causesOf(fine, some)).toEqual(['unexplained 12']);
});

test('where a few others are, they are left, and it is likely', () => {
  const b = nodeAt(
    everyNode(fine, (node) => ({ ...node, nsec: 0 })),
    '/etc/motd',
    (node) => ({ ...node, nsec: 77 }),
  );
  expect(explainTrees(fine, b).causes).toMatchObject([{ id: 'D05', count: 11, confidence: 'likely' }, { count: 1 }]);
  expect(explainTrees(fine, b).causes[0]?.sentence).toContain('B has none of their nanoseconds');
});

test('nor where seconds and nanoseconds are others', () => {
  const b = everyNode(fine, ({ mtime = 0, ...node }) =>
    node.children === undefined ? { ...node, mtime: mtime - 3, nsec: 0 } : { ...node, mtime },
  );
  expect(causesOf(fine, b)).toEqual(['unexplained 11']);
});

test('rounded on one side, and cut on the other: it is a second later here and there', () => {
  const cut = everyNode(fine, (node) => ({ ...node, nsec: 0 }));
  const rounded = everyNode(fine, ({ mtime = 0, nsec = 0, ...node }) => ({
    ...node,
    mtime: nsec >= 500_000_000 ? mtime + 1 : mtime,
    nsec: 0,
  }));
  expect(causesOf(cut, rounded)).toEqual(['D05 4']);
  expect(explainTrees(cut, rounded).causes).toMatchObject([
    {
      confidence: 'possible',
      sentence:
        '4 names: B is one second later, as where it rounded the nanoseconds and A cut them; neither has them now.',
    },
  ]);
  const old = (tree: typeof fine) =>
    nodeAt(tree, '/usr/bin/ping', ({ mtime = 0, ...node }) => ({ ...node, mtime: mtime + 9000 }));
  expect(explainTrees(old(cut), old(rounded)).causes).toMatchObject([{ id: 'D05', confidence: 'likely' }]);
  const more = nodeAt(rounded, '/etc/motd', (node) => ({ ...node, mtime: 7 }));
  expect(causesOf(cut, more)).toEqual(['D05 4', 'unexplained 1']);
  const two = nodeAt(more, '/etc/hosts', (node) => ({ ...node, mtime: 7 }));
  expect(causesOf(cut, two)).toEqual(['unexplained 6']);
  expect(
    causesOf(
      cut,
      nodeAt(cut, '/etc/motd', ({ mtime = 0, ...node }) => ({ ...node, mtime: mtime + 1 })),
    ),
  ).toEqual(['unexplained 1']);
});

test('directories that are a second later are those of two builds', () => {
  const folders = everyNode(whole, (node, path) =>
    path.startsWith('/usr') && node.children !== undefined ? { ...node, mtime: (node.mtime ?? 0) + 1 } : node,
  );
  expect(causesOf(whole, folders)).toEqual(['D03 3']);
});
