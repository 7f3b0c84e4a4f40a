import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type ReactNode, type RefObject } from 'react';
import { HEX_ROW } from './hex.ts';

export const HEX_ROW_PX = 18;
/** Rows in the scroll area: more would exceed Chromium's height of an element. */
const MAX_SCROLL_PX = 20_000_000;

/** What of a content is on the screen. Of a large content, a window of some MiB that one can move. */
export interface HexScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Of the scroll area, in CSS pixels. */
  readonly height: number;
  readonly drawn: readonly { readonly key: string; readonly offset: number; readonly top: number }[];
  /** Offsets of the first and the last row that are drawn. */
  readonly first: number;
  readonly last: number;
  readonly goTo: (offset: number) => void;
}

/**
 * @param size of the content in bytes
 * @param rowPx height of a row
 */
export function useHexScroll(size: number, rowPx = HEX_ROW_PX): HexScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const [base, setBase] = useState(0);
  const most = Math.floor(MAX_SCROLL_PX / rowPx);
  const rows = Math.min(most, Math.ceil((size - base) / HEX_ROW));
  const virtualizer = useVirtualizer({
    count: rows,
    estimateSize: () => rowPx,
    getScrollElement: () => scroller.current,
    overscan: 6,
  });
  const drawn = virtualizer
    .getVirtualItems()
    .map(({ key, index, start }) => ({ key: String(key), offset: base + index * HEX_ROW, top: start }));
  return {
    scroller,
    height: rows * rowPx,
    drawn,
    first: drawn[0]?.offset ?? base,
    last: drawn.at(-1)?.offset ?? base,
    goTo: (offset) => {
      const within = Math.min(Math.max(0, offset), Math.max(0, size - 1));
      const nextBase = Math.floor(within / (most * HEX_ROW)) * most * HEX_ROW;
      setBase(nextBase);
      virtualizer.scrollToIndex(Math.floor((within - nextBase) / HEX_ROW), { align: 'start' });
    },
  };
}

export interface HexRowsProps {
  readonly scroll: HexScroll;
  readonly label: string;
  /** What stands behind the offset. */
  readonly renderRow: (offset: number) => ReactNode;
}

/** Rows of 16 bytes, each behind its offset. */
export function HexRows({ scroll: { scroller, height, drawn }, label, renderRow }: HexRowsProps) {
  return (
    <div ref={scroller} className="details-hex mono" tabIndex={0} role="region" aria-label={label}>
      <div style={{ height, position: 'relative' }}>
        {drawn.map(({ key, offset, top }) => (
          <div key={key} className="details-hex-row" style={{ transform: `translateY(${top}px)` }}>
            <span className="dim">{offset.toString(16).padStart(8, '0')}</span>
            {renderRow(offset)}
          </div>
        ))}
      </div>
    </div>
  );
}
