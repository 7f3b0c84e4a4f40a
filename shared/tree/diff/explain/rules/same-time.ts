import { count } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import {
  explainingPairs,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { every, filtered, type Steps } from '../../../../steps.ts';
import { timeText } from './clamped.ts';
import { mostOf } from './most.ts';

/** Of a side's entries, how many must have the time: some may have been changed after the build. */
const MOST = 0.9;

/** Entries that must be there for one time to say something; files, where directories have others. */
const ENTRIES = 3;
const FILES = 10;

/**
 * The one time of nearly all entries, or of nearly all that are no directories: these may have been made anew behind it, and
 * are later then.
 */
export function* onlyTime(delta: Delta, side: SideName): Steps<number | undefined> {
  const all = [...delta.entries(side)];
  const time = yield* timeOfMost(delta, side, all, ENTRIES);
  if (time !== undefined) return time;
  const isFolder = (entry: number): boolean => delta.type(side, entry) === S_IFDIR;
  const files = yield* filtered(all, (entry) => !isFolder(entry));
  const ofFiles = yield* timeOfMost(delta, side, files, FILES);
  if (ofFiles === undefined) return undefined;
  const earlier = yield* filtered(all, (entry) => isFolder(entry) && delta.time(side, entry)[0] < ofFiles);
  return earlier.length > (1 - MOST) * (all.length - files.length) ? undefined : ofFiles;
}

function* timeOfMost(delta: Delta, side: SideName, all: readonly number[], least: number): Steps<number | undefined> {
  if (all.length < least) return undefined;
  const [time, number] = yield* mostOf(all, (entry) => {
    const [sec, nsec] = delta.time(side, entry);
    return nsec === 0 ? sec : Number.NaN; // no time in whole seconds is this one
  });
  return !Number.isNaN(time ?? Number.NaN) && number >= MOST * all.length ? time : undefined;
}

/** D35: all times of one side are one. */
export const sameTime: CauseRule = {
  id: 'D35',
  title: 'All times were set to one',
  rule: 'All entries of one side, or nearly all, or all but directories, have the same time in whole seconds, and not so those of the other; or both sides have one, and other ones.',
  knownFrom: '0: mkcomposefs --use-epoch, ostree. 1: Nix. Another: tar --mtime, builders that are given a time.',
  advice: 'Set the times on both sides or on none.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.mtime);
    if (pairs.length === 0) return undefined;
    const times = { a: yield* onlyTime(delta, 'a'), b: yield* onlyTime(delta, 'b') };
    if (times.a !== undefined && times.b !== undefined && times.a !== times.b)
      return yield* twoTimes(delta, pairs, times.a, times.b);
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
    };
  },
};

/** Both sides have one time, and it is another one. */
function* twoTimes(delta: Delta, pairs: readonly Pair[], a: number, b: number): Steps<Found> {
  const isAt = (side: SideName, entry: number, time: number): boolean => {
    const [sec, nsec] = delta.time(side, entry);
    return sec === time && nsec === 0;
  };
  const rows = yield* filtered(pairs, (pair) => isAt('a', pair.a, a) && isAt('b', pair.b, b));
  const [all, those] = rows.length === pairs.length ? ['All', 'all'] : ['Nearly all', 'nearly all'];
  return {
    sentence: `${all} times of A are ${timeText(a)}, ${those} of B ${timeText(b)}.`,
    explains: yield* explainingPairs(delta, rows, Change.mtime),
  };
}
