import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { useContentPages, type FileBytes } from '../details/content-pages.ts';
import { Failure } from '../details/failure.tsx';
import { asciiBytes, HEX_ROW } from '../details/hex.ts';
import { GoToOffset } from '../details/hex-view.tsx';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import { notify } from '../state/workspace.ts';

const ROW_PX = 18;
/** Rows in the scroll area: more would exceed Chromium's height of an element. */
const MAX_ROWS = 1 << 20;

export interface HexDiffProps {
  readonly a: FileBytes | undefined;
  readonly b: FileBytes | undefined;
}

/** Two contents as hex, scrolled together, the bytes that differ marked. Of large ones, a window of 16 MiB to be moved. */
export function HexDiff({ a, b }: HexDiffProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [base, setBase] = useState(0);
  const size = Math.max(a?.size ?? 0, b?.size ?? 0);
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
  const pagesA = useContentPages(a, first, last);
  const pagesB = useContentPages(b, first, last);
  const error = pagesA.error ?? pagesB.error;
  if (error) return <Failure error={error} />;
  const goTo = (offset: number): void => {
    const within = Math.min(Math.max(0, offset), Math.max(0, size - 1));
    const nextBase = Math.floor(within / (MAX_ROWS * HEX_ROW)) * MAX_ROWS * HEX_ROW;
    setBase(nextBase);
    virtualizer.scrollToIndex(Math.floor((within - nextBase) / HEX_ROW), { align: 'start' });
  };
  const next = async (): Promise<void> => {
    const found = a && b && (await nextDifference(a, b, first + HEX_ROW));
    if (found === undefined) notify('info', 'No byte differs after this place.');
    else goTo(found);
  };
  return (
    <div className="compare-hex">
      <div className="compare-hex-bar">
        <GoToOffset onGo={goTo} />
        {a && b && (
          <button type="button" className="button" onClick={() => void next()}>
            Next difference
          </button>
        )}
      </div>
      <div ref={scroller} className="details-hex mono" tabIndex={0} role="region" aria-label="Both contents as hex">
        <div style={{ height: rows * ROW_PX, position: 'relative' }}>
          {items.map((item) => {
            const offset = base + item.index * HEX_ROW;
            const [bytesA, bytesB] = [rowOf(pagesA, a, offset), rowOf(pagesB, b, offset)];
            return (
              <div key={item.key} className="details-hex-row" style={{ transform: `translateY(${item.start}px)` }}>
                <span className="dim">{offset.toString(16).padStart(8, '0')}</span>
                {a && <Bytes own={bytesA} other={b && bytesB} />}
                {b && <Bytes own={bytesB} other={a && bytesA} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const none = new Uint8Array(0);

/** Nothing behind the end; undefined: not there yet. */
const rowOf = (
  pages: { readonly at: (offset: number, length: number) => Uint8Array | undefined },
  file: FileBytes | undefined,
  offset: number,
): Uint8Array | undefined => (file === undefined || offset >= file.size ? none : pages.at(offset, HEX_ROW));

function Bytes({ own, other }: { readonly own: Uint8Array | undefined; readonly other: Uint8Array | undefined }) {
  if (own === undefined) return <span className="compare-hex-side dim">…</span>;
  return (
    <span className="compare-hex-side">
      <span className="details-hex-bytes">
        {Array.from(own, (byte, index) => {
          const hex = byte.toString(16).padStart(2, '0');
          // a byte's place is its name
          // oxlint-disable-next-line react/no-array-index-key
          return other === undefined || other[index] === byte ? `${hex} ` : [<mark key={index}>{hex}</mark>, ' '];
        })}
      </span>
      <span className="dim">{asciiBytes(own)}</span>
    </span>
  );
}

/** Offset of the first byte from `from` on that differs, or that one side alone has; undefined: none. */
async function nextDifference(a: FileBytes, b: FileBytes, from: number): Promise<number | undefined> {
  const common = Math.min(a.size, b.size);
  for (let offset = from; offset < common; offset += MAX_CONTENT) {
    const length = Math.min(MAX_CONTENT, common - offset);
    const [ofA, ofB] = await Promise.all([a.load(offset, length), b.load(offset, length)]);
    if (!ofA.ok || !ofB.ok) return offset; // going there shows the error
    const index = ofA.value.bytes.findIndex((byte, at) => byte !== ofB.value.bytes[at]);
    if (index >= 0) return offset + index;
  }
  return a.size !== b.size && from <= common ? common : undefined;
}
