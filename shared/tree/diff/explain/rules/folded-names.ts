import { count } from '../../../../verity/explain/words.ts';
import { nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { ONE_SIDED, Change } from '../../change.ts';
import { nameOf } from '../../compare-trees.ts';
import { explaining, sideNames, type CauseRule, type Delta } from '../delta.ts';

/** A name without case and form; bytes that are no UTF-8 stay what they are. */
function folded(delta: Delta, row: number): string {
  const { table, entry } = nameOf(delta.diff, row);
  return displayBytes(nameBytes(table, entry)).normalize('NFC').toLowerCase();
}

/** D41: names that a file system folded. */
export const foldedNames: CauseRule = {
  id: 'D41',
  title: 'Names in another case or form',
  rule: 'A name that is only in A and one that is only in B, in the same directory, are equal without case and Unicode form.',
  knownFrom: 'Unpacking on macOS, and on ext4 or f2fs with casefold.',
  advice: 'Unpack on a file system that keeps names as they are.',
  find: (delta) => {
    const { diff } = delta;
    const inA = new Map<string, number>();
    const rows: number[] = [];
    const alone = (row: number): boolean => (delta.left(row) & ONE_SIDED) !== 0;
    const keyOf = (row: number): string => `${diff.parent[row] ?? 0}/${folded(delta, row)}`;
    const [a, b] = sideNames.map((side) =>
      [...diff.differing].filter((row) => alone(row) && delta.entry(side, row) >= 0),
    );
    for (const row of a ?? []) inA.set(keyOf(row), row);
    for (const row of b ?? []) {
      const other = inA.get(keyOf(row));
      if (other !== undefined) rows.push(row, other);
    }
    const sentence = `${count(rows.length / 2, 'pair')} of names ${rows.length === 2 ? 'is' : 'are'} the same but for case or Unicode form.`;
    const differing = new Set(delta.differing);
    const counted = rows.filter((row) => differing.has(row));
    return { sentence, explains: explaining(delta, counted, ONE_SIDED | Change.moved), confidence: 'strong' };
  },
};
