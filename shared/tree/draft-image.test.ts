import { expect, test } from 'vitest';
import { openDump } from '../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../composefs/open-image.ts';
import type { FormatVersion } from '../composefs/writer/format-rules.ts';
import { writeImage } from '../composefs/writer/write-image.ts';
import { Random } from '../testing/random.ts';
import { randomDump } from '../testing/random-dump.ts';
import { Change } from './diff/change.ts';
import { compareTrees } from './diff/compare-trees.ts';
import { DraftImage } from './draft-image.ts';
import type { Image } from './image.ts';
import { lookup, pathOf } from './path.ts';
import { bytesOfText } from './text.ts';

const dump = (lines: readonly string[]): Image => openDump(Buffer.from(lines.map((line) => `${line}\n`).join('')));
const written = (image: Image, version: FormatVersion, draft?: DraftImage): Uint8Array =>
  writeImage(image, { ...draft?.options, minVersion: version, maxVersion: version });

const lines = [
  '/ 0 40755 2 0 0 0 5.0 - - - user.a=1',
  '/a 0 40755 2 0 0 0 6.7 - - - user.a=1',
  '/a/f 4 100644 2 1 1 0 7.0 - abcd - user.a=1',
  '/a/g 0 20000 1 0 0 0 7.0 - - -',
  '/b 0 100644 1 0 0 0 5.0 - - -',
  '/c 0 @100644 2 1 1 0 7.0 /a/f - -',
  '/d 0 40700 2 0 0 0 8.0 - - -',
];

test.each([0, 1, 2] as const)('what is left out is as if it had never been there, in format %i', (version) => {
  for (const image of [dump(lines), openImage(written(dump(lines), version))]) {
    const draft = new DraftImage(image);
    expect(draft.drop((row) => pathOf(draft.table, row) === '/a')).toBe(3);
    const without = lines
      .filter((line) => !line.startsWith('/a'))
      .map((line) => (line.startsWith('/c') ? '/c 4 100644 1 1 1 0 7.0 - abcd - user.a=1' : line));
    expect(written(draft, version, draft)).toEqual(written(dump(without), version));
  }
});

test('columns are the draft’s own; the image stays as it was', () => {
  const image = openImage(written(dump(lines), 1));
  const before = written(image, 1);
  const draft = new DraftImage(image);
  draft.column('mtime').fill(0);
  draft.column('mtimeNsec').fill(0);
  draft.takeXattrs(lookup(image.table, bytesOfText('/d')) ?? 0, 0);
  draft.splitLinks();
  const made = lines.map((line) =>
    line
      .replace('/c 0 @100644 2 1 1 0 7.0 /a/f - -', '/c 4 100644 1 1 1 0 0.0 - abcd - user.a=1')
      .replace('/a/f 4 100644 2', '/a/f 4 100644 1')
      .replace(/ \d\.\d - (\S+) -/, ' 0.0 - $1 -')
      .replace('/d 0 40700 2 0 0 0 0.0 - - -', '/d 0 40700 2 0 0 0 0.0 - - - user.a=1'),
  );
  expect(written(draft, 1, draft)).toEqual(written(dump(made), 1));
  expect(written(image, 1)).toEqual(before);
});

test('files that are made one keep the first name as the file', () => {
  const draft = new DraftImage(dump([...lines.slice(0, 5), '/e 0 100644 1 0 0 0 5.0 - - -']));
  const { count, inode } = draft.table;
  const numbers = inode.slice(0, count);
  numbers[5] = numbers[4] ?? 0;
  draft.link(numbers);
  draft.column('nlink')[4] = 2;
  const linked = [...lines.slice(0, 4), '/b 0 100644 2 0 0 0 5.0 - - -', '/e 0 @100644 2 0 0 0 0.0 /b - -'];
  expect(written(draft, 0, draft)).toEqual(written(dump(linked), 0));
});

test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))(
  'half of the entries of random tree %i left out: the others are what they were',
  (seed) => {
    const image = dump(randomDump(new Random(seed), 64).trimEnd().split('\n'));
    const draft = new DraftImage(image);
    const random = new Random(seed);
    draft.drop(() => random.chance(0.5));
    const again = openImage(written(draft, 0, draft));
    const { changes, differing } = compareTrees(draft, again);
    // of these, a dump and its image are never wholly alike: marks of whiteouts, times beyond 2^53
    expect(differing.filter((row) => ((changes[row] ?? 0) & ~(Change.overlay | Change.mtime)) !== 0)).toHaveLength(0);
    const kept = Array.from({ length: draft.table.count }, (_, row) => pathOf(image.table, draft.rowOfImage(row)));
    expect(Array.from(kept, (_, row) => pathOf(draft.table, row))).toEqual(kept);
  },
);
