import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

const usr = release.children?.find(([name]) => name === 'usr')?.[1] ?? release;

test('the root with all of /usr', () => {
  const { children: _, ...attributes } = usr;
  expect(
    causesOf(
      release,
      nodeAt(release, '/', (node) => ({ ...node, ...attributes })),
    ),
  ).toEqual(['D09 1']);
});

test('not with its permissions alone', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/', (node) => ({ ...node, mode: 0o555 })),
    ),
  ).toEqual(['unexplained 1']);
});
