import {
  compareAttributes,
  compareStatuses,
  type CompareState,
  type DownloadPlan,
} from '../../shared/contract/compare-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { useState } from 'react';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { goToCompareRow, setCompareFilter, useCompare } from '../state/compare.ts';
import { CompareTreemap } from './compare-treemap.tsx';
import { StatusBadge } from './status-badge.tsx';
import { attributeNames, compareGlyphs } from './words.ts';

/** What changed as a whole: by kind, by attribute, by folder, and what it costs to fetch. */
export function SummaryPanel({ state, version }: { readonly state: CompareState; readonly version: number }) {
  const { comparison, counts } = state;
  const asked = useCall('compareSummary', { comparison }, version);
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  const differing = compareAttributes.filter((attribute) => (counts.attributes[attribute] ?? 0) > 0);
  return (
    <div className="compare-summary">
      <section aria-label="By kind">
        <h2>What changed</h2>
        <table className="compare-table">
          <tbody>
            {compareStatuses.map((status) => (
              <tr key={status}>
                <th scope="row">
                  <StatusBadge status={status} />
                </th>
                <td className="tree-number">{formatCount(counts.statuses[status])}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {counts.bytesEqual !== undefined && (
          <p>{counts.bytesEqual ? 'The image files are equal byte by byte.' : 'The image files are not equal.'}</p>
        )}
        {counts.ignored > 0 && <p className="dim">{formatCount(counts.ignored)} differences are ignored.</p>}
      </section>
      <section aria-label="By attribute">
        <h2>What differs in pairs</h2>
        {differing.length === 0 && <p className="dim">Nothing.</p>}
        <ul className="compare-bars">
          {differing.map((attribute) => (
            <li key={attribute}>
              <button
                type="button"
                className="details-link"
                title="Show these"
                onClick={() => {
                  useCompare.setState({ tab: 'differences' });
                  void setCompareFilter({ attributes: [attribute] });
                }}
              >
                {attributeNames[attribute]}
              </button>
              <span>{formatCount(counts.attributes[attribute] ?? 0)}</span>
            </li>
          ))}
        </ul>
      </section>
      <Picture comparison={comparison} version={version} />
      {asked.value && <Download plan={asked.value.download} />}
      {asked.value && asked.value.folders.length > 0 && (
        <section aria-label="By folder">
          <h2>Where</h2>
          <ul className="compare-bars">
            {asked.value.folders.slice(0, 20).map(({ row, path, statuses }) => (
              <li key={row}>
                <button type="button" className="details-link" onClick={() => void goToCompareRow(row)}>
                  {path}
                </button>
                <span>
                  {compareStatuses.flatMap((status) =>
                    status === 'equal' || statuses[status] === 0
                      ? []
                      : [
                          <span key={status} className={`compare-is-${status}`} title={status}>
                            {' '}
                            {compareGlyphs[status]} {formatCount(statuses[status])}
                          </span>,
                        ],
                  )}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const measures = [
  ['differences', 'Differences'],
  ['bytes', 'Bytes of other content'],
] as const;

/** Where the differences are, as a treemap. */
function Picture({ comparison, version }: { readonly comparison: number; readonly version: number }) {
  const [by, setBy] = useState<'differences' | 'bytes'>('differences');
  return (
    <section className="compare-picture" aria-label="Treemap of differences">
      <h2>In which folders</h2>
      <p className="verify-buttons">
        {measures.map(([measure, title]) => (
          <button
            key={measure}
            type="button"
            className="button"
            aria-pressed={by === measure}
            onClick={() => setBy(measure)}
          >
            {title}
          </button>
        ))}
      </p>
      <CompareTreemap comparison={comparison} by={by} version={version} />
    </section>
  );
}

const planLines = [
  ['wanted', 'B refers to'],
  ['shared', 'shared with A'],
  ['inStores', 'in the stores already'],
  ['missing', 'to be fetched'],
  ['dropped', 'no longer needed'],
] as const;

function Download({ plan }: { readonly plan: DownloadPlan }) {
  return (
    <section aria-label="Download">
      <h2>What an update from A to B fetches</h2>
      <table className="compare-table">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Objects</th>
            <th scope="col">Bytes</th>
          </tr>
        </thead>
        <tbody>
          {planLines.map(([key, title]) => (
            <tr key={key} title={plan.definitions[key]} className={key === 'missing' ? 'compare-strong' : ''}>
              <th scope="row">
                {title}
                <p className="dim">{plan.definitions[key]}</p>
              </th>
              <td className="tree-number">{formatCount(plan[key].objects)}</td>
              <td className="tree-number">{formatBytes(plan[key].bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.imageBytes !== undefined && <p>The image file of B itself has {formatBytes(plan.imageBytes)}.</p>}
      {plan.stores.length === 0 && <p className="dim">No store is attached: what lies in one is not known.</p>}
      {plan.folders.length > 0 && (
        <details>
          <summary>What is to be fetched, by folder</summary>
          <ul className="compare-bars">
            {plan.folders.slice(0, 50).map(({ path, objects, bytes }) => (
              <li key={path}>
                <span>{path}</span>
                <span>
                  {formatCount(objects)} · {formatBytes(bytes)}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
