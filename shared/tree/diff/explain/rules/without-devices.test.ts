import { expect, test } from 'vitest';
import { char, dir } from '../../../../testing/table-of.ts';
import { S_IFBLK, S_IFCHR, S_IFSOCK } from '../../../table.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

test('devices left out', () => {
  const b = everyNode(release, (node) => ([S_IFCHR, S_IFBLK].includes(node.type) ? undefined : node));
  expect(causesOf(release, b)).toEqual(['D29 2']);
  expect(explainTrees(release, b).causes).toMatchObject([
    { confidence: 'strong', sentence: 'B has no device at all; 2 devices of the other side are missing.' },
  ]);
});

test('whiteouts are devices, too', () => {
  const marked = nodeAt(release, '/etc', (node) => dir([...(node.children ?? []), ['gone', char(0)]], node));
  const b = everyNode(release, (node) => ([S_IFCHR, S_IFBLK].includes(node.type) ? undefined : node));
  expect(causesOf(marked, b)).toEqual(['D29 3']);
});

test('not where one of two is gone', () => {
  const b = nodeAt(release, '/dev/sda', () => undefined);
  expect(causesOf(release, b).filter((cause) => cause.startsWith('D29'))).toEqual([]);
});

test('not where all of their directory is gone', () => {
  const b = nodeAt(release, '/dev', () => undefined);
  expect(causesOf(release, b).filter((cause) => cause.startsWith('D29'))).toEqual([]);
  const nothing = dir({}, { mtime: 200 });
  expect(causesOf(release, nothing).filter((cause) => /^D29|^D36/.test(cause))).toEqual([]);
});

test('sockets left out, as a tar has none', () => {
  const b = everyNode(release, (node) => (node.type === S_IFSOCK ? undefined : node));
  expect(causesOf(release, b)).toEqual(['D36 1']);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe(
    'B has no socket at all; 1 socket of the other side is missing.',
  );
});

test('not where one of two sockets is gone', () => {
  const socket = release.children?.find(([name]) => name === 'var')?.[1].children?.[0]?.[1] ?? release;
  const a = nodeAt(release, '/run', (node) => dir([...(node.children ?? []), ['more', socket]], node));
  expect(
    causesOf(
      a,
      nodeAt(a, '/var/socket', () => undefined),
    ),
  ).toEqual(['unexplained 1']);
});

test('a device of the root', () => {
  const a = dir({ null: char(0x103), x: dir() });
  expect(causesOf(a, dir({ x: dir() }))).toEqual(['D29 1']);
});
