import { expect, test } from 'vitest';
import { causesOf, everyNode, release, without } from '../testing/pairs.ts';

test('a dump with - for each digest', () => {
  const undigested = everyNode(release, (node) => without(node, 'digest'));
  expect(causesOf(release, undigested)).toEqual(['D18 5']);
});
