import type { Bitset } from './bitset.ts';
import type { SiblingOrder } from './sibling-order.ts';
import type { Table } from './table.ts';

/** All rows of a view, top to bottom. The arrays are as long as the table, and written to again and again. */
export interface Layout {
  total: number;
  /** Entry of each row. */
  readonly rows: Uint32Array;
  /** Position among the siblings that are there, from 1, of each row. */
  readonly positions: Uint32Array;
  /** Number of children that are there, by row in the table of an open directory. */
  readonly siblings: Uint32Array;
}

/** Of a view that was not laid out yet. */
export const emptyLayout = (count: number): Layout => ({
  total: 0,
  rows: new Uint32Array(count),
  positions: new Uint32Array(count),
  siblings: new Uint32Array(count),
});

/**
 * Walks what is visible, from the root into all directories that are open.
 *
 * @param visible rows that are there at all; with a row, its ancestors are too
 * @param order of siblings; undefined: that of the table
 */
export function layOut(
  layout: Layout,
  table: Table,
  visible: Bitset,
  expanded: Bitset,
  order: SiblingOrder | undefined,
): void {
  layout.siblings.fill(0);
  layout.total = 0;
  if (order === undefined) walkInTableOrder(layout, table, visible, expanded);
  else walkInOrder(layout, table, visible, expanded, order);
}

/** Adds the next row. */
function emit(layout: Layout, parent: Uint32Array, entry: number): void {
  const { siblings, total } = layout;
  const above = parent[entry] ?? 0;
  const position = entry === 0 ? 1 : (siblings[above] ?? 0) + 1;
  if (entry !== 0) siblings[above] = position;
  layout.rows[total] = entry;
  layout.positions[total] = position;
  layout.total = total + 1;
}

function walkInTableOrder(layout: Layout, { count, end, parent }: Table, visible: Bitset, expanded: Bitset): void {
  for (let entry = visible.next(0); entry < count;) {
    emit(layout, parent, entry);
    // What is visible has visible ancestors only, so the next visible row is the next of the walk.
    entry = visible.next(expanded.has(entry) ? entry + 1 : (end[entry] ?? count));
  }
}

function walkInOrder(layout: Layout, { parent }: Table, visible: Bitset, expanded: Bitset, order: SiblingOrder): void {
  if (!visible.has(0)) return;
  emit(layout, parent, 0);
  if (!expanded.has(0)) return;
  const { first, list } = order;
  // Of each open directory on the way down: where its next child is in `list`, and where its children end.
  const pending: number[] = [];
  let depth = 0;
  order.sort(0);
  let at = first[0] ?? 0;
  let stop = first[1] ?? 0;
  for (;;) {
    if (at === stop) {
      if (depth === 0) return;
      depth -= 2;
      at = pending[depth] ?? 0;
      stop = pending[depth + 1] ?? 0;
      continue;
    }
    const entry = list[at] ?? 0;
    at += 1;
    if (!visible.has(entry)) continue;
    emit(layout, parent, entry);
    if (!expanded.has(entry) || first[entry] === first[entry + 1]) continue;
    pending[depth] = at;
    pending[depth + 1] = stop;
    depth += 2;
    order.sort(entry);
    at = first[entry] ?? 0;
    stop = first[entry + 1] ?? 0;
  }
}
