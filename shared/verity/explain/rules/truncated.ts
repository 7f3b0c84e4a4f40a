import { count } from '../words.ts';
import { finding, type Rule } from '../evidence.ts';
import { sameStart } from '../compare-blocks.ts';

/** The file ends too early: a download or a copy that was cut off. */
export const truncated: Rule = {
  id: 'truncated',
  examine: async (evidence) => {
    const { expected, found } = evidence;
    if (found === undefined || found.size >= expected.size) return undefined;
    const facts = [
      ['Size', `${count(found.size, 'byte')} of ${count(expected.size, 'byte')}`],
      ['Missing', count(expected.size - found.size, 'byte')],
    ] as const;
    const advice =
      'Fetch the object again. If many objects are cut off, look at the free space and the log of the copy.';
    if (found.size === 0) {
      return finding('truncated', 'certain', 'It is empty: all of its content is missing.', facts, advice);
    }
    const copy = await evidence.goodCopy();
    if (copy === undefined) {
      const sentence = `It ends at byte ${found.size}; whether the bytes before are right, no good copy is there to tell.`;
      return finding('truncated', 'likely', sentence, facts, advice);
    }
    if (!(await sameStart(evidence, found.size))) {
      return { ruledOut: `It is not just cut off: bytes before byte ${found.size} differ from the good copy, too.` };
    }
    return finding(
      'truncated',
      'certain',
      `It is truncated at byte ${found.size}; all before it is as in the good copy.`,
      [...facts, ['Good copy', copy.path]],
      advice,
    );
  },
};
