import { expect, test } from 'vitest';
import { randomBytes } from '../../testing/random.ts';
import { kernelWords } from './kernel-words.ts';
import { explainCase, wounded } from './testing/wounded.ts';

const right = randomBytes(1, 100_000);

test.each([
  ['other random bytes', randomBytes(2, right.length)],
  ['half of it in reverse', Buffer.concat([right.subarray(0, 50_000), right.slice(50_000).toReversed()])],
])('a wound that no rule knows: %s', async (_, found) => {
  const { findings, ruledOut, notTried } = await explainCase({ right, found });
  expect(findings).toEqual([]);
  expect(ruledOut.map(({ rule }) => rule)).toEqual([
    'swapped',
    'plain-hash',
    'zero-filled',
    'compressed',
    'other-parameters',
    'other-store',
  ]);
  expect(notTried.map(({ rule }) => rule)).toEqual(['blocks-differ']);
});

test('the most certain finding comes first, and costly rules are not asked once the content is explained', async () => {
  const { findings, ruledOut } = await explainCase({ right, found: right.slice(0, 70_000), copy: true });
  expect(findings.map(({ rule, certainty }) => [rule, certainty])).toEqual([
    ['truncated', 'certain'],
    ['other-store', 'certain'],
  ]);
  expect(ruledOut.some(({ rule }) => rule === 'other-parameters')).toBe(false);
});

test('what is right needs no explanation', async () => {
  expect(await explainCase({ right, found: right })).toMatchObject({ findings: [], ruledOut: [], strip: undefined });
});

test('the kernel names the object, or the file, as it does in its log', async () => {
  const evidence = wounded({ right, found: randomBytes(3, right.length), redirect: 'ab/cdef' });
  const words = kernelWords(evidence, await explainCase({ right, found: right }), '/usr/name');
  expect(words.log).toBe("overlayfs: lower file 'cdef' has no fs-verity digest");
});
