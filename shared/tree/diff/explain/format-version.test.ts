import { expect, test } from 'vitest';
import { openDump } from '../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../composefs/open-image.ts';
import type { FormatVersion } from '../../../composefs/writer/format-rules.ts';
import { writeImage } from '../../../composefs/writer/write-image.ts';
import { compareTrees } from '../compare-trees.ts';
import type { Image } from '../../image.ts';
import { explainDiff } from './explain-diff.ts';
import { finish } from '../../../steps.ts';

const explainImages = (a: Image, b: Image) => finish(explainDiff(compareTrees(a, b)));

const lines = [
  '/ 0 40755 2 0 0 0 5.0 - - - user.a=1',
  '/d 0 40755 2 0 0 0 6.7 - - - user.a=1',
  '/d/f 4 100644 1 1000 1000 0 7.0 - abcd - lustre.lov=x',
];
const made = (version: FormatVersion, more: readonly string[] = []) => {
  const text = [...lines, ...more].map((line) => `${line}\n`).join('');
  return openImage(writeImage(openDump(Buffer.from(text)), { minVersion: version, maxVersion: version }));
};
const causes = (a: FormatVersion, b: FormatVersion, more: readonly string[] = []) =>
  explainImages(made(a, more), made(b, more)).causes;

test('one tree in format 0 and 1', () => {
  expect(causes(0, 1)).toMatchObject([{ id: 'D02', confidence: 'certain' }]);
});

test('one tree in format 2 and another: its nanoseconds are another cause, its lustre. attributes are named', () => {
  for (const found of [causes(2, 1), causes(0, 2)]) {
    expect(found.map(({ id }) => id)).toEqual(['D02', 'D05']);
    expect(found[0]).toMatchObject({ confidence: 'certain', sentence: expect.stringContaining('D38') });
  }
});

test('a whiteout, for which mkcomposefs takes format 1', () => {
  const gone = ['/d/gone 0 20000 1 0 0 0 8.0 - - -'];
  expect(causes(0, 1, gone)).toMatchObject([{ id: 'D13', confidence: 'certain' }]);
  expect(causes(1, 2, gone)).toMatchObject([{ id: 'D02' }, { id: 'D05' }]);
});

test('another tree in another format: the format is one of the reasons', () => {
  const { causes: found, headline } = explainImages(made(0), made(1, ['/e 0 40755 2 0 0 0 5.0 - - -']));
  expect(found).toMatchObject([
    { id: 'D02', confidence: 'certain', sentence: expect.stringMatching(/for that alone their digests differ/) },
    { id: 'unexplained', count: 1 },
  ]);
  expect(headline).toBe('1 name differs. The images have other formats. 1 name is not explained, or not wholly.');
});

test('a whiteout on one side alone: mkcomposefs takes format 1 for it', () => {
  const gone = ['/d/gone 0 20000 1 0 0 0 8.0 - - -'];
  for (const found of [explainImages(made(1, gone), made(0)).causes, explainImages(made(0), made(1, gone)).causes]) {
    expect(found).toMatchObject([
      { id: 'D13', confidence: 'likely' },
      { id: 'D29', count: 1 },
    ]);
    expect(found[0]?.sentence).toMatch(/[AB] alone has whiteouts, for which mkcomposefs takes format 1/);
  }
  // format 0 is not for a whiteout
  expect(explainImages(made(0, gone), made(1)).causes.map(({ id }) => id)).toEqual(['D02', 'D29']);
});

test('not where the formats are one', () => {
  expect(causes(1, 1)).toEqual([]);
});
