import { count } from '../../../../../verity/explain/words.ts';
import { otherSide, sideNames, type Delta, type SideName } from '../../delta.ts';
import { each, type Steps } from '../../../../../steps.ts';
import type { FormatFound, FormatRule } from '../format-rule.ts';
import { sideWrittenBy } from '../written-by.ts';

/** What the C tool refers to of an inode, where more are shared. */
const MAX_OF_C = 128;

/** D39: an inode has more xattrs that others have too than the C tool shares. */
export const manyShared: FormatRule = {
  id: 'D39',
  title: 'More than 128 shared xattrs on one inode',
  rule: 'The trees are equal; an inode refers to more than 128 shared xattrs on one side, and to just 128 on the other, which has the rest with the inode.',
  knownFrom:
    'Formats 0 and 1: the C tool shares 128 of an inode and keeps the others with it, composefs-rs shares all, and its count of them wraps at 256.',
  advice: 'Have fewer xattrs on one file, or make both images with the same tool.',
  *find(delta, format): Steps<FormatFound | undefined> {
    if (!format.some(({ structure, field }) => structure === 'xattrs' && field === 'sharing')) return undefined;
    for (const side of sideNames) {
      const other = otherSide(side);
      const rows: FormatFound['rows'][number][] = [];
      yield* each(rowsOf(delta.diff.count), (row) => {
        const [own, theirs] = [sharedOf(delta, side, row), sharedOf(delta, other, row)];
        if (own <= MAX_OF_C || theirs !== MAX_OF_C) return;
        const [a, b] = side === 'a' ? [own, theirs] : [theirs, own];
        rows.push({ row, what: `${a} → ${b} shared` });
      });
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')} with more than 128 xattrs that others have too: ${side.toUpperCase()} shares all of them, as composefs-rs does, ${other.toUpperCase()} 128, as the C tool does.`,
        rows,
        confidence: (yield* sideWrittenBy(delta, 'composefs-rs')) === side ? 'certain' : 'strong',
      };
    }
    return undefined;
  },
};

function* rowsOf(rows: number): Generator<number, void, void> {
  for (let row = 0; row < rows; row += 1) yield row;
}

function sharedOf(delta: Delta, side: SideName, row: number): number {
  const xattrs = delta.image(side).xattrs(delta.entry(side, row));
  return xattrs.filter(({ storage }) => storage === 'shared').length;
}
