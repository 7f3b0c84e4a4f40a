import { expect, test } from 'vitest';
import { openImage } from '../../../composefs/open-image.ts';
import type { Steps } from '../../../steps.ts';
import { validImage } from '../../../testing/images.ts';
import { dir, file, imageOf } from '../../../testing/table-of.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../verity/fs-verity.ts';
import { portableHash } from '../../../verity/portable-hash.ts';
import type { Image } from '../../image.ts';
import { hexOfBytes } from '../../text.ts';
import { matrixCells, type KnownDigests } from './matrix.ts';

function digestOf(bytes: Uint8Array, algorithm: VerityAlgorithm): string {
  const digester = new VerityDigester({ algorithm, hash: portableHash(algorithm) });
  digester.update(bytes);
  return hexOfBytes(digester.digest());
}
function* measure(bytes: Uint8Array, algorithm: VerityAlgorithm): Steps<string> {
  yield;
  return digestOf(bytes, algorithm);
}
const nothing: KnownDigests = { own: undefined, expected: undefined, other: undefined };
const allOf = (trees: Parameters<typeof matrixCells>[0], known: KnownDigests = nothing) =>
  [...matrixCells(trees, known, measure)].filter((cell) => cell !== undefined);
const cellsOf = (image: Image, known: Partial<KnownDigests>) =>
  allOf({ sha256: image, sha512: image }, { ...nothing, ...known });

// both were made by mkcomposefs
const v0 = validImage('everything-v0.cfs');
const v1 = validImage('everything-v1.cfs');

test('the cells of one tree are the digests of what mkcomposefs made of it', () => {
  const known = { own: digestOf(v0, 'sha256'), other: digestOf(v1, 'sha256') };
  const equal = cellsOf(openImage(v0), known).filter(({ equals }) => equals.length > 0);
  expect(equal).toMatchObject([
    { formatVersion: 0, algorithm: 'sha256', xattrs: 'all', digest: known.own, equals: ['own'] },
    { formatVersion: 1, algorithm: 'sha256', xattrs: 'all', digest: known.other, equals: ['other'] },
  ]);
});

test('what cannot be made says why', () => {
  const trees = { sha256: openImage(v0), sha512: 'no store has them' };
  const cells = allOf(trees);
  expect(cells.filter(({ digest }) => digest === undefined).map(({ why }) => why)).toEqual([
    expect.stringMatching(/^\/.*: the object has no digest, .* format 2 cannot name it$/),
    'no store has them',
    'no store has them',
    'no store has them',
  ]);
});

test('xattrs that are left out make the image of a tree without them', () => {
  const xattrs = { 'user.a': '1', 'security.capability': '2' };
  const tree = (kept: Partial<typeof xattrs>) =>
    imageOf(dir({ f: file(Object.keys(kept).length > 0 ? { xattrs: kept } : {}) }), { kind: 'directory' });
  const all = cellsOf(tree(xattrs), {});
  const digest = (cells: ReturnType<typeof cellsOf>, words: RegExp) =>
    cells.find((cell) => words.test(cell.xattrs) && cell.formatVersion === 0 && cell.algorithm === 'sha512')?.digest;
  expect(digest(all, /user\.\* only/)).toBe(digest(cellsOf(tree({ 'user.a': '1' }), {}), /^all/));
  expect(digest(all, /none/)).toBe(digest(cellsOf(tree({}), {}), /^any$/));
  expect(digest(all, /none/)).not.toBe(digest(all, /^all/));
});

test('a tree in format 2 is a cell, too: what composefs-rs pins of the empty one', () => {
  const pinned = '086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5';
  const cells = cellsOf(imageOf(dir({}, { mode: 0o755 }), { kind: 'directory' }), { expected: pinned });
  expect(cells.filter(({ equals }) => equals.length > 0)).toMatchObject([
    { formatVersion: 2, algorithm: 'sha256', xattrs: 'any', equals: ['expected'] },
  ]);
});
