import { expect, test } from 'vitest';
import { openImage } from '../../../../composefs/open-image.ts';
import { validImage } from '../../../../testing/images.ts';
import { explainImages } from '../testing/pairs.ts';

test('one dump, written by mkcomposefs in format 0 and 1', () => {
  const [v0, v1] = ['everything-v0.cfs', 'everything-v1.cfs'].map((name) => openImage(validImage(name)));
  if (v0 === undefined || v1 === undefined) throw new Error('no images');
  for (const { causes } of [explainImages(v0, v1), explainImages(v1, v0)]) {
    expect(causes).toMatchObject([{ id: 'D14', count: 1, examples: [{ path: '/dir' }] }]);
  }
});
