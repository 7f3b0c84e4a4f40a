import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { otherSide, sideNames, type CauseRule, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D18: the objects are the same, and one side does not say their digests. */
export const withoutDigest: CauseRule = {
  id: 'D18',
  title: 'Objects without a digest',
  rule: 'The redirects are equal, and only one side stores a digest.',
  knownFrom:
    'Dumps with - in the digest’s place (containers/storage), objects that were not sealed, SHA-512 images sent through composefs-info dump.',
  advice: 'Make it again with digests: without, fs-verity cannot protect these files.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    const sides = new Set<string>();
    yield* each(yield* delta.pairs(Change.digest), (pair) => {
      if ((delta.left(pair.row) & Change.redirect) !== 0) return;
      for (const side of sideNames) {
        const [own, other] = [side, otherSide(side)].map((name) => digestBytes(delta.image(name).table, pair[name]));
        if (own !== undefined || other === undefined) continue;
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
