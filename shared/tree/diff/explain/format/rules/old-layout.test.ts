import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { causesOfFiles, idsOfFiles, oldImage, writtenAs } from '../../testing/written.ts';

const root = '/ 0 40755 2 0 0 0 5.0 - - -';
const file = '/b 5 100644 1 0 0 0 7.0 - hello -';
const target = (length: number, value: number): readonly string[] => [
  root,
  `/a ${length} 120777 1 0 0 0 6.0 ${'t'.repeat(length)} - - user.x=${'v'.repeat(value)}`,
  file,
];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

// digests: of what mkcomposefs 1.0.5 makes of these dumps; 1.0.2 makes the same
test.each([
  [
    'target and xattrs that fill a block to the last byte',
    target(3000, 1015),
    '201a892884d2bd1e4322e9a4ff4d06133e874899369d9532f2cde616d6bc36d1',
  ],
  [
    'xattrs that are longer than a block',
    target(100, 5000),
    'ab599af6ded897277218aaaed8b407e0394295a4dd43185f9456f4b9d81ebfdf',
  ],
])('a symlink of C composefs before 1.0.6: %s', (_, lines, digest) => {
  const [old, now] = [writtenAs(lines, 0, { writer: 'c-before-1.0.6' }), writtenAs(lines, 0)];
  expect(sha256(old)).toBe(digest);
  expect(idsOfFiles(old, now)).toEqual(['D32']);
  expect(causesOfFiles(now, old)).toMatchObject([
    { count: 1, confidence: 'certain', sentence: expect.stringContaining('B is laid out'), examples: [{ path: '/a' }] },
  ]);
});

test('a symlink that is short: both releases write the same', () => {
  const lines = target(100, 500);
  expect(sha256(writtenAs(lines, 0))).toBe('790503443704301237a8031377085d79759a40ece247efaf7be68e5105eedd35');
  expect(writtenAs(lines, 0, { writer: 'c-before-1.0.6' })).toEqual(writtenAs(lines, 0));
});

test('a whiteout with a size, as mkcomposefs 1.0.5 made it', () => {
  const now = writtenAs([root, '/w 0 20000 1 0 0 0 6.0 - - -', file], 0);
  const old = oldImage('c-1.0.5-whiteout');
  expect(idsOfFiles(old, now)).toEqual(['D32']);
  expect(causesOfFiles(old, now)).toMatchObject([{ count: 1, examples: [{ path: '/w', what: 'size 7 → 0' }] }]);
});

/** What is inline behind the last inode but one begins where a block does. */
const atTheEdge = [
  root,
  ...Array.from({ length: 34 }, (_, n) => `/f${String(n).padStart(2, '0')} 0 10644 1 0 0 0 0.0 - - -`),
  `/${'g'.repeat(51)} 4 100644 1 0 0 0 0.0 - abcd -`,
  '/h 1 120777 1 0 0 0 0.0 z - -',
];

test('an inode that composefs-rs before April 2025 left where it was', () => {
  const [old, now] = [writtenAs(atTheEdge, 2, { writer: 'composefs-rs-before-0.5.0' }), writtenAs(atTheEdge, 2)];
  expect(idsOfFiles(old, now)).toEqual(['D32']);
  expect(causesOfFiles(old, now)).toMatchObject([
    { count: 1, confidence: 'certain', examples: [{ path: `/${'g'.repeat(51)}` }] },
  ]);
});

test('not a byte that was changed by hand', () => {
  const image = writtenAs(target(3000, 1015), 0);
  const other = image.slice();
  other[1024 + 0x40] = 0x41; // volume_name
  expect(idsOfFiles(image, other)).toEqual([]);
});
