import { expect, test } from 'vitest';
import { causesOf, nodeAt, release } from '../testing/pairs.ts';

test('what the header of a tar says, against what a directory shows', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/usr/bin/sh', (node) => ({ ...node, mode: 0o755 })),
    ),
  ).toEqual(['D21 1']);
});
