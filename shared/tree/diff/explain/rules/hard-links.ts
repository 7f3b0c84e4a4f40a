import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explainingPairs, otherSide, sideNames, type CauseRule, type Found } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Contents that differ, or may, for no known cause: then it is another file. */
const OTHER_FILE = Change.type | Change.content | Change.digest | Change.size;

/** D12: what is one inode on one side is a file for each name on the other. */
export const hardLinks: CauseRule = {
  id: 'D12',
  title: 'Hard links were lost',
  rule: 'Names that are one inode on one side are all inodes of their own on the other; their contents are equal.',
  knownFrom:
    'mkcomposefs of a directory makes every name a file of its own (C always, Rust without --hardlinks; composefs#444); cfsctl keeps them; copies without -a or -H and copying up across layers break them.',
  advice: 'Scan both with the same option; flatten the layers.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* filtered(yield* delta.pairs(Change.links), ({ row }) => (delta.left(row) & OTHER_FILE) === 0);
    for (const side of sideNames) {
      const { inode } = delta.image(side).table;
      const others = delta.image(otherSide(side)).table.inode;
      const names = yield* delta.linkCounts(side);
      const otherNames = yield* delta.linkCounts(otherSide(side));
      const lost = yield* filtered(
        pairs,
        (pair) =>
          names.get(inode[pair[side]] ?? 0) === 1 && (otherNames.get(others[pair[otherSide(side)]] ?? 0) ?? 0) > 1,
      );
      // where a name of the inode came or went, it is no scan that lost them
      if (lost.length < 2 || lost.length < pairs.length * 0.8) continue;
      return {
        sentence: `${count(lost.length, 'name')} of hard links in ${otherSide(side).toUpperCase()} are files of their own in ${side.toUpperCase()}.`,
        explains: yield* explainingPairs(delta, lost, Change.links),
      };
    }
    return undefined;
  },
};
