import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDump } from '../../../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../../../composefs/open-image.ts';
import type { OtherWriter } from '../../../../../composefs/writer/format-rules.ts';
import { writeImage } from '../../../../../composefs/writer/write-image.ts';
import { compareTrees } from '../../../compare-trees.ts';
import { explainDiff } from '../../explain-diff.ts';
import { finish } from '../../../../../steps.ts';

/** Two files with the same xattrs. */
function dumpOf(count: number): string {
  const xattrs = Array.from({ length: count }, (_, n) => `user.n${n}=${n}`).join(' ');
  const files = ['/a', '/b'].map((path) => `${path} 0 100644 1 0 0 0 6.0 - - - ${xattrs}\n`);
  return `/ 0 40755 2 0 0 0 5.0 - - -\n${files.join('')}`;
}
const written = (text: string, writer?: OtherWriter): Uint8Array => {
  const options = { minVersion: 1, maxVersion: 1, ...(writer === undefined ? {} : { writer }) } as const;
  return writeImage(openDump(Buffer.from(text)), options);
};
const causes = (a: Uint8Array, b: Uint8Array) => finish(explainDiff(compareTrees(openImage(a), openImage(b)))).causes;

test('one that the C tool keeps with the inode', () => {
  const [c, rust] = [written(dumpOf(130)), written(dumpOf(130), 'composefs-rs')];
  // of what mkcomposefs 1.0.8 --min-version=1 makes of the same dump
  expect(createHash('sha256').update(c).digest('hex')).toBe(
    '94ba817c108d81f6774690f9cb8f4b6cecdbfc3b17d2f0d2d8cfd5e4b3aee74d',
  );
  for (const found of [causes(c, rust), causes(rust, c)]) {
    expect(found).toMatchObject([{ id: 'D39', count: 2, confidence: 'certain' }]);
  }
  expect(causes(c, rust)[0]?.examples[0]).toMatchObject({ path: '/a', what: '128 → 130 shared' });
});

test('not where 128 are enough: both tools write the same', () => {
  expect(written(dumpOf(128))).toEqual(written(dumpOf(128), 'composefs-rs'));
});
