import { count, hexPairs } from '../words.ts';
import { finding, type Rule } from '../evidence.ts';

/** Something was written behind the end. */
export const extended: Rule = {
  id: 'extended',
  examine: async ({ expected, found, content, readBlock }) => {
    if (found === undefined || found.size <= expected.size || expected.digest === undefined) return undefined;
    const facts = await content();
    if (facts === undefined) return { notTried: 'Whether bytes were appended: its content was not read.' };
    if (facts.ofExpectedSize !== expected.digest) {
      return { ruledOut: `Its first ${count(expected.size, 'byte')} are not the right content either.` };
    }
    const tail = await readBlock(expected.size, 64);
    const what = facts.zeroFrom <= expected.size ? 'all of them zero' : `the first are ${hexPairs(tail)}`;
    return finding(
      'extended',
      'certain',
      `${count(found.size - expected.size, 'byte')} were appended to the right content: ${what}.`,
      [
        ['Size', `${count(found.size, 'byte')} in place of ${count(expected.size, 'byte')}`],
        ['Digest without them', expected.digest],
      ],
      'The content itself is whole: a copy of it without the bytes behind its end is the right object.',
    );
  },
};
