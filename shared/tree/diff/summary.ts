import { compareAttributes, compareStatuses } from '../../contract/compare-values.ts';
import type { CompareAttribute, CompareCounts, CompareRow, CompareStatus } from '../../contract/compare-values.ts';
import { displayBytes } from '../text.ts';
import { nameBytes } from '../table.ts';
import { Change, ONE_SIDED, statusOfBits } from './change.ts';
import { isRenamed, nameOf, type TreeDiff } from './compare-trees.ts';
import { isCounted, type Seen } from './noise.ts';

/** Statuses that are differences, in the order of their sums. */
export const DIFFERENT = compareStatuses.filter((status) => status !== 'equal');
export type DifferentStatus = Exclude<CompareStatus, 'equal'>;

/** What became of a row, as far as it is not noise. */
export function statusOf(diff: TreeDiff, seen: Seen, row: number): CompareStatus {
  const bits = seen.changes[row] ?? 0;
  return statusOfBits(bits, (bits & Change.moved) !== 0 && isRenamed(diff, row));
}

/** @param bytesEqual as in the contract */
export function countChanges(diff: TreeDiff, seen: Seen, bytesEqual: boolean | undefined): CompareCounts {
  const statuses: Record<CompareStatus, number> = { equal: 0, changed: 0, added: 0, removed: 0, moved: 0, renamed: 0 };
  const attributes: Partial<Record<CompareAttribute, number>> = {};
  for (const row of seen.differing) {
    const bits = seen.changes[row] ?? 0;
    if (!isCounted(bits)) continue;
    statuses[statusOf(diff, seen, row)] += 1;
    if ((bits & ONE_SIDED) !== 0 && (bits & Change.moved) === 0) continue;
    for (const attribute of compareAttributes) {
      if ((bits & Change[attribute]) !== 0) attributes[attribute] = (attributes[attribute] ?? 0) + 1;
    }
  }
  statuses.equal = diff.count - seen.differing.length;
  return { statuses, attributes, ignored: seen.ignored, bytesEqual };
}

/** Differences below each row, by status; `sums[i]` is that of `DIFFERENT[i]`. Linear in the rows, however deep. */
export function sumBelow(diff: TreeDiff, seen: Seen): readonly Uint32Array[] {
  const own = new Int8Array(diff.count).fill(-1);
  for (const row of seen.differing) {
    if (isCounted(seen.changes[row] ?? 0)) own[row] = DIFFERENT.indexOf(statusOf(diff, seen, row) as DifferentStatus);
  }
  return DIFFERENT.map((_, index) => {
    const sum = new Uint32Array(diff.count);
    for (let row = diff.count - 1; row > 0; row -= 1) {
      const above = diff.parent[row] ?? 0;
      sum[above] = (sum[above] ?? 0) + (sum[row] ?? 0) + (own[row] === index ? 1 : 0);
    }
    return sum;
  });
}

export function belowOf(sums: readonly Uint32Array[], row: number): CompareRow['below'] {
  const [changed, added, removed, moved, renamed] = sums.map((sum) => sum[row] ?? 0);
  return { changed: changed ?? 0, added: added ?? 0, removed: removed ?? 0, moved: moved ?? 0, renamed: renamed ?? 0 };
}

const total = (sums: CompareRow['below']): number => Object.values(sums).reduce((sum, count) => sum + count, 0);

/** Folders of the root with the differences in them, themselves included, the most first. */
export function topFolders(
  diff: TreeDiff,
  seen: Seen,
  limit = 200,
): readonly { readonly row: number; readonly path: string; readonly statuses: CompareRow['below'] }[] {
  const found = new Map<number, Record<DifferentStatus, number>>();
  let top = 0;
  for (const row of seen.differing) {
    if (row > 0 && top === 0) top = 1;
    while (top > 0 && row >= (diff.end[top] ?? 0)) top = diff.end[top] ?? row;
    if (!isCounted(seen.changes[row] ?? 0)) continue;
    const sums = found.get(top) ?? { changed: 0, added: 0, removed: 0, moved: 0, renamed: 0 };
    sums[statusOf(diff, seen, row) as DifferentStatus] += 1;
    found.set(top, sums);
  }
  return [...found]
    .map(([row, statuses]) => ({ row, path: pathOfRow(diff, row), statuses }))
    .toSorted((x, y) => total(y.statuses) - total(x.statuses) || x.row - y.row)
    .slice(0, limit);
}

/** A row's path as text; that of A where it has two. */
export function pathOfRow(diff: TreeDiff, row: number): string {
  if (row === 0) return '/';
  const names: string[] = [];
  for (let at = row; at !== 0; at = diff.parent[at] ?? 0) {
    const { table, entry } = nameOf(diff, at);
    names.push(displayBytes(nameBytes(table, entry)));
  }
  return `/${names.toReversed().join('/')}`;
}
