import { describe, expect, test } from 'vitest';
import { randomTree } from '../../testing/random-tree.ts';
import { Random } from '../../testing/random.ts';
import { backed, block, char, dir, fifo, file, imageOf, symlink, type Node } from '../../testing/table-of.ts';
import type { Image } from '../image.ts';
import { pathOf } from '../path.ts';
import { Flag } from '../table.ts';
import { attributesOf, Change, ONE_SIDED } from './change.ts';
import { compareTrees, type TreeDiff } from './compare-trees.ts';
import { pathOfRow, statusOf } from './summary.ts';

const seenOf = (diff: TreeDiff) => ({ changes: diff.changes, differing: diff.differing, ignored: 0 });

/** `path: status attributes`, in order. */
function said(a: Node, b: Node): readonly string[] {
  const diff = compareTrees(imageOf(a), imageOf(b));
  return [...diff.differing].map((row) =>
    [`${pathOfRow(diff, row)}:`, statusOf(diff, seenOf(diff), row), ...attributesOf(diff.changes[row] ?? 0)].join(' '),
  );
}

const digest = '5'.repeat(64);
const base: Record<string, Node> = {
  file: backed(1, 100, { xattrs: { 'user.a': '1' } }),
  small: file({ content: 'hello' }),
  link: symlink('there'),
  device: char(0x103),
  folder: dir({ one: backed(2, 10), two: backed(3, 20) }),
};

describe('one attribute changed gives that one difference', () => {
  const cases: readonly (readonly [string, string, Node, string])[] = [
    ['the type', 'link', fifo({ mode: 0o777 }), '/link: changed type'],
    ['the mode', 'file', backed(1, 100, { mode: 0o4755, xattrs: { 'user.a': '1' } }), '/file: changed mode'],
    ['the owner', 'small', file({ content: 'hello', uid: 5 }), '/small: changed uid'],
    ['the group', 'small', file({ content: 'hello', gid: 5 }), '/small: changed gid'],
    ['seconds', 'small', file({ content: 'hello', mtime: 5 }), '/small: changed mtime'],
    ['nanoseconds', 'small', file({ content: 'hello', nsec: 5 }), '/small: changed mtime'],
    ['the link count', 'small', file({ content: 'hello', nlink: 5 }), '/small: changed nlink'],
    ['the device number', 'device', char(0x104), '/device: changed rdev'],
    ['character to block', 'device', block(0x103), '/device: changed type'],
    ['the size', 'file', backed(1, 101, { xattrs: { 'user.a': '1' } }), '/file: changed size'],
    ['the target', 'link', symlink('where'), '/link: changed target'],
    ['the target, and so its length', 'link', symlink('elsewhere'), '/link: changed target'],
    ['bytes in the image', 'small', file({ content: 'hallo' }), '/small: changed content'],
    ['the object', 'file', backed(9, 100, { xattrs: { 'user.a': '1' } }), '/file: changed digest'],
    [
      'the redirect alone',
      'file',
      backed(1, 100, { redirect: 'elsewhere', xattrs: { 'user.a': '1' } }),
      '/file: changed redirect',
    ],
    ['the digest alone', 'file', backed(1, 100, { digest, xattrs: { 'user.a': '1' } }), '/file: changed digest'],
    ['the value of an xattr', 'file', backed(1, 100, { xattrs: { 'user.a': '2' } }), '/file: changed xattrs'],
    ['an xattr less', 'file', backed(1, 100), '/file: changed xattrs'],
    [
      'a label more',
      'file',
      backed(1, 100, { xattrs: { 'user.a': '1', 'security.selinux': 't' } }),
      '/file: changed selinux',
    ],
    [
      "overlay's own, escaped",
      'file',
      backed(1, 100, { xattrs: { 'user.a': '1', 'trusted.overlay.overlay.opaque': 'y' } }),
      '/file: changed overlay',
    ],
    [
      'an attribute of a directory',
      'folder',
      dir({ one: backed(2, 10), two: backed(3, 20) }, { mode: 0o700 }),
      '/folder: changed mode',
    ],
  ];
  test.each(cases)('%s', (_, name, node, expected) => {
    expect(said(dir(base), dir({ ...base, [name]: node }))).toEqual([expected]);
    expect(said(dir({ ...base, [name]: node }), dir(base))).toEqual([expected]);
  });

  test('nothing, where nothing differs but inode numbers', () => {
    expect(said(dir(base), dir({ ...base, small: file({ content: 'hello', inode: 7 }) }))).toEqual([]);
  });

  test('how an image stores things is no difference of the tree', () => {
    const a = dir({ gone: char(0, { mode: 0o600 }) }, { xattrs: {} });
    const b = dir(
      { gone: file({ mode: 0o600, flags: Flag.escapedWhiteout, xattrs: { 'trusted.overlay.overlay.whiteout': '' } }) },
      { xattrs: { 'trusted.overlay.opaque': 'y', 'trusted.overlay.overlay.opaque': 'x', 'user.overlay.opaque': 'x' } },
    );
    expect(said(a, b)).toEqual([]);
  });
});

