import { DEFAULT_VERITY_BLOCK } from '../../fs-verity.ts';
import { count, grouped, listed } from '../words.ts';
import { blocksThatDiffer, firstPair } from '../compare-blocks.ts';
import { finding, type Rule } from '../evidence.ts';

/** The right size, and here and there other bytes. */
export const blocksDiffer: Rule = {
  id: 'blocks-differ',
  examine: async (evidence) => {
    const { expected, found } = evidence;
    if (found === undefined || found.size !== expected.size || expected.size === 0) return undefined;
    const copy = await evidence.goodCopy();
    if (copy === undefined) {
      return { notTried: 'Which blocks differ: no attached store has a good copy to compare it with.' };
    }
    const differing = await blocksThatDiffer(evidence);
    if (differing === undefined) return { notTried: 'Which blocks differ: its content was not read.' };
    const pair = await firstPair(evidence);
    if (differing.length === 0 || pair === undefined) return undefined;
    const blocks = Math.ceil(expected.size / DEFAULT_VERITY_BLOCK);
    const where = `block${differing.length === 1 ? '' : 's'} ${listed(differing, differing.length)}`;
    const one = differing.length === 1;
    const how =
      one && pair.bits === 1
        ? `One bit is flipped, in block ${pair.block}`
        : one
          ? `${count(pair.bytes, 'byte')} differ (${count(pair.bits, 'bit')}), all in block ${pair.block}`
          : `${grouped(differing.length)} of ${count(blocks, 'block')} differ: ${where}`;
    const at = pair.found.findIndex((byte, index) => byte !== pair.good[index]);
    return finding(
      'blocks-differ',
      'certain',
      `${how}; all else is as in the good copy.`,
      [
        [
          'First difference',
          `byte ${grouped(pair.offset + at)}: ${hex(pair.found[at])} in place of ${hex(pair.good[at])}`,
        ],
        ['In that block', `${count(pair.bytes, 'byte')}, ${count(pair.bits, 'bit')}`],
        ['Good copy', copy.path],
      ],
      pair.bits === 1 && one
        ? 'A single flipped bit is what failing memory or a failing disk does: check the machine, and fetch the object again.'
        : 'Fetch the object again; where it comes back wrong, the copy it is fetched from is.',
    );
  },
};

const hex = (byte: number | undefined): string => `0x${(byte ?? 0).toString(16).padStart(2, '0')}`;
