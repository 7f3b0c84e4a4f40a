import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D24: the link count that is written is not the number of the names. */
export const linkCounts: CauseRule = {
  id: 'D24',
  title: 'Link counts that are not the number of names',
  rule: 'Link counts differ, the same names are one inode, and one side’s number is not how many they are.',
  knownFrom:
    'Dumps with wrong numbers: the C tool writes what they say, composefs-rs counts. Directories of which files have a link outside.',
  advice: 'Write the true number of links into the dump.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.nlink);
    if (pairs.length === 0) return undefined;
    const wrong = new Set<number>();
    const sides = new Set<string>();
    for (const side of sideNames) {
      const { inode, nlink } = delta.image(side).table;
      const names = yield* delta.linkCounts(side);
      yield* each(pairs, (pair) => {
        if (names.get(inode[pair[side]] ?? 0) === nlink[pair[side]]) return;
        wrong.add(pair.row);
        sides.add(side.toUpperCase());
      });
    }
    const sentence = `${count(wrong.size, 'name')} with a link count in ${[...sides].join(' and ')} that is not the number of names.`;
    return { sentence, explains: yield* explaining(delta, wrong, Change.nlink), confidence: 'certain' };
  },
};
