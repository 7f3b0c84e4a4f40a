import { expect, test } from 'vitest';
import { backed, dir, file, type Node } from '../../../../testing/table-of.ts';
import { causesOf } from '../testing/pairs.ts';

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
