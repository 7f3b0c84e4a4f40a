import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { children, isDirectory, nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import { nameOf } from '../../compare-trees.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { each, every, type Steps } from '../../../../steps.ts';

const name = ({ diff }: Delta, row: number): string => {
  const { table, entry } = nameOf(diff, row);
  return displayBytes(nameBytes(table, entry));
};

/** Whether two entries really are other ones, whatever they are called; digests of two hashes say nothing of it. */
function isOtherFile({ diff: { a, b, comparer } }: Delta, entryA: number, entryB: number): boolean {
  const bits = comparer.changes(entryA, entryB);
  if ((bits & (Change.type | Change.content | Change.size | Change.target)) !== 0) return true;
  const [ours, theirs] = [digestBytes(a.table, entryA), digestBytes(b.table, entryB)];
  return (bits & Change.digest) !== 0 && ours !== undefined && ours.length === theirs?.length;
}

/**
 * Names of one side and of the other, in the same directory, that are one when they are folded; below directories of which
 * this is true, too.
 *
 * @returns rows of A to rows of B
 */
export function* pairsByName(delta: Delta, fold: (name: string) => string): Steps<ReadonlyMap<number, number>> {
  const { parent, differing } = delta.diff;
  const pairs = new Map<number, number>();
  const alone = (row: number): boolean => ((delta.diff.changes[row] ?? 0) & ONE_SIDED) !== 0;
  const inA = new Map<string, number>();
  yield* each(differing, (row) => {
    if (alone(row) && delta.entry('a', row) >= 0) inA.set(`${parent[row] ?? 0}/${fold(name(delta, row))}`, row);
  });
  if (inA.size === 0) return pairs;
  const rowInA = new Map<number, number>();
  yield* each(differing, (row) => {
    if (!alone(row) || delta.entry('b', row) < 0) return;
    const above = parent[row] ?? 0;
    const own = name(delta, row);
    const other = inA.get(`${rowInA.get(above) ?? above}/${fold(own)}`);
    // below what was folded, names are the same
    if (other === undefined || (!rowInA.has(above) && name(delta, other) === own)) return;
    if (isOtherFile(delta, delta.entry('a', other), delta.entry('b', row))) return;
    rowInA.set(row, other);
    pairs.set(other, row);
  });
  return pairs;
}

/** Bits of both rows of each pair, as far as they count. */
export function* explainingNames(delta: Delta, pairs: ReadonlyMap<number, number>): Steps<ReadonlyMap<number, number>> {
  const explains = new Map<number, number>();
  const counted = new Set(delta.differing);
  for (const rows of pairs) {
    for (const [row, bits] of yield* explaining(
      delta,
      rows.filter((one) => counted.has(one)),
      ONE_SIDED | Change.moved,
    )) {
      explains.set(row, bits);
    }
  }
  return explains;
}

/** Without case and form; bytes that are no UTF-8 stay what they are. */
const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** D41: names that a file system folded. */
export const foldedNames: CauseRule = {
  id: 'D41',
  title: 'Names in another case or form',
  rule: 'A name that is only in A and one that is only in B, in the same directory, are equal without case and Unicode form; or one side has both of two such names, and the other has nowhere two.',
  knownFrom: 'Unpacking on macOS, and on ext4 or f2fs with casefold.',
  advice: 'Unpack on a file system that keeps names as they are.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* pairsByName(delta, folded);
    const merged = yield* mergedNames(delta);
    const explains = new Map(yield* explainingNames(delta, pairs));
    for (const [row, bits] of yield* explaining(delta, merged, ONE_SIDED)) explains.set(row, bits);
    const parts = [
      ...(pairs.size === 0
        ? []
        : [
            `${count(pairs.size, 'pair')} of names ${pairs.size === 1 ? 'is' : 'are'} the same but for case or Unicode form`,
          ]),
      ...(merged.length === 0
        ? []
        : [`${count(merged.length, 'name')} of one side ${merged.length === 1 ? 'was' : 'were'} merged into another`]),
    ];
    return { sentence: `${parts.join('; ')}.`, explains, confidence: pairs.size === 0 ? 'likely' : 'strong' };
  },
};

/** Names of one side beside which both have the same name folded, where the other side has nowhere two such names. */
function* mergedNames(delta: Delta): Steps<readonly number[]> {
  for (const side of sideNames) {
    const alone = yield* delta.alone(side);
    if (alone.length === 0) continue;
    const { diff } = delta;
    const parents = new Set(alone.map((row) => diff.parent[row] ?? 0));
    /** By directory and folded name: those that both sides have. */
    const shared = new Set<string>();
    const keyOf = (row: number): string => `${diff.parent[row] ?? 0}/${folded(name(delta, row))}`;
    for (const directory of parents) {
      const stop = diff.end[directory] ?? 0;
      for (let row = directory + 1; row < stop; row = diff.end[row] ?? stop) {
        if (sideNames.every((one) => delta.entry(one, row) >= 0)) shared.add(keyOf(row));
      }
      yield;
    }
    const merged = alone.filter((row) => shared.has(keyOf(row)));
    if (merged.length > 0 && !(yield* hasTwo(delta, otherSide(side)))) return merged;
  }
  return [];
}

/** Whether a side has, in any directory, two names that are one when they are folded. */
function* hasTwo(delta: Delta, side: SideName): Steps<boolean> {
  const { table } = delta.image(side);
  return !(yield* every(delta.entries(side), (directory) => {
    if (!isDirectory(table, directory)) return true;
    const names = new Set<string>();
    let number = 0;
    for (const entry of children(table, directory)) {
      number += 1;
      names.add(folded(displayBytes(nameBytes(table, entry))));
    }
    return names.size === number;
  }));
}
