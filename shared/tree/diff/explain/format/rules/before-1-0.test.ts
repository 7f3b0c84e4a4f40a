import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { causesOfFiles, idsOfFiles, oldImage, writtenAs } from '../../testing/written.ts';

const root = '/ 0 40755 2 0 0 0 0.0 - - -';
const digest = 'ee5c6c394f62599b2319d546c14a0bf89774b4633bee8b49f26be53b52d0ff3c';
const big = `/big 5000 100644 1 0 0 0 0.0 ee/${digest.slice(2)} - ${digest}`;

test('an image of 0.1.3, whose digest does not lie in metacopy', () => {
  const [old, now] = [oldImage('c-0.1.3-plain'), writtenAs([root, big], 0)];
  // as mkcomposefs 1.0.8 makes it of the same directory
  expect(createHash('sha256').update(now).digest('hex')).toBe(
    '5ee1bb25da394cf244e1cafe688bcdef5dd74a931fb2769281d03cc06acb99d4',
  );
  expect(idsOfFiles(old, now)).toEqual(['D32']);
  expect(causesOfFiles(now, old)).toMatchObject([
    {
      title: 'Written by composefs before 1.0.0',
      sentence: expect.stringMatching(/^B has no .* 1 digest in trusted\.overlay\.verity/),
      examples: [{ path: '/big' }],
    },
  ]);
});

test('where the trees differ too, it is named beside that', () => {
  const now = writtenAs([root, big.replace('100644', '100600')], 0);
  expect(idsOfFiles(oldImage('c-0.1.3-plain'), now)).toEqual(['D32', 'unexplained']);
});
