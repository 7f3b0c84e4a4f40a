import { expect, test } from 'vitest';
import { causesOf, everyNode, release } from '../testing/pairs.ts';

test('whole seconds, as in a ustar archive', () => {
  expect(
    causesOf(
      release,
      everyNode(release, (node) => ({ ...node, nsec: 0 })),
    ),
  ).toEqual(['D05 9']);
});
