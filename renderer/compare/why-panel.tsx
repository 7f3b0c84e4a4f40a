import { useState } from 'react';
import {
  EXPLAIN_JOB,
  MATRIX_JOB,
  type CompareCause,
  type FormatDifference,
  type MatrixCell,
} from '../../shared/contract/compare-values.ts';
import { CopyButton, Fact, Facts } from '../details/attributes-tab.tsx';
import { CompareSearch } from '../details/digest-search.tsx';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { Cancelled, Running } from '../parts/job-progress.tsx';
import { goToCompareRow, type SideName } from '../state/compare.ts';

/** Why the digests differ: known causes, what of the format differs, and the digests that could be. */
export function WhyPanel({ comparison, version }: { readonly comparison: number; readonly version: number }) {
  const [again, setAgain] = useState(0);
  const asked = useCall('compareExplain', { comparison }, version + again);
  if (asked.status === 'failed') {
    if (asked.error.code !== 'cancelled') return <Failure error={asked.error} />;
    return (
      <Cancelled what="The search for causes was cancelled." again="Look again" onAgain={() => setAgain(again + 1)} />
    );
  }
  if (!asked.value) return <Running title={EXPLAIN_JOB} words="Looking for causes …" />;
  const { headline, proof, causes, format, artefacts } = asked.value;
  return (
    <div className="compare-why">
      <h2 className="failure-title">{headline}</h2>
      {proof !== undefined && <p className="good">✓ {proof}</p>}
      {causes.map((cause) => (
        <Cause key={`${cause.id} ${cause.title}`} cause={cause} />
      ))}
      {artefacts.length > 0 && (
        <section aria-label="No differences">
          <h3>What a text diff of the dumps shows, and is no difference</h3>
          {artefacts.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </section>
      )}
      {format.length > 0 && <Format differences={format} />}
      <Matrix comparison={comparison} />
    </div>
  );
}

function Cause({ cause }: { readonly cause: CompareCause }) {
  const { id, title, sentence, count, examples, confidence, rule, knownFrom, advice } = cause;
  return (
    <section className="failure-finding" aria-label={title}>
      <h3>
        {title} {count > 0 && <span className="dim">{formatCount(count)}</span>}{' '}
        {id !== 'unexplained' && <span className={`certainty certainty-${confidence}`}>{confidence}</span>}
      </h3>
      <p>{sentence}</p>
      <Facts wide>
        {rule !== '' && <Fact name="Recognised by">{rule}</Fact>}
        {knownFrom !== '' && <Fact name="Known from">{knownFrom}</Fact>}
        {advice !== '' && <Fact name="What to do">{advice}</Fact>}
      </Facts>
      {examples.length > 0 && (
        <ul className="details-list">
          {examples.map(({ row, path, what }) => (
            <li key={`${row} ${what}`}>
              <button type="button" className="details-link" onClick={() => void goToCompareRow(row)}>
                {path}
              </button>{' '}
              <span className="dim">{what}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const at = (offset: number | undefined): string => (offset === undefined ? '' : ` at ${offset}`);

function Format({ differences }: { readonly differences: readonly FormatDifference[] }) {
  return (
    <section aria-label="Format">
      <h3>How the image files differ</h3>
      <table className="compare-table compare-format">
        <thead>
          <tr>
            <th scope="col">Structure</th>
            <th scope="col">Field</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ structure, field, a, b, offsetA, offsetB }) => (
            <tr key={`${structure} ${field} ${offsetA} ${offsetB}`}>
              <th scope="row">{structure}</th>
              <td>{field}</td>
              <td>
                {a}
                <span className="dim">{at(offsetA)}</span>
              </td>
              <td>
                {b}
                <span className="dim">{at(offsetB)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Matrix({ comparison }: { readonly comparison: number }) {
  const [side, setSide] = useState<SideName | undefined>(undefined);
  const [again, setAgain] = useState(0);
  return (
    <section aria-label="Digest matrix">
      <h3>The digests that a tree can have</h3>
      <p className="dim">
        Written anew in each way that is known: format version, hash, xattrs. A cell that equals a digest that is there
        says how that one was made.
      </p>
      <p className="verify-buttons">
        {(['a', 'b'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="button"
            aria-pressed={side === each}
            onClick={() => setSide(side === each ? undefined : each)}
          >
            Of {each.toUpperCase()}
          </button>
        ))}
      </p>
      {side && (
        <MatrixTable key={`${side} ${again}`} comparison={comparison} side={side} onAgain={() => setAgain(again + 1)} />
      )}
    </section>
  );
}

interface MatrixTableProps {
  readonly comparison: number;
  readonly side: SideName;
  readonly onAgain: () => void;
}

function MatrixTable({ comparison, side, onAgain }: MatrixTableProps) {
  const asked = useCall('compareMatrix', { comparison, side });
  if (asked.status === 'failed') {
    if (asked.error.code !== 'cancelled') return <Failure error={asked.error} />;
    return <Cancelled what="Writing the tree was cancelled." again="Write it again" onAgain={onAgain} />;
  }
  if (!asked.value) return <Running title={MATRIX_JOB} words="Writing the tree in each way …" />;
  const { own, expected, other, finding, cells } = asked.value;
  const has = (what: 'expected' | 'other'): boolean => cells.some(({ equals }) => equals.includes(what));
  return (
    <>
      <Facts wide>
        {own !== undefined && (
          <Fact name="Its own digest">
            <code className="details-break">{own}</code>
          </Fact>
        )}
        {expected !== undefined && (
          <Fact name="Expected">
            <code className="details-break">{expected}</code>
          </Fact>
        )}
        {other !== undefined && (
          <Fact name="The other side’s">
            <code className="details-break">{other}</code>
          </Fact>
        )}
        {finding && (
          <Fact name="What that is">
            {finding.sentence} {finding.where !== undefined && <code className="details-break">{finding.where}</code>}
          </Fact>
        )}
      </Facts>
      <table className="compare-table compare-matrix">
        <thead>
          <tr>
            <th scope="col">Format</th>
            <th scope="col">Hash</th>
            <th scope="col">Xattrs</th>
            <th scope="col">Digest</th>
            <th scope="col">Equals</th>
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <Cell key={`${cell.formatVersion} ${cell.algorithm} ${cell.xattrs}`} cell={cell} />
          ))}
        </tbody>
      </table>
      {expected !== undefined && expected !== own && expected !== other && !has('expected') && (
        <CompareSearch comparison={comparison} side={side} digest={expected} what="the expected digest" />
      )}
      {other !== undefined && other !== own && !has('other') && (
        <CompareSearch comparison={comparison} side={side} digest={other} what="the other side’s digest" />
      )}
    </>
  );
}

const equalsWords = { own: 'its own', expected: 'the expected one', other: 'the other side’s' } as const;

function Cell({ cell }: { readonly cell: MatrixCell }) {
  const { formatVersion, algorithm, xattrs, digest, why, equals } = cell;
  return (
    <tr className={equals.length > 0 ? 'compare-strong' : ''}>
      <td>{formatVersion}</td>
      <td>{algorithm}</td>
      <td>{xattrs}</td>
      <td>
        {digest === undefined ? (
          <span className="dim">{why}</span>
        ) : (
          <>
            <code title={digest}>{`${digest.slice(0, 12)}…${digest.slice(-6)}`}</code>{' '}
            <CopyButton text={digest} what="the digest" />
          </>
        )}
      </td>
      <td>{equals.length > 0 && `✓ ${equals.map((one) => equalsWords[one]).join(', ')}`}</td>
    </tr>
  );
}
