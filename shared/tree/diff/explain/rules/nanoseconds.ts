import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explainingPairs, sideNames, type CauseRule, type Found } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Of the times that are equal to the second, how many must have no nanoseconds on the one side. */
const MOST = 0.8;

/** D05: the nanoseconds were dropped on one side. */
export const nanoseconds: CauseRule = {
  id: 'D05',
  title: 'Nanoseconds were dropped',
  rule: 'The seconds are equal, and the nanoseconds are 0 wherever they differ, on one side.',
  knownFrom:
    'Format 2 has none; composefs-rs before 0.7.0 neither; ustar and GNU tars have whole seconds, PAX tars have fractions (pax format of GNU tar, bsdtar). C scans of directories keep them.',
  advice: 'Give whole seconds when the image is built, or use format 2 on both sides.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* filtered(
      yield* delta.pairs(Change.mtime),
      ({ a, b }) => delta.time('a', a)[0] === delta.time('b', b)[0],
    );
    if (pairs.length === 0) return undefined;
    for (const side of sideNames) {
      const rows = yield* filtered(pairs, (pair) => delta.time(side, pair[side])[1] === 0);
      if (rows.length === 0 || rows.length < MOST * pairs.length) continue;
      const hasNone = yield* delta.every(side, (entry) => delta.time(side, entry)[1] === 0);
      const where = hasNone ? 'has no nanoseconds at all' : 'has none of their nanoseconds';
      return {
        sentence: `${count(rows.length, 'name')}: the times are equal to the second, and ${side.toUpperCase()} ${where}.`,
        explains: yield* explainingPairs(delta, rows, Change.mtime),
      };
    }
    return undefined;
  },
};
