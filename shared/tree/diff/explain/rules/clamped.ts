import { count } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type Pair, type SideName } from '../delta.ts';

/** The time that all differing ones of a side have, where those of the other side are later, and no entry is. */
function clampOf(delta: Delta, side: SideName, pairs: readonly Pair[]): number | undefined {
  const other = otherSide(side);
  const [first] = pairs;
  const [clamp, nsec] = first === undefined ? [0, 1] : delta.time(side, first[side]);
  if (nsec !== 0) return undefined;
  // seconds that are equal everywhere are dropped nanoseconds
  let isClamped = false;
  for (const pair of pairs) {
    const [own, theirs] = [delta.time(side, pair[side]), delta.time(other, pair[other])];
    if (own[0] !== clamp || own[1] !== 0 || theirs[0] < clamp || (theirs[0] === clamp && theirs[1] === 0))
      return undefined;
    isClamped ||= theirs[0] > clamp;
  }
  if (!isClamped) return undefined;
  for (const entry of delta.entries(side)) if (delta.time(side, entry)[0] > clamp) return undefined;
  return clamp;
}

/** D35: times after one were set to it. */
export const clamped: CauseRule = {
  id: 'D35',
  title: 'Times were clamped',
  rule: 'No time of one side is later than T; all that differ are T there and later on the other side, files among them.',
  knownFrom: 'SOURCE_DATE_EPOCH, --timestamp, --rewrite-timestamp, --clamp-mtime of tar.',
  advice: 'Clamp on both sides to the same time.',
  find: (delta) => {
    const pairs = delta.pairs(Change.mtime);
    if (pairs.length < 2 || !pairs.some(({ a }) => delta.type('a', a) !== S_IFDIR)) return undefined;
    for (const side of sideNames) {
      const clamp = clampOf(delta, side, pairs);
      if (clamp === undefined) continue;
      return {
        sentence: `${count(pairs.length, 'name')}: ${side.toUpperCase()} has no time after ${clamp}, and that one where the other side has a later one.`,
        explains: explaining(
          delta,
          pairs.map(({ row }) => row),
          Change.mtime,
        ),
        confidence: 'strong',
      };
    }
    return undefined;
  },
};
