import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { validImage } from '../../testing/images.ts';
import { backed, dir, file, imageOf, symlink } from '../../testing/table-of.ts';
import { Flag } from '../../tree/table.ts';
import { openDump } from '../dump-reader/dump-reader.ts';
import { openImage } from '../open-image.ts';
import { writeImage, type WriteOptions } from './write-image.ts';

const R = '/ 0 40755 2 0 0 0 0.0 - - -';
const D = 'ab'.repeat(32);
const P = `ab/${'ab'.repeat(31)}`;
const AUTO: WriteOptions = { minVersion: 0, maxVersion: 1 };
const V0: WriteOptions = { minVersion: 0, maxVersion: 0 };
const V1: WriteOptions = { minVersion: 1, maxVersion: 1 };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const written = (lines: readonly string[], options = AUTO): Uint8Array =>
  writeImage(openDump(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1')), options);

const folder = '/d 0 40755 2 0 0 0 0.0 - - -';
const whiteout = [R, folder, '/d/gone 0 20000 1 0 0 0 0.0 - - -', '/d/keep 2 100644 1 0 0 0 0.0 - hi -'];
const many = Array.from(
  { length: 120 },
  (_, n) => `/d/${'n'.repeat(24)}${String(n).padStart(3, '0')} 0 100644 1 0 0 0 0.0 - - -`,
);
const contents = (sizes: readonly (readonly [string, number])[]): string[] =>
  sizes.map(([name, size]) => `/d/${name} ${size} 100644 1 0 0 0 0.0 - ${name.repeat(size)} -`);
const targets = (sizes: readonly (readonly [string, number])[]): string[] =>
  sizes.map(([name, size]) => `/d/${name} ${size} 120777 1 0 0 0 0.0 ${'t'.repeat(size)} - -`);

/** SHA-256 of what mkcomposefs 1.0.8 writes. */
describe('writes what mkcomposefs 1.0.8 writes', () => {
  test.each([
    ['an empty tree', 'c3dc5b0fc4afb0693a95e017fe5815e1f88f204d485df617541b5ea659aefb8b', [R]],
    ['the same as format 1', '18e13c704e2aae7f84be9fda89fdc4c5001c184d279b90a93434e872e5e7c190', [R], V1],
    [
      'a file with a digest',
      '61743f4e24886c9719a3ba4030e984d4e3b1613b627549deb168b743e87a0c84',
      [R, `/f 5000 100644 1 0 0 0 0.0 ${P} - ${D}`],
    ],
    [
      'shared xattrs, labels of stubs',
      'd31a21e353d1807ff20cc8f9819c1fab95a992a7eace1389e974b5772e53994a',
      [
        `${R} security.selinux=r\\x00`,
        '/a 0 100644 1 0 0 0 0.0 - - - user.k=v',
        '/b 0 100644 1 0 0 0 0.0 - - - user.k=v user.z=1',
      ],
    ],
    [
      'escaped names, names without prefix',
      '41803d9989fb26d23ab502c68368fc74fe4d355dd04d80d4e9835ef8fe9eea32',
      [
        R,
        '/x 0 100644 1 0 0 0 0.0 - - - trusted.overlay.redirect=/foo user.overlay.redirect=/foo system.other=1 lustre.lov=2',
      ],
    ],
    ['a whiteout, format 0', '00b5884d45258fe972e8ae7e32950b54500cc092b9223ab42b26a9aa5964185c', whiteout, V0],
    [
      'a whiteout, which makes it format 1',
      '4b0b6860a728be1780f27dc466f3500379739ca6ae4a0387254bc80905776851',
      whiteout,
    ],
    [
      'a hard link',
      '85ae62c6757bdb3ef70d6324b4bf534318121ee29f77cc90df84aa71b9aeaf10',
      [R, '/a 3 100644 2 0 0 0 0.0 - abc -', folder, '/d/b 0 @100644 2 0 0 0 0.0 /a - -'],
    ],
    [
      'a directory of a block and more',
      'a2cd7db0f338488040b360aff60821c5525b040f991757ab64ab2f793ad9a2b7',
      [R, folder, ...many],
    ],
    [
      'contents at the edges of blocks',
      '9bc5bd63893033763bc381aeaaeaa1a4d79ec375bba9a670fdef79813549b703',
      [
        R,
        folder,
        ...contents([
          ['a', 2048],
          ['b', 2048],
          ['c', 2049],
          ['d', 4095],
          ['e', 4096],
          ['f', 4097],
          ['g', 5000],
        ]),
      ],
    ],
    [
      'targets at the edges of blocks',
      'f384e0ea889543f111352a13a38fa4567d710313dadc97346d8c87c3b403b88e',
      [
        R,
        folder,
        ...targets([
          ['a', 1000],
          ['b', 4000],
          ['c', 4064],
          ['d', 4095],
          ['e', 10],
        ]),
      ],
    ],
    [
      'ACLs',
      '1f658e1b462084c5169fb1d80ad5079d027589a99f36b9eb6065f3e4094d3edc',
      [`${R} system.posix_acl_default=x`, '/f 0 100644 1 0 0 0 0.0 - - - system.posix_acl_access=y'],
    ],
    [
      'names that stubs have',
      '3a9528f947ecbd8088addd64948648393da8688a5a9d3b06324ab74326789cba',
      [R, '/00 0 40755 2 0 0 0 0.0 - - -', '/7f 1 100644 1 0 0 0 0.0 - x -', '/ff 0 20000 1 0 0 0 0.0 - - -'],
    ],
    [
      'a chunk map that lies in a block',
      '7baf9d164d26640ea883045ef6c3cd74885d2bc23cf33d0c3aa7bb6e77385526',
      [R, '/big 9005000000000000 100644 1 0 0 0 0.0 x/y - -'],
    ],
  ] as const)('%s', (_, digest, lines, options: WriteOptions = AUTO) => {
    expect(sha256(written(lines, options))).toBe(digest);
  });

  test.each([
    ['everything-v0.cfs', V0],
    ['everything-v1.cfs', V1],
  ] as const)('%s, read and written again', (name, options) => {
    const image = validImage(name);
    expect(sha256(writeImage(openImage(image), options))).toBe(sha256(image));
  });
});

describe('where files are to be', () => {
  const image = imageOf(dir({ a: file({ content: 'aaaa' }), b: file({ size: 9 }), c: backed(1, 70) }));

  test('is what objectOf says, row by row, and else what the image has', () => {
    const asked: number[] = [];
    const bytes = writeImage(image, {
      ...AUTO,
      objectOf: (row) => {
        asked.push(row);
        if (row === 1) return { redirect: Buffer.from('x/y'), digest: undefined };
        return row === 2 ? { inline: Buffer.from('123456789') } : undefined;
      },
    });
    expect(asked).toEqual([1, 2, 3]);
    const opened = openImage(bytes);
    const rowOf = (letter: string): number =>
      opened.table.nameOffset.findIndex(
        (at, row) => row > 0 && opened.table.nameLength[row] === 1 && opened.table.bytes[at] === letter.charCodeAt(0),
      );
    expect(opened.content(rowOf('a'))).toMatchObject({
      kind: 'object',
      redirect: Uint8Array.from(Buffer.from('x/y')),
      digest: undefined,
    });
    expect(opened.content(rowOf('b'))).toMatchObject({ kind: 'inline' });
    expect(opened.content(rowOf('c'))).toMatchObject({ kind: 'object' });
    expect(opened.problems).toEqual([]);
  });

  test('must be said of files whose bytes are nowhere', () => {
    expect(() => writeImage(image, AUTO)).toThrow(/neither here nor in an object/);
  });

  test('is not the image, where they are many', () => {
    const large = imageOf(dir({ f: file({ content: 'x'.repeat(5001) }) }));
    expect(() => writeImage(large, AUTO)).toThrow(/at most 5000 bytes, this one has 5001/);
  });
});

test('hard links are kept, or become files of their own', () => {
  const image = imageOf(
    dir({ a: file({ inode: 7, nlink: 2, content: 'x' }), b: file({ inode: 7, nlink: 2, content: 'x' }) }),
  );
  const links = (hardLinks: 'keep' | 'split'): number[] => {
    const { table } = openImage(writeImage(image, { ...AUTO, hardLinks }));
    const rows = [...table.nlink.keys()].filter(
      (row) => row > 0 && row < table.count && ((table.flags[row] ?? 0) & Flag.inline) !== 0,
    );
    return rows.map((row) => table.nlink[row] ?? 0).concat(new Set(rows.map((row) => table.inode[row])).size);
  };
  expect(links('keep')).toEqual([2, 2, 1]);
  expect(links('split')).toEqual([1, 1, 2]);
});

test('what is broken is not written, and said by its path', () => {
  const image = imageOf(dir({ d: dir({ l: symlink('x', { flags: Flag.broken }) }) }));
  expect(() => writeImage(image, AUTO)).toThrow(expect.objectContaining({ path: '/d/l', code: 'corrupt' }));
});
