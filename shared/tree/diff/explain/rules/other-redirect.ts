import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { redirectStem } from '../../compare-entries.ts';
import { sideNames, type CauseRule, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D25: the digests are equal, the paths of the objects are not. */
export const otherRedirect: CauseRule = {
  id: 'D25',
  title: 'Other paths of the same objects',
  rule: 'The digests are equal, the redirects are not, and one of them is not the digest’s own path.',
  knownFrom:
    'Dumps with payloads of another form, as objects/…, a leading / or .file: the C tool keeps them, composefs-rs makes them anew.',
  advice: 'Give payloads in the form that follows from the digest: two digits, a slash, the others.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    const sides = new Set<string>();
    yield* each(yield* delta.pairs(Change.redirect), (pair) => {
      if ((delta.left(pair.row) & Change.digest) !== 0) return;
      // one side may not say the digest: it is that of the other
      const [digest] = sideNames.flatMap((side) => digestBytes(delta.image(side).table, pair[side]) ?? []);
      if (digest === undefined) return;
      const other = sideNames.filter((side) => redirectStem(delta.image(side), pair[side], digest) !== '');
      if (other.length === 0) return;
      for (const side of other) sides.add(side.toUpperCase());
      explains.set(pair.row, Change.redirect);
    });
    const sentence = `${count(explains.size, 'file')} with equal digests: the redirect is not the digest’s own path in ${[...sides].toSorted().join(' and ')}.`;
    return { sentence, explains };
  },
};
