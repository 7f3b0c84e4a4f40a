import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import type { ImageId } from '../../shared/contract/values.ts';
import { bytesOf, useContentPages } from './content-pages.ts';
import { Failure } from './failure.tsx';
import { asciiBytes, hexBytes, HEX_ROW, parseOffset } from './hex.ts';

const ROW_PX = 18;
/** Rows in the scroll area (16 MiB of content): more would exceed Chromium's height of an element. */
const MAX_ROWS = 1 << 20;

/** The content as hex: 16 bytes a row, loaded as one scrolls. Of a larger content, a window of 16 MiB that one can move. */
export function HexView({
  image,
  entry,
  size,
}: {
  readonly image: ImageId;
  readonly entry: number;
  readonly size: number;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [base, setBase] = useState(0);
  const rows = Math.min(MAX_ROWS, Math.ceil((size - base) / HEX_ROW));
  const virtualizer = useVirtualizer({
    count: rows,
    estimateSize: () => ROW_PX,
    getScrollElement: () => scroller.current,
    overscan: 6,
  });
  const items = virtualizer.getVirtualItems();
  const first = base + (items[0]?.index ?? 0) * HEX_ROW;
  const last = base + (items.at(-1)?.index ?? 0) * HEX_ROW;
  const pages = useContentPages(bytesOf(image, entry, size), first, last);
  if (pages.error) return <Failure error={pages.error} />;
  const goTo = (offset: number): void => {
    const within = Math.min(Math.max(0, offset), Math.max(0, size - 1));
    const nextBase = Math.floor(within / (MAX_ROWS * HEX_ROW)) * MAX_ROWS * HEX_ROW;
    setBase(nextBase);
    virtualizer.scrollToIndex(Math.floor((within - nextBase) / HEX_ROW), { align: 'start' });
  };
  return (
    <>
      <GoToOffset onGo={goTo} />
      <div ref={scroller} className="details-hex mono" tabIndex={0} role="region" aria-label="Content as hex">
        <div style={{ height: rows * ROW_PX, position: 'relative' }}>
          {items.map((item) => {
            const offset = base + item.index * HEX_ROW;
            const bytes = pages.at(offset, HEX_ROW);
            return (
              <div key={item.key} className="details-hex-row" style={{ transform: `translateY(${item.start}px)` }}>
                <span className="dim">{offset.toString(16).padStart(8, '0')}</span>
                <span className="details-hex-bytes">{bytes ? hexBytes(bytes) : ''}</span>
                <span>{bytes ? asciiBytes(bytes) : ''}</span>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

export function GoToOffset({ onGo }: { readonly onGo: (offset: number) => void }) {
  const [text, setText] = useState('');
  const offset = parseOffset(text);
  return (
    <form
      className="details-offset"
      onSubmit={(event) => {
        event.preventDefault();
        if (offset !== undefined) onGo(offset);
      }}
    >
      <input
        type="text"
        className="mono"
        aria-label="Go to offset"
        placeholder="Go to offset: 4096, 0x1000"
        aria-invalid={text !== '' && offset === undefined}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
