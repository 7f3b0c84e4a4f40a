import { expect, test } from 'vitest';
import { openDump } from '../../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../../composefs/open-image.ts';
import { finish } from '../../../../steps.ts';
import type { Image } from '../../../image.ts';
import { compareTrees } from '../../compare-trees.ts';
import { explainDiff } from '../explain-diff.ts';
import { writtenAs } from '../testing/written.ts';

const dump = (lines: readonly string[]): Image => openDump(Buffer.from(lines.map((line) => `${line}\n`).join('')));
const idsOf = (a: Image, b: Image): readonly string[] => {
  const [there, back] = [compareTrees(a, b), compareTrees(b, a)].map((diff) =>
    finish(explainDiff(diff)).causes.map(({ id, count }) => `${id} ${count}`),
  );
  expect(back).toEqual(there);
  return there ?? [];
};

const root = '/ 0 40755 3 0 0 0 5.0 - - -';
const d = '/d 0 40755 2 0 0 0 6.0 - - -';
const gone = '/d/gone 0 20000 1 0 0 0 8.0 - - -';

test('whiteouts of format 2, which the C tool’s dump of the image has not', () => {
  const image = openImage(writtenAs([root, d, gone], 2));
  expect(idsOf(image, dump([root, d]))).toEqual(['D33 1']);
  expect(idsOf(dump([root, d, gone]), dump([root, d]))).toEqual(['D33 1']);
});

test('not where the dump has others, or the image is of a format whose whiteouts are printed', () => {
  const two = [root, d, gone, '/d/too 0 20000 1 0 0 0 8.0 - - -'];
  expect(idsOf(dump(two), dump([root, d, gone]))).not.toContain('D33 1');
  expect(idsOf(openImage(writtenAs([root, d, gone], 1)), dump([root, d]))).not.toContain('D33 1');
});

test('whiteouts of the root that composefs-rs does not print', () => {
  const image = openImage(writtenAs([root, '/AB 0 20600 1 0 0 0 5.0 - - -', d, gone], 2));
  expect(idsOf(image, dump([root, d, gone]))).toEqual(['D33 1']);
});

test('a dash in the place of SHA-512 digests', () => {
  const long = 'ab'.repeat(64);
  const x = (digest: string): string => `/d/x 9000 100644 1 0 0 0 7.0 ab/${long.slice(2)} - ${digest}`;
  expect(idsOf(openImage(writtenAs([root, d, x(long)], 1)), dump([root, d, x('-')]))).toEqual(['D33 1']);
});
