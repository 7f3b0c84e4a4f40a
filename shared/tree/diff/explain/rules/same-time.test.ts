import { expect, test } from 'vitest';
import { dir, file } from '../../../../testing/table-of.ts';
import { S_IFDIR, S_IFSOCK } from '../../../table.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

test.each([0, 1])('all times %i', (mtime) => {
  const b = everyNode(release, (node) => ({ ...node, mtime, nsec: 0 }));
  expect(causesOf(release, b)).toEqual(['D35 21']);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain(`All times of B are ${mtime}`);
});

test('not where the seconds were one before, and the nanoseconds are gone', () => {
  const a = everyNode(release, (node) => ({ ...node, mtime: 7, nsec: 5 }));
  const b = everyNode(release, (node) => ({ ...node, mtime: 7, nsec: 0 }));
  expect(causesOf(a, b)).toEqual(['D05 21']);
});

/** With files enough that their times say something by themselves. */
const many = nodeAt(release, '/usr/lib', (node) =>
  dir(
    [...(node.children ?? []), ...Array.from({ length: 9 }, (_, n) => [`f${n}`, file({ mtime: 300 + n })] as const)],
    node,
  ),
);

test('directories that were made anew behind it are another cause', () => {
  const b = everyNode(many, (node, path) =>
    node.type === S_IFDIR && path.startsWith('/usr')
      ? { ...node, mtime: 5000, nsec: 3 }
      : { ...node, mtime: 0, nsec: 0 },
  );
  expect(causesOf(many, b)).toEqual(['D35 27', 'D03 3']);
  expect(explainTrees(many, b).causes[0]?.sentence).toContain('Nearly all times of B are 0');
});

test('not where a few files alone have one time', () => {
  const b = everyNode(release, (node) => (node.type === S_IFDIR ? node : { ...node, mtime: 7, nsec: 0 }));
  const few = everyNode(release, (node) => (node.type === S_IFSOCK || node.digest !== undefined ? undefined : node));
  const fewer = everyNode(few, (node) =>
    node.type === S_IFDIR ? node : { ...node, mtime: 7 + (node.rdev ?? 0), nsec: 0 },
  );
  expect(causesOf(release, b)).toEqual(['D35 11']);
  expect(causesOf(few, fewer).filter((cause) => cause.startsWith('D35'))).toEqual([]);
});

const allAt = (mtime: number) => everyNode(release, (node) => ({ ...node, mtime, nsec: 0 }));

test('both sides have one time, and other ones', () => {
  expect(causesOf(allAt(1), allAt(1_700_000_000))).toEqual(['D35 21']);
  expect(explainTrees(allAt(1), allAt(1_700_000_000)).causes[0]?.sentence).toBe(
    'All times of A are 1 (1970-01-01 00:00:01 UTC), all of B 1700000000 (2023-11-14 22:13:20 UTC).',
  );
});

test('a few that were changed behind it are left', () => {
  const b = everyNode(many, (node, path) => ({ ...node, mtime: path === '/etc/motd' ? 99 : 0, nsec: 0 }));
  expect(causesOf(many, b)).toEqual(['D35 29', 'unexplained 1']);
  expect(explainTrees(many, b).causes).toMatchObject([{ confidence: 'likely' }, {}]);
});

test('not where one package has most of the files: directories are older than it', () => {
  const a = everyNode(many, (node) => (node.type === S_IFDIR ? node : { ...node, mtime: 1000, nsec: 0 }));
  expect(causesOf(a, many)).toEqual(['unexplained 20']);
});
