import { expect, test } from 'vitest';
import { char, file, type Node } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release } from '../testing/pairs.ts';

test('a device that became a whiteout', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/dev/sda', ({ mtime = 0 }) => char(0, { mtime })),
    ),
  ).toEqual(['D40 1']);
});

const sda = (change: (node: Node) => Node): Node => nodeAt(release, '/dev/sda', change);

test('an empty file, and a whiteout, in place of a device', () => {
  const empty = sda(({ mtime = 0 }) => file({ mtime }));
  expect(causesOf(release, empty)).toEqual(['D40 1']);
  expect(explainTrees(release, empty).causes).toMatchObject([
    { confidence: 'strong', sentence: '1 device of one side is a whiteout or an empty file on the other.' },
  ]);
  const gone = sda(({ mtime = 0 }) => char(0, { mtime }));
  const both = nodeAt(gone, '/dev/console', ({ xattrs = {}, mtime = 0 }) => char(0, { xattrs, mtime }));
  expect(causesOf(release, both)).toEqual(['D40 2']);
  expect(explainTrees(release, both).causes[0]?.sentence).toBe(
    '2 devices of one side are whiteouts or empty files on the other.',
  );
});

test('another number, as of one that was cut to 32 bits: it may be another device', () => {
  const renumbered = sda((node) => ({ ...node, rdev: 0x8000_0800 }));
  expect(causesOf(release, renumbered)).toEqual(['D40 1']);
  expect(explainTrees(release, renumbered).causes).toMatchObject([
    { confidence: 'possible', attributes: ['rdev'], sentence: '1 device has another number.' },
  ]);
  const both = nodeAt(renumbered, '/dev/console', (node) => ({ ...node, rdev: 0x502 }));
  expect(explainTrees(release, both).causes[0]?.sentence).toBe('2 devices have other numbers.');
});

test('both at once', () => {
  const renumbered = sda((node) => ({ ...node, rdev: 5 }));
  const b = nodeAt(renumbered, '/dev/console', ({ xattrs = {}, mtime = 0 }) => file({ xattrs, mtime }));
  expect(explainTrees(release, b).causes).toMatchObject([
    {
      id: 'D40',
      count: 2,
      confidence: 'strong',
      sentence: '1 device of one side is a whiteout or an empty file on the other; 1 device has another number.',
    },
  ]);
});

test('not a file with content, another kind of device, or what was a file before', () => {
  expect(
    causesOf(
      release,
      sda(({ mtime = 0 }) => file({ mtime, content: 'x' })),
    ),
  ).not.toContain('D40 1');
  expect(
    causesOf(
      release,
      sda(({ mtime = 0 }) => char(0x800, { mtime })),
    ),
  ).not.toContain('D40 1');
  expect(
    causesOf(
      release,
      nodeAt(release, '/etc/motd', () => char(0)),
    ),
  ).toEqual(['unexplained 1']);
});

test('the owner of it is another matter', () => {
  const b = sda(({ mtime = 0 }) => char(0, { mtime, uid: 6 }));
  expect(causesOf(release, b)).toEqual(['D40 1', 'unexplained 1']);
});

test('permissions go with a device that is gone, not with one of another number', () => {
  expect(
    causesOf(
      release,
      sda(({ mtime = 0 }) => file({ mtime, mode: 0o600 })),
    ),
  ).toEqual(['D40 1']);
  expect(
    causesOf(
      release,
      sda((node) => ({ ...node, rdev: 5, mode: 0o600 })),
    ),
  ).toEqual(['D40 1', 'unexplained 1']);
});
