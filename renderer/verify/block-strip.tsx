import type { BlockRun, BlockStrip } from '../../shared/contract/verify-values.ts';
import { formatCount } from '../parts/format.ts';

const words: Readonly<Record<BlockRun['state'], string>> = {
  differs: 'differs',
  zero: 'zeros',
  absent: 'absent',
  extra: 'behind the end',
};

/** Runs that are named one by one below the strip. */
const NAMED = 6;

/** A file's blocks from left to right, good and bad. */
export function Strip({ strip }: { readonly strip: BlockStrip }) {
  const { blocks, runs, bad, blockSize, comparedWith, omitted } = strip;
  if (blocks === 0) return null;
  const label = `${formatCount(bad)} of ${formatCount(blocks)} blocks of ${formatCount(blockSize)} bytes are bad`;
  const present = [...new Set(runs.map(({ state }) => state))];
  return (
    <section aria-label="Blocks">
      <h3>Blocks</h3>
      <svg className="strip" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect className="strip-good" width="1000" height="24" />
        {runs.map(({ from, count, state }) => {
          // a single block of a large file must still be seen
          const width = Math.max(2, (count / blocks) * 1000);
          const x = Math.min((from / blocks) * 1000, 1000 - width);
          return (
            <rect key={from} className={`strip-${state}`} x={x} width={width} height="24">
              <title>
                {`block${count === 1 ? '' : 's'} ${from}${count === 1 ? '' : ` to ${from + count - 1}`}: ${words[state]}`}
              </title>
            </rect>
          );
        })}
      </svg>
      <p className="strip-legend dim">
        {label}, compared with {comparedWith}.<span className="strip-key strip-key-good">✓ good</span>
        {present.map((state) => (
          <span key={state} className={`strip-key strip-key-${state}`}>
            ✗ {words[state]}
          </span>
        ))}
      </p>
      <p className="dim">
        {runs
          .slice(0, NAMED)
          .map(({ from, count, state }) => `${from}${count === 1 ? '' : `–${from + count - 1}`} ${words[state]}`)
          .join(' · ')}
        {(runs.length > NAMED || omitted > 0) && ` · and ${formatCount(runs.length - NAMED + omitted)} more runs`}
      </p>
    </section>
  );
}
