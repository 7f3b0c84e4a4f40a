import { expect, test } from 'vitest';
import { backed, dir, file, symlink, type NodeAttributes } from '../../../../testing/table-of.ts';
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

test('not where another file is called so: that is more than a name', () => {
  const a = dir({ README: backed(1, 5000), Target: symlink('a'), Big: backed(3, 10) });
  const b = dir({ readme: backed(2, 5000), target: symlink('b'), big: dir() });
  expect(causesOf(a, b)).toEqual(['unexplained 6']);
});

const readme = (more: NodeAttributes) => dir({ readme: file({ size: 5000, ...more }), x: backed(2, 700) });

test('digests of another hash are no other files, nor are those that are not said', () => {
  const digest = '1'.repeat(64);
  const a = dir({ README: backed(1, 5000), x: backed(2, 700) });
  expect(causesOf(a, readme({ digest: digest.repeat(2), redirect: 'ab/cd' }))).toEqual(['D41 2']);
  expect(causesOf(a, readme({ redirect: 'ab/cd' }))).toEqual(['D41 2']);
});
