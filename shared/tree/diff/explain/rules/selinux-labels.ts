import { count, grouped } from '../../../../verity/explain/words.ts';
import { displayBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

const MAX_LABELS = 5;
const LABEL = 'security.selinux';

const labelText = (value: Uint8Array): string => displayBytes(value.at(-1) === 0 ? value.subarray(0, -1) : value);

/** D08: both sides have labels, and other ones. */
export const selinuxLabels: CauseRule = {
  id: 'D08',
  title: 'Other SELinux labels',
  rule: 'Both sides have a label, and the labels differ; or one has none, on a side that has labels elsewhere.',
  knownFrom:
    'Another policy, or another reading of it: composefs-rs knows aliases by their exact path only and has changed its regular expressions; labels of the build host leak into scans (container_t); <<none>> in the policy gives no label. Hard links with two labels: until 0.6.0 the last path wins, from 0.7.0 on the link is broken (composefs-rs#296).',
  advice: 'Label in one place; keep the policy package and composefs-rs the same on both sides.',
  *find(delta): Steps<Found | undefined> {
    const sums = new Map<string, number>();
    const rows: number[] = [];
    const missing = { a: new Set<number>(), b: new Set<number>() };
    yield* each(yield* delta.pairs(Change.selinux), (pair) => {
      const label = delta.xattrDifferences(pair).find(({ name }) => name === LABEL);
      if (label === undefined || ((delta.diff.changes[pair.row] ?? 0) & Change.type) !== 0) return;
      if (label.a === undefined || label.b === undefined) {
        missing[label.a === undefined ? 'a' : 'b'].add(pair.row);
        return;
      }
      const key = `${labelText(label.a)} → ${labelText(label.b)}`;
      sums.set(key, (sums.get(key) ?? 0) + 1);
      rows.push(pair.row);
    });
    // where a side has none at all, they were dropped
    for (const side of sideNames) if (!(yield* delta.xattrNames(side)).has(LABEL)) missing[side].clear();
    const none = [...missing.a, ...missing.b];
    // one entry alone may have been made by hand
    if (rows.length === 0 && none.length < 2) return undefined;
    const split = yield* splitLinks(delta, new Set(rows));
    const explains = new Map(yield* explaining(delta, [...rows, ...none], Change.selinux));
    for (const row of split) {
      explains.set(row, (explains.get(row) ?? 0) | (delta.left(row) & Change.links));
    }
    const list = [...sums]
      .toSorted((x, y) => y[1] - x[1])
      .slice(0, MAX_LABELS)
      .map(([key, number]) => `${key} (${grouped(number)})`);
    const more = sums.size > MAX_LABELS ? ` and ${count(sums.size - MAX_LABELS, 'more pair')}` : '';
    const parts = [
      ...(rows.length === 0
        ? []
        : [`${count(rows.length, 'label')} ${rows.length === 1 ? 'differs' : 'differ'}: ${list.join(', ')}${more}`]),
      ...(split.length === 0
        ? []
        : [
            `${count(split.length, 'name')} of hard links have inodes of their own, as one inode cannot have two labels`,
          ]),
      ...sideNames
        .filter((side) => missing[side].size > 0)
        .map((side) => {
          const number = missing[side].size;
          return `${count(number, 'name')} ${number === 1 ? 'has' : 'have'} no label in ${side.toUpperCase()}, which has some elsewhere`;
        }),
    ];
    return {
      sentence: `${parts.join('; ')}.`,
      explains,
      // what was made after the labelling has none, either
      confidence: rows.length === 0 ? 'possible' : undefined,
    };
  },
};

/** Names of an inode of one side that have inodes with several labels on the other (composefs-rs from 0.7.0 on). */
function* splitLinks(delta: Delta, relabelled: ReadonlySet<number>): Steps<readonly number[]> {
  const pairs = yield* delta.pairs(Change.links);
  for (const side of sideNames) {
    const other = otherSide(side);
    const { inode } = delta.image(other).table;
    const groups = new Map<number, { rows: number[]; labels: Set<string>; isRelabelled: boolean }>();
    yield* each(pairs, (pair) => {
      const number = inode[pair[other]] ?? 0;
      const label = delta
        .xattrs(side)
        .of(pair[side])
        .find(({ name }) => name === LABEL);
      const group = groups.get(number) ?? { rows: [], labels: new Set(), isRelabelled: false };
      group.rows.push(pair.row);
      group.labels.add(label === undefined ? '' : labelText(label.value));
      group.isRelabelled ||= relabelled.has(pair.row);
      groups.set(number, group);
    });
    const split = [...groups.values()].filter(({ labels, isRelabelled }) => labels.size > 1 && isRelabelled);
    if (split.length > 0) return split.flatMap(({ rows }) => rows);
  }
  return [];
}
