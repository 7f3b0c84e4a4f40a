import { describe, expect, test } from 'vitest';
import { ImageError } from '../erofs/image-error.ts';
import { compareTrees, type TreeDiff } from '../tree/diff/compare-trees.ts';
import { pathOfRow } from '../tree/diff/summary.ts';
import { validImages } from '../testing/images.ts';
import { Random } from '../testing/random.ts';
import { backed, char, dir, fifo, file, imageOf, symlink, type Node } from '../testing/table-of.ts';
import type { FormatVersion } from './writer/format-rules.ts';
import { writeImage } from './writer/write-image.ts';
import { openImage, openPart, unequalParts } from './open-image.ts';

/** Every difference in a line: path, bits, where it was. */
function differences(diff: TreeDiff): readonly string[] {
  return [...diff.differing].map((row) => {
    const partner = diff.partner.get(row);
    const from = partner === undefined ? '' : ` ${pathOfRow(diff, partner)}`;
    return `${pathOfRow(diff, row)} ${(diff.changes[row] ?? 0).toString(16)}${from}`;
  });
}

/** The same comparison, of whole trees and of what is left of them. @returns rows that were left; undefined: all */
function compareBoth(a: Uint8Array, b: Uint8Array, label: string): number | undefined {
  const whole = compareTrees(openImage(a), openImage(b));
  const parts = unequalParts(a, b);
  if (parts === undefined) return undefined;
  const left = compareTrees(openPart(a, parts.a), openPart(b, parts.b));
  expect(differences(left), label).toEqual(differences(whole));
  return left.count;
}

const write = (node: Node, version: FormatVersion): Uint8Array =>
  writeImage(imageOf(node), { minVersion: version, maxVersion: version });

/** A tree of sound entries whose link counts are right; `groups` are inodes that get further names. */
function randomNode(random: Random, depth: number): Node {
  const attributes = {
    uid: random.pick([0, 0, 0, 1000, 70_000]),
    mtime: random.pick([1_700_000_000, 1_700_000_001, 2 ** 33]),
    nsec: random.pick([0, 0, 5]),
    xattrs: random.pick([
      {},
      { 'security.selinux': 'lib_t\\x00' },
      { 'user.note': 'x' },
      { 'user.long': 'y'.repeat(300) },
    ]),
  };
  if (depth > 0) {
    const count = random.pick([0, 3, 8, 8, 20, depth === 3 ? 300 : 1]);
    const names = Array.from({ length: count }, (_, index) => `${random.pick(['a', 'lib', '.', '-', 'x'])}${index}`);
    return dir(
      names.map((name) => [name, randomNode(random, random.chance(0.4) ? depth - 1 : 0)] as const),
      attributes,
    );
  }
  switch (random.int(8)) {
    case 0:
      return symlink(random.pick(['../lib', 'a b', 'z'.repeat(1000)]), attributes);
    case 1:
      return random.pick([char(0, attributes), char(0x103, attributes), fifo(attributes)]);
    case 2:
      return file({ ...attributes, content: random.pick(['', 'x', 'hello world', 'w'.repeat(400)]) });
    default:
      return backed(random.int(60), random.pick([1, 4096, 5_000_000, 2 ** 33]), attributes);
  }
}

/** The tree with a few of its nodes changed, removed, or in another place. */
function edited(node: Node, random: Random, chance: number): Node {
  if (node.children === undefined) {
    if (!random.chance(chance)) return node;
    return random.pick<() => Node>([
      () => ({ ...node, uid: 7 }),
      () => ({ ...node, mtime: 1_700_000_009 }),
      () => ({ ...node, xattrs: { ...node.xattrs, 'user.new': '1' } }),
      () => backed(random.int(60), 9999),
      () => symlink('elsewhere'),
      () => dir({ below: backed(3, 5), other: dir() }),
    ])();
  }
  const children = node.children.flatMap(([name, child]): (readonly [string, Node])[] => {
    if (random.chance(chance / 3)) return [];
    if (random.chance(chance / 3)) return [[`${name}-renamed`, child]];
    return [[name, edited(child, random, chance)]];
  });
  if (random.chance(chance)) children.push(['added', backed(random.int(60), 77)]);
  return dir(children, random.chance(chance / 2) ? { ...node, mode: 0o700 } : node);
}

