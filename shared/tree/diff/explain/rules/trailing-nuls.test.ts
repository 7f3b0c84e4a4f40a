import { expect, test } from 'vitest';
import { backed, dir, file, type Node } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release } from '../testing/pairs.ts';

/** Longer than the 100 bytes that the header of a tar has for a name. */
const long = 'x'.repeat(120);
const withNames = (names: readonly string[]): Node =>
  nodeAt(release, '/usr/lib', (node) =>
    dir(
      [...(node.children ?? []), ...names.map((name, at) => [name, backed(80 + at, 500, { mtime: 5 })] as const)],
      node,
    ),
  );

test('the NUL that ends a long name of a GNU tar, taken for a letter', () => {
  const [a, b] = [withNames([long, `${long}2`]), withNames([`${long}\\x00`, `${long}2\\x00`])];
  expect(causesOf(a, b)).toEqual(['D36 2']);
  expect(explainTrees(a, b).causes).toMatchObject([
    { confidence: 'strong', sentence: '2 pairs of names are the same but for NULs at the end.' },
  ]);
});

test('several NULs, of a directory, with what is below it; and of a file without content', () => {
  const inner = { file: backed(90, 10), empty: file() };
  const [a, b] = ['', '\\x00\\x00'].map((end) => dir({ [`${long}${end}`]: dir(inner), [`y${end}`]: file() }));
  if (a === undefined || b === undefined) throw new Error('no trees');
  expect(causesOf(a, b)).toEqual(['D36 5']);
});

test('not a NUL within, nor another name, nor a moved one', () => {
  expect(causesOf(withNames([long]), withNames([`${long}\\x00y`]))).toEqual(['unexplained 1']);
  expect(causesOf(withNames([long]), withNames([`${long}y\\x00`]))).toEqual(['unexplained 1']);
  const moved = nodeAt(release, '/etc', (node) =>
    dir([...(node.children ?? []), [`${long}\\x00`, backed(80, 500, { mtime: 5 })]], node),
  );
  expect(causesOf(withNames([long]), moved)).toEqual(['unexplained 1']);
});
