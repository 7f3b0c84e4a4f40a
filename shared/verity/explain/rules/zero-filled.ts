import { DEFAULT_VERITY_BLOCK } from '../../fs-verity.ts';
import { count, grouped } from '../words.ts';
import { blocksThatDiffer } from '../compare-blocks.ts';
import { finding, type Rule } from '../evidence.ts';

const BLOCK = DEFAULT_VERITY_BLOCK;

/** Zeros where content should be: the size reached the disk before a crash, the writes did not. */
export const zeroFilled: Rule = {
  id: 'zero-filled',
  examine: async (evidence) => {
    const { status, expected, found } = evidence;
    if (found === undefined || !['digest-mismatch', 'size-mismatch', 'wrong-seal'].includes(status)) return undefined;
    const facts = await evidence.content();
    if (facts === undefined || facts.size === 0 || facts.verity[expected.algorithm] === expected.digest)
      return undefined;
    const from = Math.ceil(facts.zeroFrom / BLOCK);
    const blocks = Math.ceil(facts.size / BLOCK);
    if (from >= blocks) return { ruledOut: 'It does not end in zeros: no block at its end was lost.' };
    const what = from === 0 ? 'All of it is zeros' : `It is zeros from block ${from} to its end`;
    const zeros = `${count(blocks - from, 'block')}, from byte ${grouped(from * BLOCK)}`;
    const advice =
      'Writes were lost, as by a power cut before fsync: look at other objects of the same time, and fetch them again.';
    const differing = await blocksThatDiffer(evidence);
    if (differing === undefined) {
      return finding('zero-filled', 'likely', `${what}: lost writes look like that.`, [['Zeros', zeros]], advice);
    }
    const [first] = differing;
    if (first === undefined || first < from) {
      return { ruledOut: 'It is not just that its end was lost: blocks before the zeros differ, too.' };
    }
    const copy = await evidence.goodCopy();
    const facts2 = [
      ['Zeros', zeros],
      ['Where the good copy has content', count(differing.length, 'block')],
      ['Good copy', copy?.path ?? ''],
    ] as const;
    return finding('zero-filled', 'certain', `${what}, where the good copy has content: lost writes.`, facts2, advice);
  },
};
