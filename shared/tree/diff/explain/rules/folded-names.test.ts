import { expect, test } from 'vitest';
import { backed, dir, file, symlink, type NodeAttributes } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees } from '../testing/pairs.ts';

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

test('names of a tree whose other side has both elsewhere are no merged ones', () => {
  const pair = dir({ mark: backed(1, 5000), MARK: backed(2, 6000) });
  const a = dir({ x: pair, y: pair });
  const b = dir({ x: dir({ mark: backed(1, 5000) }), y: pair });
  // the file system that made B keeps both
  expect(causesOf(a, b)).toEqual(['unexplained 1']);
});

test('the sentence tells pairs from merged ones', () => {
  const a = dir({ README: backed(1, 5000), x: dir({ mark: backed(3, 1), MARK: backed(2, 6000) }) });
  const b = dir({ readme: backed(1, 5000), x: dir({ mark: backed(3, 1) }) });
  expect(explainTrees(a, b).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence: '1 pair of names is the same but for case or Unicode form; 1 name of one side was merged into another.',
    },
  ]);
  const merged = dir({ x: dir({ mark: backed(3, 1), MARK: backed(2, 6000), Mark: backed(5, 9) }) });
  expect(explainTrees(merged, dir({ x: dir({ mark: backed(3, 1) }) })).causes).toMatchObject([
    { confidence: 'likely', sentence: '2 names of one side were merged into another.' },
  ]);
});

test('not a name beside which none is the same', () => {
  const a = dir({ mark: backed(1, 5000), MARKS: backed(2, 6000) });
  expect(causesOf(a, dir({ mark: backed(1, 5000) }))).toEqual(['unexplained 1']);
  // both of one are gone
  const two = dir({ mark: backed(1, 5000), MARK: backed(2, 6000), z: file() });
  expect(causesOf(two, dir({ z: file() }))).toEqual(['unexplained 2']);
});
