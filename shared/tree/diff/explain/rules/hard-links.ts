import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule } from '../delta.ts';

/** D12: what is one inode on one side is a file for each name on the other. */
export const hardLinks: CauseRule = {
  id: 'D12',
  title: 'Hard links were lost',
  rule: 'Names that are one inode on one side are all inodes of their own on the other; their contents are equal.',
  knownFrom:
    'mkcomposefs of a directory makes every name a file of its own (C always, Rust without --hardlinks); cfsctl keeps them; copying up across layers breaks them.',
  advice: 'Scan both with the same option; flatten the layers.',
  find: (delta) => {
    const pairs = delta.pairs(Change.links);
    for (const side of sideNames) {
      const { inode } = delta.image(side).table;
      const names = new Map<number, number>();
      for (const entry of delta.entries(side)) names.set(inode[entry] ?? 0, (names.get(inode[entry] ?? 0) ?? 0) + 1);
      const lost = pairs.filter((pair) => names.get(inode[pair[side]] ?? 0) === 1);
      if (lost.length === 0 || lost.length < pairs.length) continue;
      return {
        sentence: `${count(lost.length, 'name')} of hard links in ${otherSide(side).toUpperCase()} ${lost.length === 1 ? 'is a file' : 'are files'} of their own in ${side.toUpperCase()}.`,
        explains: explaining(
          delta,
          lost.map(({ row }) => row),
          Change.links | Change.nlink,
        ),
        confidence: 'strong',
      };
    }
    return undefined;
  },
};
