import { expect, test } from 'vitest';
import { openImage } from '../../../../composefs/open-image.ts';
import { validImage } from '../../../../testing/images.ts';
import { char, dir, file, imageOf, type Node } from '../../../../testing/table-of.ts';
import { causesOf, explainImages, explainTrees } from '../testing/pairs.ts';

test('one dump, written by mkcomposefs in format 0 and 1', () => {
  const [v0, v1] = ['everything-v0.cfs', 'everything-v1.cfs'].map((name) => openImage(validImage(name)));
  if (v0 === undefined || v1 === undefined) throw new Error('no images');
  for (const { causes } of [explainImages(v0, v1), explainImages(v1, v0)]) {
    expect(causes).toMatchObject([{ id: 'D14', count: 1, examples: [{ path: '/dir' }] }]);
  }
});

const opaque = { 'trusted.overlay.overlay.opaque': 'y' };
const holding = (children: Readonly<Record<string, Node>>, xattrs: Readonly<Record<string, string>>): Node =>
  dir({ d: dir(children, { xattrs }), e: dir({}, { xattrs: { 'trusted.overlay.overlay.redirect': '/x' } }) });

test('strong, and the side is named', () => {
  const gone = { gone: char(0) };
  expect(causesOf(holding(gone, opaque), holding(gone, {}))).toEqual(['D14 1']);
  expect(explainTrees(holding(gone, opaque), holding(gone, {})).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence: '1 name: the mark of B’s format took the place of overlay.opaque, which A has.',
    },
  ]);
});

test('not without a whiteout, nor where other attributes of overlayfs differ, too', () => {
  const file0 = { here: file() };
  expect(causesOf(holding(file0, opaque), holding(file0, {}))).toEqual(['unexplained 1']);
  const gone = { gone: char(0) };
  const more = { ...opaque, 'trusted.overlay.overlay.redirect': '/y' };
  expect(causesOf(holding(gone, more), holding(gone, {}))).toEqual(['unexplained 1']);
});

test('not where the side is of another format', () => {
  const gone = { gone: char(0) };
  const [a, b] = [holding(gone, { 'trusted.overlay.opaque': 'y' }), holding(gone, {})].map((root) =>
    imageOf(root, { kind: 'dump' }),
  );
  if (a === undefined || b === undefined) throw new Error('no images');
  expect(explainImages(a, b).causes.map(({ id }) => id)).not.toContain('D14');
});
