import { expect, test } from 'vitest';
import { S_IFDIR } from '../../../table.ts';
import { causesOf, everyNode, nodeAt, release } from '../testing/pairs.ts';

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

test('not where all times were set to one, and / and /usr are alike by that', () => {
  const plain = everyNode(release, (node) => ({ ...node, mode: node.type === S_IFDIR ? 0o755 : (node.mode ?? 0o644) }));
  const b = everyNode(plain, (node) => ({ ...node, mtime: 7, nsec: 0 }));
  expect(causesOf(plain, b)).toEqual(['D35 21']);
});
