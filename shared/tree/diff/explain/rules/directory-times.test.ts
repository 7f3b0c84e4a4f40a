import { expect, test } from 'vitest';
import { backed, dir, file, imageOf, type Node } from '../../../../testing/table-of.ts';
import { S_IFDIR } from '../../../table.ts';
import { causesOf, everyNode, explainImages, explainTrees, nodeAt, release } from '../testing/pairs.ts';

/** Directories that no entry of a tar names, unpacked at one time. */
const unpacked = (tree: Node, now: number): Node =>
  everyNode(tree, (node, path) =>
    node.type === S_IFDIR && ['/', '/usr', '/usr/bin', '/etc'].includes(path) ? { ...node, mtime: now, nsec: 5 } : node,
  );

test('parents that no layer names have the time of unpacking', () => {
  expect(causesOf(release, unpacked(release, 1_700_000_000))).toEqual(['D03 4']);
  const [cause] = explainTrees(release, unpacked(release, 1_700_000_000)).causes;
  expect(cause?.sentence).toContain('4 of 10 directories differ only in mtime; all of them are parents of something');
  expect(cause?.sentence).toContain('in B they lie within an hour and after nearly all files');
  expect(cause).toMatchObject({ confidence: 'strong', attributes: ['mtime'] });
});

test('where a side says which directories it made, they are named so', () => {
  const a = imageOf(release);
  const b = imageOf(unpacked(release, 0));
  const made = Object.assign(b, { madeRows: new Set(Array.from({ length: b.table.count }, (_, row) => row)) });
  const [cause] = explainImages(a, made).causes;
  expect(cause?.sentence).toContain('all of them are parents that no tar entry of B names: implicit parents');
});

test('files with other times are no sign of it, nor is the root alone', () => {
  const touched = everyNode(release, (node) =>
    node.type === S_IFDIR ? node : { ...node, mtime: (node.mtime ?? 0) + 7 },
  );
  expect(causesOf(release, touched)[0]).toMatch(/^unexplained/);
  expect(
    causesOf(
      release,
      nodeAt(release, '/', (node) => ({ ...node, mtime: 1 })),
    ),
  ).toEqual(['unexplained 1']);
});

test('not a directory in which a name came: that sets its time', () => {
  const b = nodeAt(release, '/etc', (node) => ({
    ...node,
    mtime: 900,
    children: [['added', backed(9, 900)], ...(node.children ?? [])],
  }));
  expect(causesOf(release, b)).toEqual(['unexplained 2']);
});

test('files of other content have other times by themselves', () => {
  const b = nodeAt(unpacked(release, 1_700_000_000), '/etc/motd', (node) => ({ ...node, content: 'new', mtime: 5 }));
  expect(causesOf(release, b)).toEqual(['D03 4', 'unexplained 1']);
});

test('times of 0, as a rechunker makes them', () => {
  const b = everyNode(release, (node) => (node.type === S_IFDIR ? { ...node, mtime: 0, nsec: 0 } : node));
  expect(causesOf(release, b)).toEqual(['D03 10']);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe(
    '10 of 10 directories differ only in mtime; 9 of them are parents of something; in B all of these times are 0, as where layers or a rechunker have none for directories.',
  );
});

test('a directory that lost a name has the time of unpacking as the others have', () => {
  const b = nodeAt(unpacked(release, 1_700_000_000), '/etc/motd', () => undefined);
  expect(causesOf(release, b)).toEqual(['D03 4', 'unexplained 1']);
});

test('not where packages were upgraded: a file that is replaced sets the time of its directory', () => {
  const upgraded = everyNode(release, (node, path) => {
    if (path === '/usr/lib/libc' || path === '/usr/bin/ping') return backed(path.length, 7777, { ...node, mtime: 900 });
    return path === '/usr/lib' || path === '/usr/bin' ? { ...node, mtime: 901 } : node;
  });
  expect(causesOf(release, upgraded)).toEqual(['unexplained 4']);
});

test('not the times of one another’s files', () => {
  const few = everyNode(unpacked(release, 1_700_000_000), (node, path) =>
    path.startsWith('/usr/bin/') ? { ...node, mtime: 3 } : node,
  );
  expect(causesOf(release, few)).toEqual(['unexplained 8']);
});

test('nanoseconds in all of them come from reading a directory', () => {
  expect(explainTrees(release, unpacked(release, 1_700_000_000)).causes[0]?.sentence).toMatch(
    /; B has nanoseconds in all of them: a directory was read there\.$/,
  );
  const [cause] = explainTrees(
    release,
    nodeAt(release, '/usr/lib', (node) => ({ ...node, mtime: 5, nsec: 7 })),
  ).causes;
  expect(cause?.sentence).toBe(
    '1 of 10 directories differs only in mtime; it is a parent of something, as implicit parents are; B has nanoseconds in it: a directory was read there.',
  );
});

/** Directories with a time each; files that are older than any. */
const tree = dir(
  Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`d${n}`, dir({ f: file({ mtime: 1000 + n }) }, { mtime: 2000 + n * 500 })]),
  ),
  { mtime: 1 },
);
const at = (root: Node, now: number, step: number): Node =>
  everyNode(root, (node, path) =>
    node.type === S_IFDIR && path !== '/' ? { ...node, mtime: now + Number(path.slice(2)) * step } : node,
  );

test('the sign of unpacking: within an hour, and after nearly all files', () => {
  const sentence = (b: Node): string | undefined => explainTrees(tree, b).causes[0]?.sentence;
  expect(sentence(at(tree, 9000, 10))).toContain('in B they lie within an hour and after nearly all files');
  // longer than an hour
  expect(sentence(at(tree, 9000, 200))).not.toContain('within an hour');
  // one of 30 files is later, and two are
  const late = (number: number): Node =>
    everyNode(at(tree, 9000, 10), (node, path) =>
      node.type !== S_IFDIR && Number(path.slice(2, -2)) < number ? { ...node, content: 'new', mtime: 10_000 } : node,
    );
  expect(sentence(late(1))).toContain('within an hour');
  expect(sentence(late(2))).not.toContain('within an hour');
});

test('without a file there is no such sign', () => {
  const bare = everyNode(tree, (node) => (node.type === S_IFDIR ? node : undefined));
  expect(explainTrees(bare, at(bare, 9000, 10)).causes[0]?.sentence).toBe(
    '30 of 31 directories differ only in mtime; 0 of them are parents of something.',
  );
});
