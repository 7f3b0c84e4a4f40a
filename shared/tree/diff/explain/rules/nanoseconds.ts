import { count } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import {
  explainingPairs,
  otherSide,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Of the times that are equal but for nanoseconds, how many must have none on the one side. */
const MOST = 0.8;
const HALF = 500_000_000;
const HOUR = 3600;

/** Whether a side has the seconds of the other’s time: cut, or rounded up. */
function secondsOf(delta: Delta, side: SideName, pair: Pair): 'cut' | 'rounded up' | undefined {
  const [own, theirs] = [delta.time(side, pair[side]), delta.time(otherSide(side), pair[otherSide(side)])];
  if (own[1] !== 0) return undefined;
  if (own[0] === theirs[0]) return 'cut';
  return own[0] === theirs[0] + 1 && theirs[1] >= HALF ? 'rounded up' : undefined;
}

/** Whether a time differs as times do whose nanoseconds a side dropped. */
export const lostNanoseconds = (delta: Delta, side: SideName, pair: Pair): boolean =>
  secondsOf(delta, side, pair) !== undefined;

/** D05: the nanoseconds were dropped on one side. */
export const nanoseconds: CauseRule = {
  id: 'D05',
  title: 'Nanoseconds were dropped',
  rule: 'The seconds are equal, or the nearest ones, and the nanoseconds are 0 wherever they differ, on one side. Or there are none, and times of one side are a second later.',
  knownFrom:
    'Format 2 has none; composefs-rs before 0.7.0 neither; ustar and GNU tars have whole seconds, PAX tars have fractions (pax format of GNU tar, bsdtar). Go’s archive/tar rounds to the nearest second unless it is told a format (umoci). C scans of directories keep them.',
  advice: 'Give whole seconds when the image is built, or use format 2 on both sides.',
  *find(delta): Steps<Found | undefined> {
    const all = yield* delta.pairs(Change.mtime);
    const pairs = yield* filtered(all, ({ a, b }) => delta.time('a', a)[0] === delta.time('b', b)[0]);
    for (const side of sideNames) {
      const other = otherSide(side);
      const cut = yield* filtered(pairs, (pair) => secondsOf(delta, side, pair) === 'cut');
      const rounded = yield* filtered(all, (pair) => secondsOf(delta, side, pair) === 'rounded up');
      // a second more by rounding: then nothing of half a second and more was cut
      const notRounded = yield* filtered(cut, (pair) => delta.time(other, pair[other])[1] >= HALF);
      const isRounded = rounded.length > notRounded.length;
      const rows = isRounded ? [...cut, ...rounded] : cut;
      if (rows.length === 0 || cut.length < MOST * pairs.length) continue;
      const hasNone = yield* delta.every(side, (entry) => delta.time(side, entry)[1] === 0);
      const where = hasNone ? 'has no nanoseconds at all' : 'has none of their nanoseconds';
      const equal = isRounded ? `are equal when they are rounded to the second` : 'are equal to the second';
      return {
        sentence: `${count(rows.length, 'name')}: the times ${equal}, and ${side.toUpperCase()} ${where}.`,
        explains: yield* explainingPairs(delta, rows, Change.mtime),
      };
    }
    return yield* roundedAndCut(delta, all);
  },
};

/** Both sides have dropped them, one by rounding: it is a second later here and there. */
function* roundedAndCut(delta: Delta, pairs: readonly Pair[]): Steps<Found | undefined> {
  for (const side of sideNames) {
    const other = otherSide(side);
    const rows = yield* filtered(pairs, (pair) => {
      const [own, theirs] = [delta.time(side, pair[side]), delta.time(other, pair[other])];
      return own[0] === theirs[0] + 1 && own[1] === 0 && theirs[1] === 0;
    });
    if (rows.length < 2 || rows.length < MOST * pairs.length) continue;
    if (rows.every((pair) => delta.type(side, pair[side]) === S_IFDIR)) continue;
    const seconds = rows.map((pair) => delta.time(side, pair[side])[0]);
    const [first, last] = seconds.reduce(
      ([low, high], sec) => [Math.min(low, sec), Math.max(high, sec)],
      [Infinity, -Infinity],
    );
    return {
      sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} is one second later, as where it rounded the nanoseconds and ${other.toUpperCase()} cut them; neither has them now.`,
      explains: yield* explainingPairs(delta, rows, Change.mtime),
      // of one hour, they may as well come from two builds, one a second behind the other
      confidence: last - first > HOUR ? 'likely' : 'possible',
    };
  }
  return undefined;
}
