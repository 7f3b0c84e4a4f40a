import { expect, test } from 'vitest';
import { openDump } from '../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../composefs/open-image.ts';
import { finish } from '../../../steps.ts';
import type { Image } from '../../image.ts';
import { compareTrees } from '../compare-trees.ts';
import { explainDiff } from './explain-diff.ts';
import { writtenAs } from './testing/written.ts';

const dump = (...lines: readonly string[]): Image => openDump(Buffer.from(lines.map((line) => `${line}\n`).join('')));
const explain = (a: Image, b: Image) => finish(explainDiff(compareTrees(a, b)));

// one image, as both tools print it
const ofC = [
  '/ 4096 40755 3 0 0 0 5.0 - - -',
  '/a 27 40755 2 0 0 0 6.0 - - -',
  '/a/f 4 100644 2 0 0 0 7.0 - abcd - user.a=1 user.b=2',
  '/c 4 @100644 2 0 0 0 7.0 /a/f - - user.a=1 user.b=2',
];
const ofRust = [
  '/ 0 40755 3 0 0 0 5.0 - - -',
  '/a 0 40755 2 0 0 0 6.0 - - -',
  '/a/f 4 100644 2 0 0 0 7.0 - abcd - user.b=2 user.a=1',
  '/c 0 @120000 - - - - 0.0 /a/f - -',
];

test('dumps of C and of composefs-rs of one image: nothing differs, and what a text diff shows is said', () => {
  const { causes, headline, artefacts } = explain(dump(...ofC), dump(...ofRust));
  expect({ causes, headline }).toEqual({ causes: [], headline: 'Nothing differs.' });
  expect(artefacts).toEqual([
    expect.stringMatching(/^The size of 2 directories: B prints 0, as composefs-rs/),
    expect.stringMatching(/^The lines of 1 hard link: B prints only the target/),
  ]);
});

test('dumps of one tool have none of it, nor have images', () => {
  expect(explain(dump(...ofC), dump(...ofC)).artefacts).toEqual([]);
  const [a, b] = [writtenAs(ofC, 1), writtenAs(ofRust, 1)].map(openImage);
  if (a === undefined || b === undefined) throw new Error('no images');
  expect(explain(a, b).artefacts).toEqual([]);
});
