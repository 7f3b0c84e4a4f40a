import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { redirectStem } from '../../compare-entries.ts';
import { otherSide, sideNames, type CauseRule, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D18: the objects are the same, and one side does not say their digests. */
export const withoutDigest: CauseRule = {
  id: 'D18',
  title: 'Objects without a digest',
  rule: 'Only one side stores a digest, and the redirects are equal, or both name the object of this digest.',
  knownFrom:
    'Dumps with - in the digest’s place (containers/storage), objects that were not sealed, SHA-512 images sent through composefs-info dump.',
  advice: 'Make it again with digests: without, fs-verity cannot protect these files.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    const sides = new Set<string>();
    yield* each(yield* delta.pairs(Change.digest), (pair) => {
      for (const side of sideNames) {
        const [own, other] = [side, otherSide(side)].map((name) => digestBytes(delta.image(name).table, pair[name]));
        if (own !== undefined || other === undefined) continue;
        const isSame = (delta.left(pair.row) & Change.redirect) === 0;
        if (!isSame && !sideNames.every((one) => redirectStem(delta.image(one), pair[one], other) !== undefined))
          continue;
        explains.set(pair.row, Change.digest);
        sides.add(side.toUpperCase());
      }
    });
    const [first, second] = [...sides].toSorted();
    const who = second === undefined ? `${first ?? ''} names` : `${first ?? ''} and ${second} name`;
    const sentence = `${count(explains.size, 'file')}: ${who} the same objects and ${second === undefined ? 'does' : 'do'} not say their digests.`;
    return { sentence, explains };
  },
};
