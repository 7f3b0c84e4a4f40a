import { expect, test } from 'vitest';
import { openDump } from '../../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../../composefs/open-image.ts';
import { writeImage } from '../../../../composefs/writer/write-image.ts';
import { explainImages } from '../testing/pairs.ts';

const root = '/ 0 40755 2 0 0 0 5.0 - - -\n';
const v1 = (text: string) => openImage(writeImage(openDump(Buffer.from(text)), { minVersion: 1, maxVersion: 1 }));

test('a whiteout that composefs-rs takes for a stub: its image is that of a tree without it', () => {
  const c = v1(`${root}/ab 0 20644 1 0 0 0 5.0 - - -\n`);
  for (const { causes } of [explainImages(c, v1(root)), explainImages(v1(root), c)]) {
    expect(causes).toMatchObject([{ id: 'D15', count: 1, examples: [{ path: '/ab' }] }]);
  }
});

test.each(['/ab 0 20600 1 0 0 0 5.0 - - -', '/ab 0 20644 1 1 0 0 5.0 - - -', '/abc 0 20644 1 0 0 0 5.0 - - -'])(
  'no other whiteout: %s',
  (line) => {
    const { causes } = explainImages(v1(`${root}${line}\n`), v1(root));
    expect(causes.map(({ id }) => id)).not.toContain('D15');
  },
);

test('not where the other side has no stubs: format 2, and dumps', () => {
  const text = `${root}/ab 0 20644 1 0 0 0 5.0 - - -\n`;
  const without = openImage(writeImage(openDump(Buffer.from(root)), { minVersion: 2, maxVersion: 2 }));
  for (const other of [without, openDump(Buffer.from(root))]) {
    expect(explainImages(openDump(Buffer.from(text)), other).causes.map(({ id }) => id)).not.toContain('D15');
  }
});
