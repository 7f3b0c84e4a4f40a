import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { otherSide, sideNames, type CauseRule } from '../delta.ts';

/** D18: the objects are the same, and one side does not say their digests. */
export const withoutDigest: CauseRule = {
  id: 'D18',
  title: 'Objects without a digest',
  rule: 'The redirects are equal, and only one side stores a digest.',
  knownFrom:
    'Dumps with - in the digest’s place (containers/storage), objects that were not sealed, SHA-512 images sent through composefs-info dump.',
  advice: 'Make it again with digests: without, fs-verity cannot protect these files.',
  find: (delta) => {
    for (const side of sideNames) {
      const explains = new Map<number, number>();
      for (const pair of delta.pairs(Change.digest)) {
        const [own, other] = [side, otherSide(side)].map((name) => digestBytes(delta.image(name).table, pair[name]));
        if (own === undefined && other !== undefined && (delta.left(pair.row) & Change.redirect) === 0) {
          explains.set(pair.row, Change.digest);
        }
      }
      if (explains.size === 0) continue;
      const sentence = `${count(explains.size, 'file')}: ${side.toUpperCase()} names the same objects and does not say their digests.`;
      return { sentence, explains };
    }
    return undefined;
  },
};
