import { expect, test } from 'vitest';
import { backed, dir, file, type Node } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees } from '../testing/pairs.ts';

const object = (digest: string): Node =>
  file({ size: 0, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}` });
const kernel = object('3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95');
const old = object('cfc3391077edfd51859f6e5e16e03f82b1da3ee1a35d418b0d0b3b57740b4405');

test('the two digests of no bytes, and an object where the other side has none', () => {
  expect(causesOf(dir({ x: kernel }), dir({ x: old }))).toEqual(['D26 1']);
  expect(causesOf(dir({ x: kernel }), dir({ x: file() }))).toEqual(['D26 1']);
});

test('not another digest', () => {
  expect(causesOf(dir({ x: kernel }), dir({ x: backed(1, 0) }))).toEqual(['unexplained 1']);
});

test('it is certain, and the object’s path goes along', () => {
  expect(explainTrees(dir({ x: kernel }), dir({ x: old })).causes).toMatchObject([
    { confidence: 'certain', sentence: '1 empty file with an object or another digest on one side.' },
  ]);
  const odd = { ...old, redirect: 'an/object' };
  expect(causesOf(dir({ x: kernel }), dir({ x: odd }))).toEqual(['D26 1']);
});

test('not a file with content', () => {
  const full = { ...old, size: 5 };
  expect(causesOf(dir({ x: kernel }), dir({ x: full }))).toEqual(['unexplained 1']);
  expect(causesOf(dir({ x: file({ content: 'a' }) }), dir({ x: kernel }))).toEqual(['unexplained 1']);
});
