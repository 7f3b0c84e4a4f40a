import { describe, expect, test } from 'vitest';
import { ImageError } from '../../erofs/image-error.ts';
import { Random } from '../../testing/random.ts';
import type { Image } from '../../tree/image.ts';
import { pathOf } from '../../tree/path.ts';
import { Flag } from '../../tree/table.ts';
import { displayBytes } from '../../tree/text.ts';
import { writeDump } from '../dump-text.ts';
import { DumpReader, openDump } from './dump-reader.ts';

const ROOT = '/ 0 40755 2 0 0 0 0.0 - - -';
const D = 'ab'.repeat(32);
const P = `ab/${'ab'.repeat(31)}`;

const read = (...lines: readonly string[]): Image =>
  openDump(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));

function dumpOf(image: Image): string {
  const parts: Uint8Array[] = [];
  writeDump(image, (bytes) => parts.push(bytes.slice()));
  return Buffer.concat(parts).toString('latin1');
}

const paths = ({ table }: Image): string[] => Array.from({ length: table.count }, (_, entry) => pathOf(table, entry));

function faultOf(...lines: readonly string[]): ImageError {
  try {
    read(...lines);
  } catch (error) {
    if (error instanceof ImageError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const tree = [
  ROOT,
  '/a 0 40700 2 1 2 0 -5.9 - - - security.selinux=x user.e=',
  '/a/b\\x20\\\\\\n 2 100644 2 70000 4294967295 0 9223372036854775807.999999999 - -\\n -',
  `/a/big 9007199254740992 104755 1 0 0 0 0.0 ${P} - ${D} user.k=v\\x3dw security.selinux=x`,
  '/a/n 7 100644 1 0 0 0 0.0 - - -',
  `/a/no 7 100644 1 0 0 0 0.0 - - ${D}${D}`,
  '/b 0 60660 1 0 6 1793 0.0 - - -',
  '/c 0 20644 1 0 0 0 0.0 - - -',
  '/l 6 120777 1 0 0 0 0.0 target - -',
  '/p 0 10644 1 0 0 0 0.0 - - -',
  '/s 0 140755 1 0 0 0 0.0 - - -',
];

describe('what is read', () => {
  test('is what was written: a dump of it has the same lines', () => {
    expect(dumpOf(read(...tree))).toBe(`${tree.join('\n')}\n`);
  });

  test('does not depend on where pieces end, and pieces may be used again', () => {
    const text = Buffer.from(`${tree.join('\n')}\n/z 0 @100644 2 0 0 0 0.0 /a/big - -`);
    const whole = dumpOf(openDump(text));
    const random = new Random(7);
    for (let round = 0; round < 50; round += 1) {
      const reader = new DumpReader();
      const piece = new Uint8Array(60);
      for (let at = 0; at < text.length;) {
        const length = Math.min(text.length - at, 1 + random.int(piece.length));
        piece.set(text.subarray(at, at + length));
        reader.push(piece.subarray(0, length));
        piece.fill(0);
        at += length;
      }
      expect(dumpOf(reader.finish())).toBe(whole);
    }
  });

  test('stands in tree order, however the lines are ordered', () => {
    const image = read(
      ROOT,
      '/z 0 100644 1 0 0 0 1.0 - - - user.z=1',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/a 1 100644 1 0 0 0 9223372036854775807.0 - a -',
      '/d/y 0 100644 1 0 0 0 0.0 - - -',
      '/d! 0 100644 1 0 0 0 0.0 - - -',
      '/d/\\xff 0 40755 2 0 0 0 0.0 - - -',
      '/d/\\xff/k 2 120777 1 0 0 0 0.0 yz - -',
    );
    expect(paths(image)).toEqual(['/', '/a', '/d', '/d/y', '/d/\\xff', '/d/\\xff/k', '/d!', '/z']);
    expect([...image.table.end.subarray(0, 8)]).toEqual([8, 2, 6, 4, 6, 6, 7, 8]);
    expect(image.mtimeSeconds(1)).toBe(9223372036854775807n);
    expect(image.xattrs(7).map(({ name, value }) => [displayBytes(name), displayBytes(value)])).toEqual([
      ['user.z', '1'],
    ]);
    expect(image.content(5)).toMatchObject({ kind: 'inline', extents: [{ length: 2 }] });
  });

  test('hard links have all attributes of their targets, which may come later and be links', () => {
    const image = read(
      ROOT,
      '/a - @100644 - - - - - /b - -',
      '/b 0 @120000 - - - - 0.0 /d/file - -',
      '/d 0 40755 2 0 0 0 0.0 - - -',
      '/d/file 3 100644 3 5 6 0 7.8 - abc - user.k=v',
    );
    expect(paths(image)).toEqual(['/', '/a', '/b', '/d', '/d/file']);
    expect([1, 2, 4].map((row) => image.originalRow?.(row))).toEqual([4, 4, 4]);
    expect([1, 2, 4].map((row) => (image.table.flags[row] ?? 0) & Flag.hardLink)).toEqual([
      0,
      Flag.hardLink,
      Flag.hardLink,
    ]);
    expect(image.table.uid.subarray(0, 5)).toEqual(Uint32Array.of(0, 5, 5, 0, 5));
    expect(image.xattrs(1)).toHaveLength(1);
    expect(image.problems.map(({ message, entry }) => [entry, message])).toEqual([
      [2, expect.stringContaining("line 3: the hard link's type is 0120000, its target's 0100000")],
    ]);
  });

  test('equal xattrs are kept once', () => {
    const image = read(ROOT, ...Array.from({ length: 9 }, (_, n) => `/${n} 0 100644 1 0 0 0 0.0 - - - user.k=vvvv`));
    expect(new Set([1, 5, 9].map((row) => image.xattrs(row)[0]?.offset)).size).toBe(1);
  });

  test('a path of many names is found', () => {
    const names = Array.from({ length: 3000 }, (_, depth) => `/${'d/'.repeat(depth)}d 0 40755 2 0 0 0 0.0 - - -`);
    expect(read(ROOT, ...names).table.count).toBe(3001);
  });

  test.each([
    ['PAYLOAD of an empty file', `/f 0 100644 1 0 0 0 0.0 ${P} - -`],
    ['DIGEST of a file whose CONTENT is given', `/f 1 100644 1 0 0 0 0.0 - x ${D}`],
    ['RDEV counts for devices alone', '/f 0 100644 1 0 0 9 0.0 - - -'],
    ['NLINK is 0', '/f 0 100644 0 0 0 0 0.0 - - -'],
    ['SIZE is 9, the target has 1 bytes', '/f 9 120777 1 0 0 0 0.0 x - -'],
  ])('%s: ignored, with a warning', (what, line) => {
    expect(read(ROOT, line).problems).toMatchObject([
      { severity: 'warning', entry: 1, message: expect.stringContaining(what) },
    ]);
  });
});

const file = (fields: string): string => `/f ${fields}`;

describe('what is refused, and where', () => {
  test.each([
    ['the dump is empty', 1, 1, []],
    ['the first line is the root', 1, 1, [file('0 100644 1 0 0 0 0.0 - - -')]],
    ['the root is a directory', 1, 5, ['/ 0 100755 1 0 0 0 0.0 - - -']],
    ['there is one root', 2, 1, [ROOT, ROOT]],
    ['the line is empty', 2, 1, [ROOT, '']],
    ['there was no /a so far', 2, 1, [ROOT, '/a/b 0 100644 1 0 0 0 0.0 - - -']],
    ['/f is no directory', 3, 1, [ROOT, file('0 100644 1 0 0 0 0.0 - - -'), '/f/g 0 100644 1 0 0 0 0.0 - - -']],
    ['found /f again', 3, 1, [ROOT, file('0 100644 1 0 0 0 0.0 - - -'), file('0 100644 1 0 0 0 0.0 - - -')]],
    ['PATH begins with a slash', 2, 1, [ROOT, 'f 0 100644 1 0 0 0 0.0 - - -']],
    ['no empty name', 2, 2, [ROOT, '//f 0 100644 1 0 0 0 0.0 - - -']],
    ['no name is . or ..', 2, 2, [ROOT, '/.. 0 100644 1 0 0 0 0.0 - - -']],
    ['at most 255 bytes, found 256', 2, 2, [ROOT, `/${'n'.repeat(256)} 0 100644 1 0 0 0 0.0 - - -`]],
    ['no slash and no NUL', 2, 2, [ROOT, '/a\\x2fb 0 100644 1 0 0 0 0.0 - - -']],
    ['found “\\\\q”', 2, 3, [ROOT, '/a\\q 0 100644 1 0 0 0 0.0 - - -']],
    ['found “\\\\x4”', 2, 2, [ROOT, '/\\x4 0 100644 1 0 0 0 0.0 - - -']],
    ['no NUL byte', 2, 3, [ROOT, '/f\0 0 100644 1 0 0 0 0.0 - - -']],
    ['carriage return', 2, 30, [ROOT, '/f 0 100644 1 0 0 0 0.0 - - -\r']],
    ['SIZE is a whole number, found “-1”', 2, 4, [ROOT, file('-1 100644 1 0 0 0 0.0 - - -')]],
    ['SIZE of a file is at most 2^53', 2, 4, [ROOT, file('9007199254740994 100644 1 0 0 0 0.0 x - -')]],
    ['MODE is an octal number, found “100648”', 2, 6, [ROOT, file('0 100648 1 0 0 0 0.0 - - -')]],
    ['MODE has no file type that exists: 0644', 2, 6, [ROOT, file('0 644 1 0 0 0 0.0 - - -')]],
    ['UID is a whole number below 2^32', 2, 15, [ROOT, file('0 100644 1 4294967296 0 0 0.0 - - -')]],
    ['MTIME is seconds, a dot and nanoseconds', 2, 21, [ROOT, file('0 100644 1 0 0 0 5 - - -')]],
    ['below 10^9 nanoseconds', 2, 21, [ROOT, file('0 100644 1 0 0 0 5.1000000000 - - -')]],
    ['fit into 64 bits', 2, 21, [ROOT, file('0 100644 1 0 0 0 9223372036854775808.0 - - -')]],
    ['CONTENT and what follows it are missing', 2, 26, [ROOT, file('0 100644 1 0 0 0 0.0 -')]],
    ['PAYLOAD is empty', 2, 25, [ROOT, file('0 100644 1 0 0 0 0.0  - -')]],
    ['begins with no slash', 2, 25, [ROOT, file('5 100644 1 0 0 0 0.0 /x - -')]],
    ['as many bytes as SIZE says, 5, found 2', 2, 27, [ROOT, file('5 100644 1 0 0 0 0.0 - xx -')]],
    ['at most 5000 bytes, found 5001', 2, 30, [ROOT, file(`5001 100644 1 0 0 0 0.0 - ${'x'.repeat(5001)} -`)]],
    ['64 hex digits (or 128, of SHA-512) or -, found 2', 2, 29, [ROOT, file('5 100644 1 0 0 0 0.0 - - ab')]],
    ['hex digits, found “xx”', 2, 29, [ROOT, file(`5 100644 1 0 0 0 0.0 - - ${'x'.repeat(64)}`)]],
    ['CONTENT is a regular file’s alone', 2, 26, [ROOT, file('0 20644 1 0 0 5 0.0 - x -')]],
    ['which is not empty', 2, 25, [ROOT, file('0 120777 1 0 0 0 0.0 - - -')]],
    ['at most 4095 bytes, found 4096', 2, 25, [ROOT, file(`0 120777 1 0 0 0 0.0 ${'t'.repeat(4096)} - -`)]],
    ['an xattr is NAME=VALUE, found “k”', 2, 31, [ROOT, file('0 100644 1 0 0 0 0.0 - - - k')]],
    ['an xattr is NAME=VALUE, found “”', 2, 31, [ROOT, file('0 100644 1 0 0 0 0.0 - - -  k=v')]],
    ['has 1 to 255 bytes, found 0', 2, 31, [ROOT, file('0 100644 1 0 0 0 0.0 - - - =v')]],
    ['found “k” again', 2, 35, [ROOT, file('0 100644 1 0 0 0 0.0 - - - k=v k=v')]],
    ['at most 32767 bytes', 2, 31, [ROOT, file(`0 100644 1 0 0 0 0.0 - - - k=${'v'.repeat(32_748)}`)]],
    ['a directory has one name', 2, 6, [ROOT, file('0 @40755 1 0 0 0 0.0 /f - -')]],
    ['PAYLOAD of a hard link is a path', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 - - -')]],
    ['begins with a slash', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 g - -')]],
    ['nowhere in the dump: /g', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 /g - -')]],
    ['its own target', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 /f - -')]],
    ['lead in a circle', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 /g - -'), '/g 0 @100644 1 0 0 0 0.0 /f - -']],
    ['is a directory, which has one name: /', 2, 26, [ROOT, file('0 @100644 1 0 0 0 0.0 / - -')]],
  ])('%s', (message, line, column, lines) => {
    const fault = faultOf(...lines);
    expect(fault.message).toContain(message);
    expect(fault.message).toMatch(new RegExp(`^line ${line}, column ${column}: `));
    const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    expect(fault.offset).toBe(before + column - 1);
  });

  test('a line without end fills no memory', () => {
    const reader = new DumpReader();
    const piece = new Uint8Array(1 << 19).fill(0x61);
    expect(() => {
      for (let round = 0; round < 4; round += 1) reader.push(piece);
    }).toThrow(/^line 1, column 1048577: a line has at most/);
  });
});
