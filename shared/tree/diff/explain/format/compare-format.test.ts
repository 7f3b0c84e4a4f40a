import { expect, test } from 'vitest';
import { openImage } from '../../../../composefs/open-image.ts';
import { writeImage } from '../../../../composefs/writer/write-image.ts';
import { validImage } from '../../../../testing/images.ts';
import { backed, dir, file, imageOf } from '../../../../testing/table-of.ts';
import { lookup } from '../../../path.ts';
import { bytesOfText } from '../../../text.ts';
import { compareTrees } from '../../compare-trees.ts';
import { explainDiff } from '../explain-diff.ts';
import { finish } from '../../../../steps.ts';
import { compareFormat } from './compare-format.ts';

const v0 = validImage('everything-v0.cfs');
const tree = imageOf(
  dir({ a: dir({ b: backed(1, 5000, { xattrs: { 'user.a': '1' } }) }, { mtime: 5 }), c: file({ content: 'hello' }) }),
  { kind: 'directory' },
);
const plain = writeImage(tree, { minVersion: 0, maxVersion: 0 });

const differences = (a: Uint8Array, b: Uint8Array) => finish(compareFormat(compareTrees(openImage(a), openImage(b))));

test('the same bytes have no differences', () => {
  expect(differences(v0, validImage('everything-v0.cfs'))).toEqual([]);
});

test('format 0 and format 1 of one tree: the header first, with its offset', () => {
  const diff = compareTrees(openImage(plain), openImage(writeImage(tree, { minVersion: 1, maxVersion: 1 })));
  expect(diff.differing.length).toBe(0);
  const [first] = finish(compareFormat(diff));
  expect(first).toEqual({
    structure: 'composefs header',
    field: 'composefs_version',
    a: '0',
    b: '1',
    offsetA: 12,
    offsetB: 12,
  });
  expect(finish(explainDiff(diff)).headline).toBe(
    'The trees are equal; the images store them in other ways. The images have other formats.',
  );
});

test('a field of the superblock, and the first byte that differs', () => {
  const other = v0.slice();
  other[1024 + 0x40] = 0x41; // volume_name
  expect(differences(v0, other)).toMatchObject([
    { structure: 'superblock', field: 'volume_name', offsetA: 1088, offsetB: 1088 },
    { structure: 'bytes', field: 'first that differs', a: '0x00 in the superblock', offsetA: 1088 },
  ]);
});

test('a field of an inode that says nothing of the tree, with its offset on both sides', () => {
  const image = openImage(plain);
  const c = lookup(image.table, bytesOfText('/a')) ?? 0;
  const ino = image.fields(c).find(({ name }) => name === 'i_ino')?.offset ?? 0;
  const other = plain.slice();
  other[ino] = 0x55;
  expect(differences(plain, other)).toMatchObject([
    { structure: 'inode of /a', field: 'i_ino', offsetA: ino, offsetB: ino },
    { structure: 'bytes', b: '0x55 in i_ino of the inode of /a', offsetA: ino },
  ]);
});

test('what lies in no entry of the tree is found by its byte', () => {
  const image = openImage(v0);
  const ino = image.fields(1).find(({ name }) => name === 'i_ino')?.offset ?? 0; // a stub
  const other = v0.slice();
  other[ino] = 0x55;
  expect(differences(v0, other)).toMatchObject([{ structure: 'bytes', b: '0x55 in i_ino of the inode of /00' }]);
});

test('other trees: only what does not follow from the tree', () => {
  const more = imageOf(dir({ a: dir(), d: dir() }), { kind: 'directory' });
  expect(differences(plain, writeImage(more, { minVersion: 0, maxVersion: 0 }))).toEqual([]);
  expect(differences(plain, writeImage(more, { minVersion: 1, maxVersion: 1 }))).toMatchObject([
    { structure: 'composefs header', field: 'composefs_version' },
  ]);
});

test('a hard link whose other name is the file: the inodes lie in another order', () => {
  const link = file({ content: 'hello', inode: 7, nlink: 2 });
  const linked = imageOf(dir({ a: dir({ w: file(), x: link }), z: link }), { kind: 'dump' });
  const [deep, flat] = [3, 4].map((original) => {
    const source = Object.assign(linked, { originalRow: (row: number) => (row === 3 || row === 4 ? original : row) });
    return writeImage(source, { minVersion: 0, maxVersion: 0 });
  });
  if (deep === undefined || flat === undefined) throw new Error('no images');
  const found = differences(deep, flat);
  expect(found.map(({ structure }) => structure)).toContain('order of inodes');
});
