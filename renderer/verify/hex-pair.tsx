import { asciiBytes, HEX_ROW } from '../details/hex.ts';
import type { BlockPair } from '../../shared/contract/verify-values.ts';
import { formatCount } from '../parts/format.ts';

/** Rows shown: from two before the first byte that differs. */
const ROWS = 32;

/** The first differing block on both sides, differing bytes marked. */
export function HexPair({ pair }: { readonly pair: BlockPair }) {
  const { found, good, offset, block, bytes, bits } = pair;
  const length = Math.max(found.length, good.length);
  let first = 0;
  while (first < length && found[first] === good[first]) first++;
  const from = Math.max(0, Math.floor(first / HEX_ROW) - 2) * HEX_ROW;
  const to = Math.min(length, from + ROWS * HEX_ROW);
  return (
    <section aria-label="First differing block">
      <h3>
        First differing block: {formatCount(block)}{' '}
        <span className="dim">
          {formatCount(bytes)} {bytes === 1 ? 'byte' : 'bytes'}, {formatCount(bits)} {bits === 1 ? 'bit' : 'bits'}{' '}
          differ
        </span>
      </h3>
      <div className="hex-pair">
        <Side title="Found" own={found} other={good} from={from} to={to} offset={offset} />
        <Side title="Good copy" own={good} other={found} from={from} to={to} offset={offset} />
      </div>
      {to < length && <p className="dim">… {formatCount(length - to)} more bytes of this block</p>}
    </section>
  );
}

interface SideProps {
  readonly title: string;
  readonly own: Uint8Array;
  readonly other: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of the block, in the file. */
  readonly offset: number;
}

function Side({ title, own, other, from, to, offset }: SideProps) {
  const rows = Array.from({ length: Math.ceil((to - from) / HEX_ROW) }, (_, row) => from + row * HEX_ROW);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div className="hex-side mono" tabIndex={0} role="region" aria-label={`${title}, as hex`}>
        {rows.map((at) => (
          <div key={at}>
            <span className="dim">{(offset + at).toString(16).padStart(8, '0')}</span>{' '}
            {Array.from(own.subarray(at, at + HEX_ROW), (byte, index) => {
              const hex = byte.toString(16).padStart(2, '0');
              const isSame = other[at + index] === byte;
              // a byte's place is its name
              // oxlint-disable-next-line react/no-array-index-key
              return isSame ? `${hex} ` : [<mark key={index}>{hex}</mark>, ' '];
            })}
            <span className="dim">{asciiBytes(own.subarray(at, at + HEX_ROW))}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}
