import { expect, test } from 'vitest';
import { openImage } from '../../../../../composefs/open-image.ts';
import { writeImage } from '../../../../../composefs/writer/write-image.ts';
import { dir, file, imageOf } from '../../../../../testing/table-of.ts';
import { compareTrees } from '../../../compare-trees.ts';
import { explainDiff } from '../../explain-diff.ts';
import { finish } from '../../../../../steps.ts';

const BUILD_TIME = 1024 + 0x18;

/** An owner that no compact inode can have: what an inode's time is does not depend on the superblock's then. */
const uid = 70_000;
const image = (early: number): Uint8Array =>
  writeImage(
    imageOf(dir({ early: file({ uid, mtime: early }), late: file({ uid, mtime: 100 }) }, { uid, mtime: 200 }), {
      kind: 'directory',
    }),
    { minVersion: 0, maxVersion: 0 },
  );

/** The same with another time in the superblock, as composefs-rs has it of this tree. */
function withBuildTime(bytes: Uint8Array, seconds: number): Uint8Array {
  const other = bytes.slice();
  new DataView(other.buffer).setBigInt64(BUILD_TIME, BigInt(seconds), true);
  return other;
}

const causes = (a: Uint8Array, b: Uint8Array) => finish(explainDiff(compareTrees(openImage(a), openImage(b)))).causes;

test('the least time with its sign, and without', () => {
  const [c, rust] = [image(-5), withBuildTime(image(-5), 100)];
  for (const found of [causes(c, rust), causes(rust, c)]) {
    expect(found).toMatchObject([{ id: 'D30', count: 1, examples: [{ path: '/early' }] }]);
  }
});

test('not where no time is before 1970, nor where build_time is some other', () => {
  expect(causes(image(5), withBuildTime(image(5), 100))).toEqual([]);
  expect(causes(image(-5), withBuildTime(image(-5), 33))).toEqual([]);
});
