import { expect, test } from 'vitest';
import { backed, dir } from '../../../../testing/table-of.ts';
import { causesOf } from '../testing/pairs.ts';

test('names in another Unicode form, and in another case', () => {
  const a = dir({ 'caf\u00e9': backed(1, 5000), README: backed(2, 6000), other: backed(3, 7000) });
  const b = dir({ 'cafe\u0301': backed(1, 5000), readme: backed(2, 6000), other: backed(3, 7000) });
  expect(causesOf(a, b)).toEqual(['D41 2']);
});
