import { expect, test } from 'vitest';
import { openImage } from '../../../../../composefs/open-image.ts';
import { writeImage } from '../../../../../composefs/writer/write-image.ts';
import { dir, file, imageOf } from '../../../../../testing/table-of.ts';
import { compareTrees } from '../../../compare-trees.ts';
import { explainDiff } from '../../explain-diff.ts';
import { finish } from '../../../../../steps.ts';

const link = file({ content: 'hello', inode: 7, nlink: 2 });
const linked = imageOf(dir({ a: dir({ w: file(), x: link }), z: link }), { kind: 'dump' });

/** The image of a dump in which that row is the file, and the other a link to it. */
const written = (original: number, minVersion = 0): Uint8Array =>
  writeImage(
    Object.assign(linked, { originalRow: (row: number) => (row === 3 || row === 4 ? original : row) }),
    minVersion === 0 ? { minVersion: 0, maxVersion: 0 } : { minVersion: 1, maxVersion: 1 },
  );
const causes = (a: Uint8Array, b: Uint8Array) => finish(explainDiff(compareTrees(openImage(a), openImage(b)))).causes;

test('the same tree, from dumps that call other names the file', () => {
  const [deep, flat] = [written(3), written(4)];
  for (const found of [causes(deep, flat), causes(flat, deep)]) {
    expect(found).toMatchObject([{ id: 'D31', count: 1, examples: [{ path: '/a/x' }] }]);
  }
});

test('not where the format alone is another one', () => {
  expect(causes(written(3), written(3, 1)).map(({ id }) => id)).not.toContain('D31');
});
