import { SUPER_OFFSET, parseSuperblock } from '../../../../../erofs/superblock.ts';
import { count as counted } from '../../../../../verity/explain/words.ts';
import { otherSide, sideNames } from '../../delta.ts';
import { filtered, type Steps } from '../../../../../steps.ts';
import { timeText } from '../../rules/clamped.ts';
import type { FormatFound, FormatRule } from '../format-rule.ts';

const BUILD_TIME = SUPER_OFFSET + 0x18;

/** D30: the time of the superblock, on which it depends which inodes are compact, is the least of all times. */
export const negativeTimes: FormatRule = {
  id: 'D30',
  title: 'Times before 1970',
  rule: 'The trees are equal and have times before 1970; build_time is the least of all on one side, and the least of the others on the other.',
  knownFrom: 'Formats 0 and 1: the C tool takes the least time with its sign, composefs-rs compares without.',
  advice: 'Have no times before 1970.',
  *find(delta, format): Steps<FormatFound | undefined> {
    if (!format.some(({ offsetA }) => offsetA === BUILD_TIME)) return undefined;
    const { diff } = delta;
    const early = yield* filtered(rowsOf(diff.count), (row) => delta.time('a', delta.entry('a', row))[0] < 0);
    if (early.length === 0) return undefined;
    let [least, leastOfOthers] = [Infinity, Infinity];
    yield* delta.each('a', (entry) => {
      const [sec] = delta.time('a', entry);
      least = Math.min(least, sec);
      if (sec >= 0) leastOfOthers = Math.min(leastOfOthers, sec);
    });
    const times = { a: buildTime(diff.a.table.bytes), b: buildTime(diff.b.table.bytes) };
    const side = sideNames.find((one) => times[one] === least && times[otherSide(one)] === leastOfOthers);
    if (side === undefined) return undefined;
    const [signed, unsigned] = [side.toUpperCase(), otherSide(side).toUpperCase()];
    return {
      sentence: `${counted(early.length, 'name')} with a time before 1970: build_time is ${timeText(least)} in ${signed}, as the C tool has it, and ${timeText(leastOfOthers)} in ${unsigned}, as composefs-rs has it.`,
      rows: early.map((row) => ({ row, what: timeText(delta.time('a', delta.entry('a', row))[0]) })),
      confidence: 'strong',
    };
  },
};

function* rowsOf(count: number): Generator<number, void, void> {
  for (let row = 0; row < count; row += 1) yield row;
}

const buildTime = (bytes: Uint8Array): number => Number(parseSuperblock(bytes).buildTime);
