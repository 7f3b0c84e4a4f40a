import { grouped } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule, type Pair } from '../delta.ts';

const MOST = 0.8;

/** D19: directories that no layer names have the permissions that somebody's umask gives. */
export const directoryPermissions: CauseRule = {
  id: 'D19',
  title: 'Permissions of implicit directories',
  rule: 'Permissions differ in directories alone, two at least, and those of one side are nearly all the same.',
  knownFrom: 'Unpacking under another umask, COPY with new parents, mkdir -p under umask 077.',
  advice: 'Write the directories into the layer; use umask 022.',
  find: (delta) => {
    const pairs = delta.pairs(Change.mode);
    if (pairs.length < 2 || pairs.some(({ a }) => delta.type('a', a) !== S_IFDIR)) return undefined;
    for (const side of sideNames) {
      const [mode, number] = most(pairs, (pair) => delta.permissions(side, pair[side]));
      if (number < MOST * pairs.length || new Set(pairs.map((pair) => delta.permissions(side, pair[side]))).size > 2)
        continue;
      const withTimes = pairs.every(({ row }) => ((delta.diff.changes[row] ?? 0) & Change.mtime) !== 0);
      return {
        sentence: `${grouped(pairs.length)} directories have other permissions; in ${side.toUpperCase()} ${grouped(number)} of them have 0${mode.toString(8)}${withTimes ? ', and their times differ too' : ''}.`,
        explains: explaining(
          delta,
          pairs.map(({ row }) => row),
          Change.mode,
        ),
        // without other times they may as well have been changed on purpose
        confidence: withTimes ? 'strong' : 'possible',
      };
    }
    return undefined;
  },
};

function most(pairs: readonly Pair[], of: (pair: Pair) => number): readonly [value: number, number: number] {
  const sums = new Map<number, number>();
  for (const pair of pairs) sums.set(of(pair), (sums.get(of(pair)) ?? 0) + 1);
  return [...sums].toSorted((x, y) => y[1] - x[1])[0] ?? [0, 0];
}
