import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { redirectStem } from '../../compare-entries.ts';
import { sideNames, type CauseRule, type Found } from '../delta.ts';
import { every, type Steps } from '../../../../steps.ts';

/** D10: all objects of one side have SHA-256 digests, all of the other SHA-512. */
export const otherAlgorithm: CauseRule = {
  id: 'D10',
  title: 'SHA-256 against SHA-512',
  rule: 'Every digest of one side has 32 bytes, every one of the other 64; the sizes of the files are equal.',
  knownFrom: 'bootc: SHA-512 alone. cfsctl init: SHA-512. Every C tool and the library’s default: SHA-256.',
  advice: 'Choose one hash on both sides: digests of one cannot be made from those of the other without the contents.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    let widthA: number | undefined;
    const isOther = yield* every(yield* delta.pairs(Change.digest), ({ row, a, b }) => {
      const [ours, theirs] = [digestBytes(delta.diff.a.table, a)?.length, digestBytes(delta.diff.b.table, b)?.length];
      if (ours === undefined || theirs === undefined) return true;
      if (ours === theirs || (widthA ?? ours) !== ours) return false;
      widthA = ours;
      if ((delta.left(row) & Change.size) === 0) {
        // of two paths that the digests follow from, what is in front of them has its own reason
        const follow = sideNames.every((side) => redirectStem(delta.image(side), side === 'a' ? a : b) !== undefined);
        explains.set(row, Change.digest | (follow ? 0 : delta.left(row) & Change.redirect));
      }
      return true;
    });
    if (!isOther) return undefined;
    const [a, b] = widthA === 32 ? ['SHA-256', 'SHA-512'] : ['SHA-512', 'SHA-256'];
    const sentence = `${count(explains.size, 'file')} of equal size: the digests are ${a} in A and ${b} in B, so that nothing says whether the contents differ.`;
    return { sentence, explains };
  },
};
