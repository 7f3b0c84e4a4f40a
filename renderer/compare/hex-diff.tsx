import { useContentPages, type FileBytes } from '../details/content-pages.ts';
import { Failure } from '../details/failure.tsx';
import { HexRows, useHexScroll } from '../details/hex-rows.tsx';
import { asciiBytes, HEX_ROW } from '../details/hex.ts';
import { GoToOffset } from '../details/hex-view.tsx';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import { notify } from '../state/workspace.ts';

export interface HexDiffProps {
  readonly a: FileBytes | undefined;
  readonly b: FileBytes | undefined;
}

/** Two contents as hex, scrolled together, the bytes that differ marked. */
export function HexDiff({ a, b }: HexDiffProps) {
  const scroll = useHexScroll(Math.max(a?.size ?? 0, b?.size ?? 0));
  const { first, last, goTo } = scroll;
  const pagesA = useContentPages(a, first, last);
  const pagesB = useContentPages(b, first, last);
  const error = pagesA.error ?? pagesB.error;
  if (error) return <Failure error={error} />;
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
      <HexRows
        scroll={scroll}
        label="Both contents as hex"
        renderRow={(offset) => {
          const [bytesA, bytesB] = [rowOf(pagesA, a, offset), rowOf(pagesB, b, offset)];
          return (
            <>
              {a && <Bytes own={bytesA} other={b && bytesB} />}
              {b && <Bytes own={bytesB} other={a && bytesA} />}
            </>
          );
        }}
      />
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
