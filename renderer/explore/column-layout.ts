import type { Settings } from '../../shared/contract/app-calls.ts';

type Columns = Settings['columns'];

/** All known columns in the remembered order: what is not remembered comes behind, what is unknown is dropped. */
export function columnOrder(known: readonly string[], remembered: readonly string[]): string[] {
  const kept = remembered.filter((id) => known.includes(id));
  return [...kept, ...known.filter((id) => !kept.includes(id))];
}

/** Puts a column in front of another one. The name stays first: it carries the tree. */
export function moveColumn(order: readonly string[], id: string, before: string): string[] {
  if (id === before || id === 'name') return [...order];
  const rest = order.filter((other) => other !== id);
  const at = before === 'name' ? 1 : rest.indexOf(before);
  return at < 0 ? [...order] : [...rest.slice(0, at), id, ...rest.slice(at)];
}

/** Moves a column one place among the visible ones. */
export function shiftColumn(order: readonly string[], hidden: readonly string[], id: string, by: 1 | -1): string[] {
  const visible = order.filter((other) => !hidden.includes(other));
  const target = visible[visible.indexOf(id) + by];
  if (target === undefined || target === 'name' || id === 'name') return [...order];
  const rest = order.filter((other) => other !== id);
  const at = rest.indexOf(target) + (by === 1 ? 1 : 0);
  return [...rest.slice(0, at), id, ...rest.slice(at)];
}

/** Shows or hides a column. */
export function toggleColumn(columns: Columns, id: string): Columns {
  const hidden = columns.hidden.includes(id) ? columns.hidden.filter((other) => other !== id) : [...columns.hidden, id];
  return { ...columns, hidden };
}

/** As the columns are before anyone changes them. */
export const firstColumns: Columns = { order: [], hidden: ['links', 'inode'], widths: {} };

/** What a width may be, in CSS pixels; what settings accept. */
export const MIN_WIDTH_PX = 44;
const MAX_WIDTH_PX = 4000;

/** Gives a column a width. */
export function resizeColumn(columns: Columns, id: string, width: number): Columns {
  const bounded = Math.min(MAX_WIDTH_PX, Math.max(MIN_WIDTH_PX, Math.round(width)));
  return { ...columns, widths: { ...columns.widths, [id]: bounded } };
}

/** Gives a column its first width again; the name then takes what the others leave. */
export function resetColumn(columns: Columns, id: string): Columns {
  return { ...columns, widths: Object.fromEntries(Object.entries(columns.widths).filter(([other]) => other !== id)) };
}
