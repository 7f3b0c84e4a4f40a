import { each, type Steps } from '../../../steps.ts';
import { Change, ONE_SIDED } from '../change.ts';
import { sideNames, type Delta, type SideName } from './delta.ts';
import type { FoundCause } from './squashed.ts';

/**
 * Where a name of an inode came or went, the other names of the inode have other hard links by that: the cause that
 * explains the name explains them.
 *
 * @returns the causes, with what they explain by that; those bits are taken from `delta`
 */
export function* withLinksOfNames(delta: Delta, found: readonly FoundCause[]): Steps<FoundCause[]> {
  const pairs = yield* delta.pairs(Change.links);
  if (pairs.length === 0) return [...found];
  const causeOf = new Map<number, FoundCause>();
  for (const one of found) {
    yield* each(one.found.explains, ([row, bits]) => {
      if ((bits & ONE_SIDED) !== 0) causeOf.set(row, one);
    });
  }
  if (causeOf.size === 0) return [...found];
  const groups = { a: yield* groupsOf(delta, 'a'), b: yield* groupsOf(delta, 'b') };
  const more = new Map<FoundCause, Map<number, number>>();
  yield* each(pairs, (pair) => {
    const [ours = [], theirs = []] = sideNames.map(
      (side) => groups[side].get(delta.image(side).table.inode[pair[side]] ?? 0) ?? [pair.row],
    );
    const [inA, inB] = [new Set(ours), new Set(theirs)];
    const others = [...ours.filter((row) => !inB.has(row)), ...theirs.filter((row) => !inA.has(row))];
    const cause = causeOf.get(others[0] ?? -1);
    if (cause === undefined || !others.every((row) => causeOf.has(row))) return;
    const explains = more.get(cause) ?? new Map<number, number>();
    explains.set(pair.row, Change.links);
    more.set(cause, explains);
  });
  return found.map((one) => {
    const links = more.get(one);
    if (links === undefined) return one;
    const explains = new Map(one.found.explains);
    for (const [row, bits] of links) explains.set(row, (explains.get(row) ?? 0) | bits);
    const all = { ...one.found, explains };
    delta.take(all);
    return { ...one, found: all };
  });
}

/** Rows of each inode of a side. */
function* groupsOf(delta: Delta, side: SideName): Steps<ReadonlyMap<number, readonly number[]>> {
  const { inode } = delta.image(side).table;
  const names = yield* delta.linkCounts(side);
  const groups = new Map<number, number[]>();
  yield* each(delta.rows(), (row) => {
    const number = inode[delta.entry(side, row)];
    if (number === undefined || (names.get(number) ?? 0) < 2) return;
    const group = groups.get(number);
    if (group === undefined) groups.set(number, [row]);
    else group.push(row);
  });
  return groups;
}
