import { count } from '../../../../verity/explain/words.ts';
import { formatTime } from '../../../format.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change, ONE_SIDED } from '../../change.ts';
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
import { each, filtered, type Steps } from '../../../../steps.ts';
import { mostOf } from './most.ts';
import { lostNanoseconds } from './nanoseconds.ts';

/** Of the times that differ and have no reason of their own, how many must be the clamp. */
const MOST = 0.8;
/** Of the clamped entries, how many others may be later: what was changed after the build. */
const LATER = 0.05;

/** `1714557600 (2024-05-01 10:00:00 UTC)`: what builders are told, and what it says. */
export const timeText = (seconds: number): string =>
  `${seconds} (${formatTime(seconds, 0, 'full').replace(/\.0+ /, ' ')})`;

interface Clamp {
  readonly clamp: number;
  readonly rows: readonly Pair[];
}

/** Pairs that have one time on a side and a later one on the other; no other entry of the side is later. */
function* clampedTo(
  delta: Delta,
  side: SideName,
  pairs: readonly Pair[],
  isMeant: (entry: number) => boolean,
): Steps<Clamp | undefined> {
  const other = otherSide(side);
  // where nanoseconds were dropped as well, earlier times differ by them alone
  const lost = (pair: Pair): boolean => sideNames.some((one) => lostNanoseconds(delta, one, pair));
  const differing = yield* filtered(pairs, (pair) => isMeant(pair[side]) && !lost(pair));
  const whole = yield* filtered(differing, (pair) => delta.time(side, pair[side])[1] === 0);
  const [clamp, number] = yield* mostOf(whole, (pair) => delta.time(side, pair[side])[0]);
  // seconds that are equal everywhere are dropped nanoseconds
  if (clamp === undefined || number < 2 || number < MOST * differing.length) return undefined;
  const rows = yield* filtered(pairs, (pair) => {
    const [own, theirs] = [delta.time(side, pair[side]), delta.time(other, pair[other])];
    return own[0] === clamp && own[1] === 0 && theirs[0] >= clamp;
  });
  const meant = rows.filter((pair) => isMeant(pair[side])).length;
  if (meant < number) return undefined;
  let later = 0;
  yield* each(delta.rows(), (row) => {
    const entry = delta.entry(side, row);
    // what was put there later, or is another file now, is later
    if (entry < 0 || !isMeant(entry) || ((delta.diff.changes[row] ?? 0) & (OWN_CONTENT | ONE_SIDED)) !== 0) return;
    const [sec, nsec] = delta.time(side, entry);
    if (sec > clamp || (sec === clamp && nsec > 0)) later += 1;
  });
  return later > LATER * meant ? undefined : { clamp, rows };
}

/** D35: times after one were set to it. */
export const clamped: CauseRule = {
  id: 'D35',
  title: 'Times were clamped',
  rule: 'No time of one side is later than T, or hardly any; those that differ are T there and later on the other side, files among them.',
  knownFrom: 'SOURCE_DATE_EPOCH, --timestamp and --rewrite-timestamp of podman and buildah, --clamp-mtime of tar.',
  advice: 'Clamp on both sides to the same time.',
  *find(delta): Steps<Found | undefined> {
    // a file of other content has another time by itself
    const own = yield* filtered(yield* delta.pairs(Change.mtime), ({ row }) => (delta.left(row) & OWN_CONTENT) === 0);
    for (const side of sideNames) {
      const isFile = (entry: number): boolean => delta.type(side, entry) !== S_IFDIR;
      const found =
        (yield* clampedTo(delta, side, own, () => true)) ??
        // directories may have been made anew behind it
        (yield* clampedTo(delta, side, own, isFile));
      if (found === undefined || found.rows.every(({ a }) => delta.type('a', a) === S_IFDIR)) continue;
      const { clamp, rows } = found;
      const letter = side.toUpperCase();
      return {
        sentence: `${count(rows.length, 'name')}: ${letter} has ${timeText(clamp)} where the other side has a later time.`,
        explains: yield* explainingPairs(delta, rows, Change.mtime),
      };
    }
    return undefined;
  },
};

/** What differs where a file is really another one. */
const OWN_CONTENT = Change.type | Change.content | Change.digest | Change.size | Change.target;
