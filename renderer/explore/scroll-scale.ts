/** Height of every row, in CSS pixels. */
export const ROW_HEIGHT_PX = 28;

/**
 * Chromium draws no element higher than about 33,554,428 px, which is 1,198,372 rows. A longer tree is scrolled at a
 * scale: the scroll area holds this many rows, and how far down it is scrolled says how far the rows are shifted.
 */
export const MAX_SCROLL_ROWS = 1_150_000;

/** Rows that the scroll area holds. */
export const scrollRows = (total: number): number => Math.min(total, MAX_SCROLL_ROWS);

/** How many rows lie between a place in the scroll area and the row that is shown there. 0 for up to MAX_SCROLL_ROWS. */
export function rowShift(total: number, scrollTop: number, viewportPx: number): number {
  const hidden = total - scrollRows(total);
  if (hidden === 0) return 0;
  const range = scrollRows(total) * ROW_HEIGHT_PX - viewportPx;
  return Math.round(hidden * Math.min(1, Math.max(0, scrollTop / range)));
}

/** Where to scroll so that `row` is in view; undefined where it is already. */
export function scrollTopFor(row: number, total: number, scrollTop: number, viewportPx: number): number | undefined {
  const top = (row - rowShift(total, scrollTop, viewportPx)) * ROW_HEIGHT_PX;
  if (top >= scrollTop && top + ROW_HEIGHT_PX <= scrollTop + viewportPx) return undefined;
  const hidden = total - scrollRows(total);
  if (hidden === 0) return top < scrollTop ? top : top + ROW_HEIGHT_PX - viewportPx;
  // at scroll place s, the row at the top is s / height + hidden * s / range: solved for s, the row in the middle
  const range = scrollRows(total) * ROW_HEIGHT_PX - viewportPx;
  const middle = (row - viewportPx / ROW_HEIGHT_PX / 2) / (1 / ROW_HEIGHT_PX + hidden / range);
  return Math.min(range, Math.max(0, middle));
}
