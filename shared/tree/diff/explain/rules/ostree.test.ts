import { expect, test } from 'vitest';
import { causesOf, everyNode, release } from '../testing/pairs.ts';

test('payloads of ostree, and no times', () => {
  const ostree = everyNode(release, (node) => {
    const { redirect, ...rest } = { ...node, mtime: 0, nsec: 0 };
    return redirect === undefined ? rest : { ...rest, redirect: `${redirect.slice(0, 2)}/${redirect.slice(3)}.file` };
  });
  // all of them differ in time
  expect(causesOf(release, ostree)).toEqual(['D17 21']);
});