const tree = (mode: number): Node => dir({ x: backed(1, 9), y: dir({ z: file({ content: 'zz' }) }) }, { mode });

describe('names that are on one side', () => {
  test('are added or removed, with all below them', () => {
    const { folder, ...rest } = base;
    expect(said(dir(rest), dir(base))).toEqual(['/folder: added', '/folder/one: added', '/folder/two: added']);
    expect(said(dir(base), dir(rest))).toEqual(['/folder: removed', '/folder/one: removed', '/folder/two: removed']);
    expect(folder).toBeDefined();
  });

  test('a directory in place of a file', () => {
    expect(said(dir({ x: fifo({ mode: 0o755 }) }), dir({ x: dir({ y: fifo() }) }))).toEqual([
      '/x: changed type',
      '/x/y: added',
    ]);
  });

  test('a file under another name in its directory was renamed', () => {
    expect(said(dir({ a: backed(1, 9), z: fifo() }), dir({ b: backed(1, 9), z: fifo() }))).toEqual([
      '/a: renamed',
      '/b: renamed',
    ]);
  });

  test('a directory with the same content was moved, whatever its own attributes', () => {
    expect(said(dir({ a: dir({ d: tree(0o755) }), b: dir() }), dir({ a: dir(), b: dir({ d: tree(0o700) }) }))).toEqual([
      '/a/d: moved mode',
      '/a/d/x: moved',
      '/a/d/y: moved',
      '/a/d/y/z: moved',
      '/b/d: moved mode',
      '/b/d/x: moved',
      '/b/d/y: moved',
      '/b/d/y/z: moved',
    ]);
  });

  test('empty files move nowhere', () => {
    expect(said(dir({ a: file() }), dir({ b: file() }))).toEqual(['/a: removed', '/b: added']);
  });

  test('of several with the same content the one with the same name', () => {
    const a = dir({ p: dir({ x: backed(1, 9), y: backed(1, 9) }), q: dir() });
    const b = dir({ p: dir(), q: dir({ x: backed(1, 9), y: backed(1, 9) }) });
    const diff = compareTrees(imageOf(a), imageOf(b));
    const pairs = [...diff.partner].map(([row, other]) => `${pathOfRow(diff, row)} ${pathOfRow(diff, other)}`);
    expect(pairs.filter((pair) => pair.startsWith('/p'))).toEqual(['/p/x /q/x', '/p/y /q/y']);
  });
});

const linked = (inode?: number): Node => file({ content: 'x', nlink: 2, ...(inode !== undefined && { inode }) });

