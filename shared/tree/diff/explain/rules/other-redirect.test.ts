import { expect, test } from 'vitest';
import { causesOf, everyNode, release } from '../testing/pairs.ts';

test('payloads with a folder in front', () => {
  const prefixed = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `objects/${node.redirect}` },
  );
  expect(causesOf(release, prefixed)).toEqual(['D25 5']);
});
