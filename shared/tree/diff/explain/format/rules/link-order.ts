import { count } from '../../../../../verity/explain/words.ts';
import { sideNames } from '../../delta.ts';
import { each, type Steps } from '../../../../../steps.ts';
import { orderOf } from '../compare-format.ts';
import type { FormatFound, FormatRule } from '../format-rule.ts';

/** D31: which name of several is the file decides where its inode lies. */
export const linkOrder: FormatRule = {
  id: 'D31',
  title: 'Order of hard-link originals',
  rule: 'The trees are equal, the inodes follow each other otherwise, and without those that have several names they do not.',
  knownFrom:
    'Formats 0 and 1, of dumps in which the file is not the first of its names in depth-first order: the C tool keeps what the dump says, composefs-rs takes the first.',
  advice: 'Sort dumps depth-first, the file itself before the links to it.',
  *find(delta, format): Steps<FormatFound | undefined> {
    if (!format.some(({ structure }) => structure === 'order of inodes')) return undefined;
    const { diff } = delta;
    const linked = new Set<number>();
    for (const side of sideNames) {
      const names = yield* delta.linkCounts(side);
      const { inode } = delta.image(side).table;
      for (const row of yield* orderOf(diff, side)) {
        if ((names.get(inode[delta.entry(side, row)] ?? 0) ?? 0) > 1) linked.add(row);
      }
    }
    const [ours, theirs] = [yield* orderOf(diff, 'a'), yield* orderOf(diff, 'b')];
    const [alone, others] = [ours, theirs].map((order) => order.filter((row) => !linked.has(row)));
    if (linked.size === 0 || alone?.some((row, at) => others?.[at] !== row) === true) return undefined;
    // what lies between other inodes than before: only these have moved
    const before = new Map<number, number>();
    let last = 0;
    yield* each(theirs, (row) => {
      if (linked.has(row)) before.set(row, last);
      else last = row;
    });
    const rows: FormatFound['rows'][number][] = [];
    last = 0;
    yield* each(ours, (row) => {
      if (!linked.has(row)) last = row;
      else if (before.get(row) !== last) {
        const [a, b] = sideNames.map((side) => delta.image(side).table.inode[delta.entry(side, row)] ?? 0);
        rows.push({ row, what: `nid ${a ?? 0} → ${b ?? 0}` });
      }
    });
    return {
      sentence: `${count(rows.length, 'file')} with several names ${rows.length === 1 ? 'has its inode' : 'have their inodes'} at another place among the others, which are in the same order.`,
      rows,
      confidence: 'strong',
    };
  },
};