describe('hard links', () => {
  test('other names together are a difference of both; numbers are none', () => {
    const a = dir({ a: linked(1), b: linked(1), c: linked(2), d: linked(2) });
    const b = dir({ a: linked(9), b: linked(9), c: linked(8), d: linked(8) });
    const c = dir({ a: linked(1), b: linked(2), c: linked(1), d: linked(2) });
    expect(said(a, b)).toEqual([]);
    expect(said(a, c)).toEqual(['/a: changed links', '/b: changed links', '/c: changed links', '/d: changed links']);
  });

  test('a lost link: the count follows and is not told apart', () => {
    const a = dir({ a: linked(1), b: linked(1) });
    const b = dir({ a: file({ content: 'x' }), b: file({ content: 'x' }) });
    expect(said(a, b)).toEqual(['/a: changed links', '/b: changed links']);
    expect(said(b, a)).toEqual(['/a: changed links', '/b: changed links']);
  });

  test('a group that moved with its directory is the same group', () => {
    const group = dir({ x: linked(1), y: linked(1) });
    expect(said(dir({ a: group }), dir({ b: group })).every((line) => !line.includes('links'))).toBe(true);
  });
});

/** Entries by path, stubs left out; a path that is there twice has a number. */
function entriesByPath(image: Image): Map<string, number> {
  const found = new Map<string, number>();
  for (let entry = 0; entry < image.table.count; entry += 1) {
    if (((image.table.flags[entry] ?? 0) & Flag.stub) !== 0) continue;
    found.set(pathOf(image.table, entry), entry);
  }
  return found;
}

const hasTwice = (image: Image): boolean => {
  const stubs = [...image.table.flags.subarray(0, image.table.count)].filter((bits) => (bits & Flag.stub) !== 0).length;
  return entriesByPath(image).size + stubs !== image.table.count;
};

/** Bits as they are from the other side. */
const mirror = (bits: number): number =>
  (bits & ~ONE_SIDED) |
  ((bits & Change.added) === 0 ? 0 : Change.removed) |
  ((bits & Change.removed) === 0 ? 0 : Change.added);

test('random trees: as a map of paths says, and mirrored the other way around', () => {
  let compared = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const a = randomTree(random, 60);
    // another tree, or one made by the same draws but for its end
    const b = seed % 2 === 0 ? randomTree(random, 60) : randomTree(new Random(seed), 40 + (seed % 20));
    if (hasTwice(a) || hasTwice(b)) continue;
    compared += 1;
    const diff = compareTrees(a, b);
    const [inA, inB] = [entriesByPath(a), entriesByPath(b)];
    const paths = new Set<string>();
    for (let row = 0; row < diff.count; row += 1) {
      const path = pathOfRow(diff, row);
      paths.add(path);
      const [entryA, entryB] = [inA.get(path) ?? -1, inB.get(path) ?? -1];
      expect([diff.rowA[row], diff.rowB[row]], `${seed} ${path}`).toEqual([entryA, entryB]);
      const bits = diff.changes[row] ?? 0;
      expect((bits & ONE_SIDED) === Change.removed, path).toBe(entryB < 0);
      expect((bits & ONE_SIDED) === Change.added, path).toBe(entryA < 0);
      if (entryA < 0 || entryB < 0) continue;
      const same = (column: 'uid' | 'gid' | 'mtime' | 'mtimeNsec'): boolean =>
        a.table[column][entryA] === b.table[column][entryB];
      expect((bits & Change.uid) === 0, path).toBe(same('uid'));
      expect((bits & Change.gid) === 0, path).toBe(same('gid'));
      expect((bits & Change.mtime) === 0, path).toBe(same('mtime') && same('mtimeNsec'));
    }
    expect(paths.size).toBe(diff.count);
    expect(paths).toEqual(new Set([...inA.keys(), ...inB.keys()]));
    const back = compareTrees(b, a);
    const byPath = new Map(
      Array.from({ length: back.count }, (_, row) => [pathOfRow(back, row), back.changes[row] ?? 0]),
    );
    const pairedAlike = diff.partner.size === back.partner.size;
    expect(pairedAlike, `${seed}`).toBe(true);
    if (diff.partner.size > 0) continue; // of several with one content, another may be the first from there
    for (let row = 0; row < diff.count; row += 1) {
      expect(byPath.get(pathOfRow(diff, row)), `${seed} ${pathOfRow(diff, row)}`).toBe(mirror(diff.changes[row] ?? 0));
    }
    expect(compareTrees(a, a).differing).toHaveLength(0);
  }
  expect(compared).toBeGreaterThan(100);
});