/** Some of the files become names of a few inodes, as many as say so. */
function linked(node: Node, random: Random, groups: number): Node {
  const inodes = Array.from({ length: groups }, (_, index) => backed(500 + index, 123, { inode: 10_000 + index }));
  const counts = new Map<Node, number>();
  const choose = (at: Node): Node => {
    if (at.children !== undefined)
      return { ...at, children: at.children.map(([name, child]) => [name, choose(child)]) };
    if (groups === 0 || !random.chance(0.1)) return at;
    const inode = random.pick(inodes);
    counts.set(inode, (counts.get(inode) ?? 0) + 1);
    return inode;
  };
  const count = (at: Node): Node => {
    if (at.children !== undefined) return { ...at, children: at.children.map(([name, child]) => [name, count(child)]) };
    const nlink = counts.get(at);
    return nlink === undefined ? at : { ...at, nlink };
  };
  return count(choose(node));
}

const link = (inode: number, nlink: number): Node => backed(5, 50, { inode, nlink });

describe('what is left of two images has all their differences', () => {
  test.each([0, 1, 2] as const)('of random trees in format %i', (version) => {
    let rows = 0;
    let left = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = new Random(seed * 31 + version);
      const tree = randomNode(random, 3);
      if (tree.children === undefined) continue;
      const sameLinks = random.int(1000);
      const groups = random.pick([0, 2, 6]);
      const other = edited(tree, random, random.pick([0, 0.01, 0.1]));
      const a = write(linked(tree, new Random(sameLinks), groups), version);
      const b = write(linked(other, new Random(random.pick([sameLinks, 7])), groups), version);
      const count = compareBoth(a, b, `format ${version}, seed ${seed}`);
      expect(count, `seed ${seed}`).toBeDefined();
      rows += openImage(a).table.count;
      left += count ?? 0;
    }
    // else nothing was left out, and the test says nothing
    expect(left).toBeGreaterThan(100);
    expect(left).toBeLessThan(rows / 2);
  });

  test('equal trees leave the root alone, whatever lies where', () => {
    const tree = dir({ one: backed(1, 10), folder: dir({ two: backed(2, 20), link: symlink('one') }) });
    const a = write(tree, 1);
    expect(compareBoth(a, a, 'itself')).toBe(1);
    // another inode order: what is in front of it moves all that follows
    const b = write(dir({ ...Object.fromEntries(tree.children ?? []), aaa: dir({ x: backed(9, 9) }) }), 1);
    expect(compareBoth(a, b, 'one more')).toBe(3);
  });

  test('names of one inode are left out where they are the same names', () => {
    const together = dir({ a: link(1, 2), b: link(1, 2), c: link(2, 2), d: link(2, 2) });
    const apart = dir({ a: link(1, 2), b: link(2, 2), c: link(1, 2), d: link(2, 2) });
    const renumbered = dir({ a: link(8, 2), b: link(8, 2), c: link(7, 2), d: link(7, 2) });
    const three = dir({ a: link(1, 3), b: link(1, 3), c: link(1, 3), d: backed(5, 50) });
    expect(compareBoth(write(together, 0), write(renumbered, 0), 'renumbered')).toBe(1);
    expect(compareBoth(write(together, 0), write(apart, 0), 'apart')).toBe(5);
    expect(compareBoth(write(together, 0), write(three, 0), 'three')).toBe(5);
    expect(compareBoth(write(three, 0), write(together, 0), 'two')).toBe(5);
  });

  test('the same bytes in another format are not the same', () => {
    const tree = dir({ one: backed(1, 10) });
    expect(unequalParts(write(tree, 0), write(tree, 1))).toBeUndefined();
    expect(unequalParts(write(tree, 0), new Uint8Array(5000))).toBeUndefined();
  });

  test('link counts that say too little are left to the whole walk', () => {
    const tree = dir({ a: backed(1, 10, { inode: 1 }), b: backed(1, 10, { inode: 1 }) });
    expect(compareBoth(write(tree, 0), write(tree, 0), 'nlink 1')).toBeUndefined();
  });
});

describe('images that are wounded', () => {
  test.each([...validImages()])('%s: nothing that differs is lost, and it comes to an end', (name, valid) => {
    let told = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = new Random(seed);
      const bytes = valid.slice();
      for (let wounds = random.int(4); wounds >= 0; wounds -= 1) {
        const at = 1024 + random.int(bytes.length - 1024);
        bytes[at] = random.pick([0, 0xff, (bytes[at] ?? 0) ^ (1 << random.int(8))]);
      }
      try {
        openImage(bytes);
      } catch (error) {
        if (error instanceof ImageError) continue;
        throw error;
      }
      for (const [a, b] of [
        [valid, bytes],
        [bytes, valid],
        [bytes, bytes],
      ] as const) {
        if (compareBoth(a, b, `${name}, seed ${seed}`) !== undefined) told += 1;
      }
    }
    expect(told).toBeGreaterThan(10);
  });
});
