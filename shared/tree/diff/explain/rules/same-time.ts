import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule, type Delta, type SideName } from '../delta.ts';

/** The one time of all entries, where there are several entries. */
function onlyTime(delta: Delta, side: SideName): number | undefined {
  let time: number | undefined;
  let seen = 0;
  for (const entry of delta.entries(side)) {
    const [sec, nsec] = delta.time(side, entry);
    if (nsec !== 0 || (time ?? sec) !== sec) return undefined;
    time = sec;
    seen += 1;
  }
  return seen > 2 ? time : undefined;
}

/** D35: all times of one side are one. */
export const sameTime: CauseRule = {
  id: 'D35',
  title: 'All times were set to one',
  rule: 'Every entry of one side has the same time in whole seconds, and not every entry of the other.',
  knownFrom: '0: mkcomposefs --use-epoch, ostree. 1: Nix. Another: builders that are given a time.',
  advice: 'Set the times on both sides or on none.',
  find: (delta) => {
    const pairs = delta.pairs(Change.mtime);
    const [a, b] = sideNames.map((side) => (pairs.length === 0 ? undefined : onlyTime(delta, side)));
    if ((a === undefined) === (b === undefined)) return undefined;
    const rows = pairs.map(({ row }) => row);
    const sentence = `All times of ${a === undefined ? 'B' : 'A'} are ${a ?? b ?? 0}; ${count(rows.length, 'name')} ${rows.length === 1 ? 'has' : 'have'} another one on the other side.`;
    return { sentence, explains: explaining(delta, rows, Change.mtime), confidence: 'strong' };
  },
};
