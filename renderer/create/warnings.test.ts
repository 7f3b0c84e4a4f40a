import { expect, test } from 'vitest';
import type { SourceSummary } from '../../shared/contract/create-values.ts';
import { warningsOf } from './warnings.ts';

const plain: SourceSummary = {
  title: 'directory',
  entries: 10,
  files: 5,
  bytes: 1000,
  backedFiles: 2,
  directories: 2,
  symlinks: 3,
  devices: 0,
  skipped: 0,
  others: 0,
  hardLinks: 0,
  oddNames: 0,
  withXattrs: 0,
  whiteouts: 0,
  unreadable: [],
  unreadableCount: 0,
};

test('of a plain tree there is nothing to warn of', () => {
  expect(warningsOf(plain, false)).toEqual([]);
});

test('each thing that may surprise is a sentence, in the number that it has', () => {
  const odd = { ...plain, devices: 1, others: 2, hardLinks: 1200, oddNames: 1, skipped: 3 };
  expect(warningsOf(odd, false)).toEqual([
    '3 devices are left out.',
    '1 device node goes into the image.',
    '1,200 names are hard links: each becomes a file of its own, unless they are kept together.',
    '1 name is not UTF-8; the bytes stay as they are.',
    '2 FIFOs and sockets go into the image, too.',
  ]);
});

test('hard links that are kept are no surprise', () => {
  expect(warningsOf({ ...plain, hardLinks: 4 }, true)).toEqual([]);
});
