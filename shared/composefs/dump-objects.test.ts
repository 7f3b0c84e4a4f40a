import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validImage } from '../testing/images.ts';
import { Random } from '../testing/random.ts';
import { backed, dir, file, imageOf, symlink } from '../testing/table-of.ts';
import type { Node } from '../testing/table-of.ts';
import type { Image } from '../tree/image.ts';
import { Flag } from '../tree/table.ts';
import { bytesOfText } from '../tree/text.ts';
import { writeObjects } from './dump-objects.ts';
import type { ObjectsOptions } from './dump-objects.ts';
import { openImage } from './open-image.ts';

function objectsOf(images: readonly Image[], options?: ObjectsOptions): string {
  const parts: Uint8Array[] = [];
  writeObjects(images, (bytes) => parts.push(bytes.slice()), options);
  return Buffer.concat(parts).toString('latin1');
}

const at = (redirect: string): Node => file({ size: 9, redirect });

test('prints what composefs-info prints', () => {
  const golden = readFileSync(new URL('testdata/everything-v1.objects', import.meta.url), 'latin1');
  expect(objectsOf([openImage(validImage('everything-v1.cfs'))])).toBe(golden);
});

test('each object once, in byte order, unescaped, over all images', () => {
  const one = imageOf(dir({ a: at('b'), b: at('a\\x0a b'), c: at('\\xff'), d: at('b') }));
  const two = imageOf(dir({ a: at('b/c'), b: at('a'), c: at('b') }));
  expect(objectsOf([one, two])).toBe('a\na\n b\nb\nb/c\n\xff\n');
  expect(objectsOf([])).toBe('');
});

test('only regular files have objects, and no whiteout is one', () => {
  const image = imageOf(
    dir({
      d: dir({}, { redirect: 'directory' }),
      l: symlink('x', { redirect: 'link' }),
      w: backed(1, 5, { flags: Flag.escapedWhiteout }),
      f: at('file'),
    }),
  );
  expect(objectsOf([image])).toBe('file\n');
});

test('a filter counts for the entries of the root', () => {
  const image = imageOf(dir({ a: dir({ x: at('1') }), b: at('2'), x: at('3') }));
  expect(objectsOf([image], { filter: [bytesOfText('a'), bytesOfText('b')] })).toBe('1\n2\n');
});

test('asks once for each object, and prints those that are wanted', () => {
  const asked: string[] = [];
  const wanted = (payload: Uint8Array): boolean => {
    asked.push(Buffer.from(payload).toString());
    return payload.length > 1;
  };
  const image = imageOf(dir({ a: at('cc'), b: at('a'), c: at('a'), d: at('bb') }));
  expect(objectsOf([image], { wanted })).toBe('bb\ncc\n');
  expect(asked).toEqual(['a', 'bb', 'cc']);
});

test.each([
  ['random bytes', 2000, 1, 256],
  ['few letters, so that many begin alike', 2000, 0x61, 2],
  ['NUL bytes, which are not the end', 2000, 0, 2],
  ['all the same', 2000, 0x61, 1],
  ['too few to sort by keys', 10, 0x61, 3],
])('any paths are sorted: %s', (_, count, first, letters) => {
  const random = new Random(count + letters);
  const paths = Array.from({ length: count }, () =>
    Array.from(
      { length: 1 + random.int(14) },
      () => `\\x${(first + random.int(letters)).toString(16).padStart(2, '0')}`,
    ),
  );
  const image = imageOf(dir(paths.map((path, index) => [`${index}`, at(path.join(''))])));
  const expected = [...new Set(paths.map((path) => Buffer.from(bytesOfText(path.join(''))).toString('latin1')))];
  // strings of Latin-1 compare as their bytes do
  expect(objectsOf([image])).toBe(
    expected
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((path) => `${path}\n`)
      .join(''),
  );
});
