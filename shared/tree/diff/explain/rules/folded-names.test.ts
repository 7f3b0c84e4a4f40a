import { expect, test } from 'vitest';
import { backed, dir } from '../../../../testing/table-of.ts';
import { causesOf } from '../testing/pairs.ts';

test('names in another Unicode form, and in another case', () => {
  const a = dir({ 'caf\u00e9': backed(1, 5000), README: backed(2, 6000), other: backed(3, 7000) });
  const b = dir({ 'cafe\u0301': backed(1, 5000), readme: backed(2, 6000), other: backed(3, 7000) });
  expect(causesOf(a, b)).toEqual(['D41 2']);
});

test('what is below a directory of another case goes with it', () => {
  const inner = { file: backed(1, 5000), empty: dir() };
  expect(causesOf(dir({ Data: dir(inner) }), dir({ data: dir(inner) }))).toEqual(['D41 3']);
});

test('two names that became one', () => {
  const a = dir({ x: dir({ mark: backed(1, 5000), MARK: backed(2, 6000) }) });
  expect(causesOf(a, dir({ x: dir({ mark: backed(1, 5000) }) }))).toEqual(['D41 1']);
});

test('not names that are others', () => {
  expect(causesOf(dir({ one: dir() }), dir({ two: dir() }))).toEqual(['unexplained 2']);
});
