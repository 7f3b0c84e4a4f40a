import { count } from '../../../../verity/explain/words.ts';
import { digestBytes, redirectBytes } from '../../../row.ts';
import { Change } from '../../change.ts';
import { otherSide, sideNames, type CauseRule, type Delta, type Found, type Pair, type SideName } from '../delta.ts';
import { each, filtered, type Steps } from '../../../../steps.ts';
import { onlyTime } from './same-time.ts';

const SUFFIX = '.file';

function isOstree(delta: Delta, side: SideName, entry: number): boolean {
  const redirect = redirectBytes(delta.image(side).table, entry);
  return redirect !== undefined && String.fromCharCode(...redirect.subarray(-SUFFIX.length)) === SUFFIX;
}

/** D17: one side was made by ostree. */
export const ostree: CauseRule = {
  id: 'D17',
  title: 'Made by ostree',
  rule: 'Redirects of one side end in .file, and none of the other; its times are all 0, or nearly all.',
  knownFrom:
    'libostree: payloads xx/….file, all times 0, nothing in the image, digests only where they are asked for; formats 0 to 1, SHA-256 alone.',
  advice: 'Compare images of ostree with images of ostree only.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.redirect | Change.storage);
    for (const side of sideNames) {
      const other = otherSide(side);
      const files = yield* filtered(
        pairs,
        (pair) => isOstree(delta, side, pair[side]) && !isOstree(delta, other, pair[other]),
      );
      if (files.length === 0) continue;
      const explains = new Map<number, number>();
      yield* each(files, (pair) => {
        // two digests that differ are two contents, whatever the objects are called
        const hasBoth = sideNames.every((one) => digestBytes(delta.image(one).table, pair[one]) !== undefined);
        const bits = Change.redirect | Change.storage | (hasBoth ? 0 : Change.digest);
        explains.set(pair.row, delta.left(pair.row) & bits);
      });
      const times = yield* zeroTimes(delta, side);
      yield* each(times?.rows ?? [], ({ row }) => {
        explains.set(row, (explains.get(row) ?? 0) | Change.mtime);
      });
      const and = times === undefined ? '' : `, and ${times.isAll ? '' : 'nearly '}all times are 0`;
      return {
        sentence: `${side.toUpperCase()} has ${count(files.length, 'object')} named as ostree names them${and}.`,
        explains,
        confidence: 'strong',
      };
    }
    return undefined;
  },
};

/** Pairs that have the time 0 on a side of which nearly all entries have it. */
function* zeroTimes(
  delta: Delta,
  side: SideName,
): Steps<{ readonly rows: readonly Pair[]; readonly isAll: boolean } | undefined> {
  if ((yield* onlyTime(delta, side)) !== 0) return undefined;
  const pairs = yield* delta.pairs(Change.mtime);
  const rows = yield* filtered(pairs, (pair) => delta.time(side, pair[side]).every((part) => part === 0));
  return { rows, isAll: rows.length === pairs.length };
}
