import { expect, test } from 'vitest';
import { NO_NOISE, type CompareNoise } from '../../contract/compare-values.ts';
import { backed, dir, file, imageOf } from '../../testing/table-of.ts';
import { Change } from './change.ts';
import { compareTrees } from './compare-trees.ts';
import { isCounted, matchingRows, pairOf, withoutNoise, type Seen } from './noise.ts';
import { pathOfRow } from './summary.ts';

const xattrs = { 'user.a': '1', 'user.b': '2', 'security.selinux': 'x' };
const a = imageOf(
  dir({
    etc: dir({ motd: file({ content: 'a', mtime: 1, xattrs }) }),
    log: dir({ x: file({ mtime: 1 }) }),
    old: backed(1, 5000),
  }),
);
const b = imageOf(
  dir({
    etc: dir({ motd: file({ content: 'a', mtime: 2, uid: 5, xattrs: { 'user.a': '9', 'user.b': '8' } }) }),
    log: dir({ x: file({ mtime: 2 }), y: file() }),
    new: backed(1, 5000),
  }),
);
const diff = compareTrees(a, b);

function seenWith(noise: Partial<CompareNoise>): Seen {
  const seen = withoutNoise(diff, { ...NO_NOISE, ...noise });
  if ('fault' in seen) throw new Error(seen.fault.message);
  return seen;
}
const pathsOf = ({ differing }: Seen): readonly string[] => [...differing].map((row) => pathOfRow(diff, row));

test('without noise all differences are left, and none is ignored', () => {
  const seen = seenWith({});
  expect(pathsOf(seen)).toEqual(['/etc/motd', '/log/x', '/log/y', '/new', '/old']);
  expect(seen.ignored).toBe(0);
});

test('an attribute that is ignored hides the rows that differ in it alone', () => {
  const seen = seenWith({ attributes: ['mtime'] });
  expect(pathsOf(seen)).toEqual(['/etc/motd', '/log/y', '/new', '/old']);
  expect(seen.ignored).toBe(1);
  const [row = 0] = seen.differing;
  expect(seen.changes[row]).toBe(Change.uid | Change.selinux | Change.xattrs);
});

test('an xattr is ignored by its name, with a star for any letters; others of its kind still count', () => {
  const [row = 0] = diff.differing;
  expect((seenWith({ xattrs: ['user.a'] }).changes[row] ?? 0) & Change.xattrs).not.toBe(0);
  expect((seenWith({ xattrs: ['user.*'] }).changes[row] ?? 0) & Change.xattrs).toBe(0);
  // a dot is a dot
  expect((seenWith({ xattrs: ['user?*'] }).changes[row] ?? 0) & Change.xattrs).not.toBe(0);
});

test('a path is ignored with all below it', () => {
  expect(pathsOf(seenWith({ paths: 'name:log' }))).toEqual(['/etc/motd', '/new', '/old']);
});

test('a filter that is none is told, for noise and for rows', () => {
  expect(withoutNoise(diff, { ...NO_NOISE, paths: 'size:x' })).toHaveProperty('fault');
  expect(matchingRows(diff, 'size:x')).toHaveProperty('fault');
});

test('what was renamed is a pair at both places, and counts once, where it is now', () => {
  const rows = [...diff.differing].filter((row) => diff.partner.has(row));
  expect(rows.map((row) => pathOfRow(diff, row))).toEqual(['/new', '/old']);
  const [now = 0, before = 0] = rows;
  expect(pairOf(diff, now)).toEqual(pairOf(diff, before));
  expect(rows.map((row) => isCounted(diff.changes[row] ?? 0))).toEqual([true, false]);
});

test('what is on one side has no pair', () => {
  const row = [...diff.differing].find((one) => pathOfRow(diff, one) === '/log/y') ?? 0;
  expect(pairOf(diff, row)).toBeUndefined();
});
