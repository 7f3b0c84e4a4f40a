import type { CompareTreemapNode } from '../../contract/compare-values.ts';
import { displayBytes } from '../text.ts';
import { nameBytes } from '../table.ts';
import { Change, ONE_SIDED } from './change.ts';
import { nameOf, type TreeDiff } from './compare-trees.ts';
import { isCounted, type Seen } from './noise.ts';
import { statusOf } from './summary.ts';
import { kindOf } from '../format.ts';

/** Nodes in an answer, about: more are too small to be seen. */
const MAX_NODES = 1900;
const CONTENT = Change.content | Change.digest | Change.size | ONE_SIDED;

export interface TreemapOptions {
  /** Levels below the row. */
  readonly depth: number;
  /** What the largest are the largest by. */
  readonly by: 'differences' | 'bytes';
}

/**
 * Where the differences are: the subtree of a row, those with the most of them first. What has none is left out; what a
 * directory has too many of is one node without `row` at the end.
 *
 * @returns undefined where nothing differs there
 */
export function diffTreemap(
  diff: TreeDiff,
  seen: Seen,
  row: number,
  { depth, by }: TreemapOptions,
): CompareTreemapNode | undefined {
  const differences = new Uint32Array(diff.count);
  const bytes = new Float64Array(diff.count);
  for (const at of seen.differing) {
    const bits = seen.changes[at] ?? 0;
    if (!isCounted(bits)) continue;
    differences[at] = 1;
    if ((bits & CONTENT) !== 0 && (bits & Change.moved) === 0) bytes[at] = sizeOf(diff, at);
  }
  for (let at = diff.count - 1; at > 0; at -= 1) {
    const above = diff.parent[at] ?? 0;
    differences[above] = (differences[above] ?? 0) + (differences[at] ?? 0);
    bytes[above] = (bytes[above] ?? 0) + (bytes[at] ?? 0);
  }
  if ((differences[row] ?? 0) === 0) return undefined;
  const weight = by === 'bytes' ? bytes : differences;
  const most = Math.max(1, Math.floor(MAX_NODES ** (1 / depth)));
  const nodeOf = (at: number, levels: number): CompareTreemapNode => ({
    row: at,
    name: nameText(diff, at),
    status: statusOf(diff, seen, at),
    differences: differences[at] ?? 0,
    bytes: bytes[at] ?? 0,
    children: levels === 0 ? undefined : childrenOf(at, levels),
  });
  const childrenOf = (at: number, levels: number): readonly CompareTreemapNode[] | undefined => {
    const rows: number[] = [];
    const stop = diff.end[at] ?? 0;
    for (let child = at + 1; child < stop; child = diff.end[child] ?? stop) {
      if ((weight[child] ?? 0) > 0) rows.push(child);
    }
    if (rows.length === 0) return undefined;
    rows.sort((x, y) => (weight[y] ?? 0) - (weight[x] ?? 0));
    const others = rows.slice(most);
    const nodes = rows.slice(0, most).map((child) => nodeOf(child, levels - 1));
    if (others.length === 0) return nodes;
    const sum = (column: ArrayLike<number>): number => others.reduce((all, child) => all + (column[child] ?? 0), 0);
    const name = `${others.length} more`;
    const rest = { row: undefined, name, status: 'equal', differences: sum(differences), bytes: sum(bytes) } as const;
    return [...nodes, { ...rest, children: undefined }];
  };
  return nodeOf(row, depth);
}

const nameText = (diff: TreeDiff, row: number): string => {
  const { table, entry } = nameOf(diff, row);
  return row === 0 ? '/' : displayBytes(nameBytes(table, entry));
};

/** Of a file: the larger of both sides. */
function sizeOf({ a, b, rowA, rowB }: TreeDiff, row: number): number {
  const [entryA, entryB] = [rowA[row] ?? -1, rowB[row] ?? -1];
  const ours = entryA >= 0 && kindOf(a, entryA) === 'file' ? (a.table.size[entryA] ?? 0) : 0;
  const theirs = entryB >= 0 && kindOf(b, entryB) === 'file' ? (b.table.size[entryB] ?? 0) : 0;
  return Math.max(ours, theirs);
}
