import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explainingPairs, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { every, filtered, type Steps } from '../../../../steps.ts';
import { timeText } from './clamped.ts';
import { mostOf } from './most.ts';

/** Of a side's entries, how many must have the time: some may have been changed after the build. */
const MOST = 0.9;

/** The one time of nearly all entries, where there are several entries. */
function* onlyTime(delta: Delta, side: SideName): Steps<number | undefined> {
  let entries = 0;
  const [time, number] = yield* mostOf(delta.entries(side), (entry) => {
    entries += 1;
    const [sec, nsec] = delta.time(side, entry);
    return nsec === 0 ? sec : Number.NaN; // no time in whole seconds is this one
  });
  return entries > 2 && !Number.isNaN(time ?? Number.NaN) && number >= MOST * entries ? time : undefined;
}

/** D35: all times of one side are one. */
export const sameTime: CauseRule = {
  id: 'D35',
  title: 'All times were set to one',
  rule: 'All entries of one side, or nearly all, have the same time in whole seconds, and not so those of the other.',
  knownFrom: '0: mkcomposefs --use-epoch, ostree. 1: Nix. Another: tar --mtime, builders that are given a time.',
  advice: 'Set the times on both sides or on none.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.mtime);
    if (pairs.length === 0) return undefined;
    const times = { a: yield* onlyTime(delta, 'a'), b: yield* onlyTime(delta, 'b') };
    const [side, more] = sideNames.filter((one) => times[one] !== undefined);
    if (side === undefined || more !== undefined) return undefined;
    const time = times[side] ?? 0;
    // seconds that are equal everywhere are dropped nanoseconds
    if (yield* every(pairs, ({ a, b }) => delta.time('a', a)[0] === delta.time('b', b)[0])) return undefined;
    const rows = yield* filtered(pairs, (pair) => {
      const [sec, nsec] = delta.time(side, pair[side]);
      return sec === time && nsec === 0;
    });
    const all = rows.length === pairs.length ? 'All' : 'Nearly all';
    return {
      sentence: `${all} times of ${side.toUpperCase()} are ${timeText(time)}; ${count(rows.length, 'name')} ${rows.length === 1 ? 'has' : 'have'} another one on the other side.`,
      explains: yield* explainingPairs(delta, rows, Change.mtime),
      confidence: rows.length === pairs.length ? 'strong' : undefined,
    };
  },
};
