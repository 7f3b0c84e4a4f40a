import { useEffect, useRef, useState } from 'react';
import { useContentPages, type FileBytes } from '../details/content-pages.ts';
import { Failure } from '../details/failure.tsx';
import { HEX_ROW_PX, HexRows, useHexScroll } from '../details/hex-rows.tsx';
import { asciiBytes, HEX_ROW } from '../details/hex.ts';
import { GoToOffset } from '../details/hex-view.tsx';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import { notify } from '../state/workspace.ts';

/** Between the pairs of lines. */
const GAP_PX = 4;

export interface HexDiffProps {
  readonly a: FileBytes | undefined;
  readonly b: FileBytes | undefined;
}

/** Both sides beside each other need so much room. */
const WIDE_PX = 980;

/** Two contents as hex, the bytes that differ marked: beside each other, or line over line where there is less room. */
export function HexDiff({ a, b }: HexDiffProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([box]) => box && setWidth(box.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const isStacked = a !== undefined && b !== undefined && width < WIDE_PX;
  return (
    <div ref={frame} className="compare-hex">
      {width > 0 && <Rows key={isStacked ? 'stacked' : 'beside'} a={a} b={b} isStacked={isStacked} />}
    </div>
  );
}

function Rows({ a, b, isStacked }: HexDiffProps & { readonly isStacked: boolean }) {
  const scroll = useHexScroll(Math.max(a?.size ?? 0, b?.size ?? 0), isStacked ? 2 * HEX_ROW_PX + GAP_PX : HEX_ROW_PX);
  const { first, last, goTo } = scroll;
  /** Where the next difference is looked for: behind the last one, or where somebody went. */
  const from = useRef(0);
  const pagesA = useContentPages(a, first, last);
  const pagesB = useContentPages(b, first, last);
  const error = pagesA.error ?? pagesB.error;
  if (error) return <Failure error={error} />;
  const onGo = (offset: number): void => {
    from.current = offset;
    goTo(offset);
  };
  const next = async (): Promise<void> => {
    const found = a && b && (await nextDifference(a, b, from.current));
    if (found === undefined) notify('info', 'No byte differs after this place.');
    else {
      from.current = (Math.floor(found / HEX_ROW) + 1) * HEX_ROW;
      goTo(found);
    }
  };
  return (
    <>
      <div className="compare-hex-bar">
        <GoToOffset onGo={onGo} />
        {a && b && (
          <button type="button" className="button" onClick={() => void next()}>
            Next differing byte
          </button>
        )}
      </div>
      <HexRows
        scroll={scroll}
        label="Both contents as hex"
        renderRow={(offset) => {
          const [bytesA, bytesB] = [rowOf(pagesA, a, offset), rowOf(pagesB, b, offset)];
          return (
            <span className={isStacked ? 'compare-hex-stacked' : 'compare-hex-beside'}>
              {a && <Bytes name="A" own={bytesA} other={b && bytesB} />}
              {b && <Bytes name="B" own={bytesB} other={a && bytesA} />}
            </span>
          );
        }}
      />
    </>
  );
}

const none = new Uint8Array(0);

/** Nothing behind the end; undefined: not there yet. */
const rowOf = (
  pages: { readonly at: (offset: number, length: number) => Uint8Array | undefined },
  file: FileBytes | undefined,
  offset: number,
): Uint8Array | undefined => (file === undefined || offset >= file.size ? none : pages.at(offset, HEX_ROW));

interface BytesProps {
  readonly name: string;
  readonly own: Uint8Array | undefined;
  /** undefined: there is no other side. */
  readonly other: Uint8Array | undefined;
}

function Bytes({ name, own, other }: BytesProps) {
  if (own === undefined) return <span className="compare-hex-side dim">…</span>;
  return (
    <span className="compare-hex-side">
      <span className="dim">{name}</span>
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
