import { expect, test } from 'vitest';
import { backed, dir, file, symlink, type Node } from '../../../../testing/table-of.ts';
import { S_IFDIR } from '../../../table.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const clamp = everyNode(release, (node) => ((node.mtime ?? 0) >= 161 ? { ...node, mtime: 161, nsec: 0 } : node));

test('times clamped by the builder', () => {
  expect(causesOf(release, clamp)).toEqual(['D35 9']);
  expect(explainTrees(release, clamp).causes[0]?.title).toBe('Times were clamped');
});

test('not where one is later', () => {
  const b = nodeAt(clamp, '/usr/bin/sh', (node) => ({ ...node, mtime: 500 }));
  expect(causesOf(release, b)).toEqual(['D05 1', 'unexplained 8']);
});

const whole = (tree: Node): Node => everyNode(tree, (node) => ({ ...node, nsec: 0 }));

test('clamped, and packed without nanoseconds: both are named', () => {
  const a = everyNode(release, (node) => ({ ...node, nsec: (node.mtime ?? 0) < 161 ? 600_000_000 : (node.nsec ?? 0) }));
  expect(causesOf(a, whole(clamp))).toEqual(['D05 12', 'D35 9']);
  const rounded = everyNode(whole(clamp), ({ mtime = 0, ...node }) => ({
    ...node,
    mtime: mtime < 161 ? mtime + 1 : mtime,
  }));
  expect(causesOf(a, rounded)).toEqual(['D05 12', 'D35 9']);
});

test('directories that were made anew behind it are another cause', () => {
  const files = everyNode(release, (node, path) =>
    path === '/usr/bin'
      ? dir(
          [
            ...(node.children ?? []),
            ...Array.from({ length: 9 }, (_, n) => [`f${n}`, file({ mtime: 300 + n })] as const),
          ],
          node,
        )
      : node,
  );
  const b = everyNode(files, (node) => {
    if (node.type === S_IFDIR) return (node.mtime ?? 0) < 171 ? node : { ...node, mtime: 5000, nsec: 0 };
    return (node.mtime ?? 0) >= 161 ? { ...node, mtime: 161, nsec: 0 } : node;
  });
  expect(causesOf(files, b)).toEqual(['D35 13', 'D03 4']);
});

test('a file that was changed behind it is later by that', () => {
  const b = nodeAt(clamp, '/etc/motd', (node) => ({ ...node, content: 'new', mtime: 900 }));
  expect(causesOf(release, b)).toEqual(['D35 9', 'unexplained 1']);
});

test('not where it is one file, or only directories', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/var/socket', (node) => ({ ...node, mtime: 170 })),
    ),
  ).toEqual(['unexplained 1']);
  const folders = everyNode(release, (node) =>
    node.type === S_IFDIR && (node.mtime ?? 0) > 160 ? { ...node, mtime: 160, nsec: 0 } : node,
  );
  expect(causesOf(release, folders).filter((cause) => cause.startsWith('D35'))).toEqual([]);
});

/** Files enough for a few of them to be something else. */
const many = dir(
  Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, backed(n + 1, 100, { mtime: 200 + n })])),
  { mtime: 10 },
);
const clampedBut = (root: Node, others: number, change: (node: Node) => Node | undefined): Node =>
  everyNode(root, (node, path) => {
    const number = Number(path.slice(2));
    if (node.type === S_IFDIR) return node;
    return number < others ? change(node) : { ...node, mtime: 100, nsec: 0 };
  });

const earlier = (node: Node): Node => ({ ...node, mtime: 50 });
const later = (node: Node): Node => ({ ...node, mtime: 900 });

test('most must be at the clamp, hardly any later', () => {
  expect(causesOf(many, clampedBut(many, 6, earlier))).toEqual(['D35 34', 'unexplained 6']);
  expect(explainTrees(many, clampedBut(many, 6, earlier)).causes).toMatchObject([{ confidence: 'likely' }, {}]);
  expect(causesOf(many, clampedBut(many, 12, earlier))).toEqual(['unexplained 40']);
  expect(causesOf(many, clampedBut(many, 1, later))).toEqual(['D35 39', 'unexplained 1']);
  expect(causesOf(many, clampedBut(many, 6, later))).toEqual(['unexplained 40']);
});

test.each<readonly [what: string, change: (node: Node) => Node]>([
  ['another digest', (node) => ({ ...node, digest: '9'.repeat(64) })],
  ['another size', (node) => ({ ...node, size: 101 })],
  ['other bytes', () => file({ content: 'x' })],
  ['another target', () => symlink('other')],
  ['another type', () => dir()],
])('what is another file now is later by that: %s', (what, change) => {
  const target = (node: Node): Node =>
    what === 'another target' ? symlink('x', { mtime: 200 }) : what === 'other bytes' ? file({ content: 'y' }) : node;
  const a = everyNode(many, (node, path) =>
    node.type !== S_IFDIR && Number(path.slice(2)) < 12 ? target(node) : node,
  );
  const b = clampedBut(a, 12, (node) => ({ ...change(node), mtime: 900 }));
  expect(causesOf(a, b)).toEqual(['D35 28', 'unexplained 12']);
});

test('files that were added behind it are later', () => {
  const b = dir(
    [
      ...(clampedBut(many, 0, (node) => node).children ?? []),
      ...'abcd'.split('').map((name) => [name, file({ mtime: 900 })] as const),
    ],
    { mtime: 10 },
  );
  expect(causesOf(many, b)).toEqual(['D35 40', 'unexplained 4']);
});

test('clamped, against a side that has dropped its nanoseconds', () => {
  const fine = everyNode(release, (node) => ({ ...node, nsec: 5 }));
  const b = everyNode(fine, (node) => ((node.mtime ?? 0) < 161 ? node : { ...node, mtime: 161, nsec: 0 }));
  expect(causesOf(whole(fine), b)).toEqual(['D05 12', 'D35 8']);
});
