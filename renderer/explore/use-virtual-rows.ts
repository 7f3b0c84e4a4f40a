import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useEffect, useMemo, useReducer, useRef, type RefObject } from 'react';
import { RowPages } from './row-pages.ts';
import { ROW_HEIGHT_PX, rowShift, scrollRows } from './scroll-scale.ts';
import { HEADER_PX } from './use-follow-focus.ts';

interface VirtualRowsOptions<Row> {
  /** Asks the engine for rows; the same function as long as it is the same view. undefined: they could not be had */
  readonly load: (from: number, to: number) => Promise<readonly Row[] | undefined>;
  readonly total: number;
  /** Rises when rows must be asked for again. */
  readonly version: number;
  /** Where it is scrolled to at first, in CSS pixels. */
  readonly initialOffset?: () => number;
}

interface VirtualRows<Row> {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly pages: RowPages<Row>;
  /** Places of the rows that are drawn; each shows the row `index + shift`. */
  readonly items: readonly VirtualItem[];
  readonly shift: number;
  /** Height of the rows' part, in CSS pixels. */
  readonly viewport: number;
  readonly bodyHeight: number;
}

/** The rows of a table whose rows the engine holds: those on the screen are loaded and drawn, and no others. */
export function useVirtualRows<Row>({
  load,
  total,
  version,
  initialOffset = () => 0,
}: VirtualRowsOptions<Row>): VirtualRows<Row> {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const pages = useMemo(() => new RowPages<Row>(load, redraw), [load]);
  const virtualizer = useVirtualizer({
    count: scrollRows(total),
    estimateSize: () => ROW_HEIGHT_PX,
    getScrollElement: () => scroller.current,
    initialOffset,
    scrollMargin: HEADER_PX,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const viewport = (virtualizer.scrollRect?.height ?? 600) - HEADER_PX;
  const shift = rowShift(total, virtualizer.scrollOffset ?? 0, viewport);
  const first = (items[0]?.index ?? 0) + shift;
  const last = (items.at(-1)?.index ?? 0) + shift;
  useEffect(() => pages.show(first, last + 1, total, version), [pages, first, last, total, version]);
  return { scroller, pages, items, shift, viewport, bodyHeight: scrollRows(total) * ROW_HEIGHT_PX };
}
