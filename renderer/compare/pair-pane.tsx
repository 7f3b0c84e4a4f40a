import { Tabs } from '@base-ui/react/tabs';
import { useState } from 'react';
import type { ComparePair, CompareValue } from '../../shared/contract/compare-values.ts';
import { CopyButton } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { hexBytes } from '../details/hex.ts';
import { useCall } from '../engine/use-call.ts';
import { goToCompareRow } from '../state/compare.ts';
import { goTo } from '../state/navigate.ts';
import { useChoice } from '../state/settings.ts';
import { useWorkspace } from '../state/workspace.ts';
import { ContentPair } from './content-pair.tsx';
import { StatusBadge } from './status-badge.tsx';
import { attributeNames } from './words.ts';

/** One name on both sides: attributes beside each other, and contents. What was shown stays until the next is there. */
export function PairPane({ comparison, row, version }: { comparison: number; row: number; version: number }) {
  const [tab, setTab] = useChoice<string>('compareTab', 'attributes');
  const asked = useCall('comparePair', { comparison, row }, version);
  const pair = asked.value;
  return (
    <Tabs.Root className="details" value={tab} onValueChange={(value: string) => setTab(value)}>
      <Tabs.List className="details-tabs" aria-label="The pair">
        <Tabs.Tab value="attributes" className="details-tab">
          Attributes
        </Tabs.Tab>
        <Tabs.Tab value="content" className="details-tab">
          Content
        </Tabs.Tab>
      </Tabs.List>
      {asked.status === 'failed' && <Failure error={asked.error} />}
      <Tabs.Panel value="attributes" className="details-panel">
        {pair && <Attributes pair={pair} />}
      </Tabs.Panel>
      <Tabs.Panel value="content" className="details-panel">
        {pair && <ContentPair key={`${comparison} ${pair.row.row}`} comparison={comparison} pair={pair} />}
      </Tabs.Panel>
    </Tabs.Root>
  );
}

function Attributes({ pair }: { readonly pair: ComparePair }) {
  const { row, values, pathA, pathB } = pair;
  const [onlyDiffering, setOnlyDiffering] = useState(false);
  const shown = onlyDiffering ? values.filter(({ differs }) => differs) : values;
  const path = pathB ?? pathA ?? '/';
  return (
    <div className="details-scroll compare-pair">
      <h2 className="details-path">
        <span>{path}</span>
        <CopyButton text={path} what="the path" />
      </h2>
      <p className="compare-pair-status">
        <StatusBadge status={row.status} />{' '}
        {row.attributes.length > 0 && (
          <span>{row.attributes.map((attribute) => attributeNames[attribute]).join(', ')}</span>
        )}
      </p>
      {row.partner && (
        <p>
          {row.a ? 'Now at' : 'Was at'}{' '}
          <button type="button" className="details-link" onClick={() => void goToCompareRow(row.partner?.row ?? 0)}>
            {row.partner.path}
          </button>
        </p>
      )}
      <label className="compare-check">
        <input type="checkbox" checked={onlyDiffering} onChange={(event) => setOnlyDiffering(event.target.checked)} />{' '}
        Only what differs
      </label>
      {shown.length === 0 && <p className="dim">Nothing differs.</p>}
      <table className="compare-values">
        <thead>
          <tr>
            <th scope="col">Attribute</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((value, index) => (
            // two xattrs of one name can stand in a broken image
            // oxlint-disable-next-line react/no-array-index-key
            <ValueLine key={`${value.label} ${index}`} value={value} />
          ))}
        </tbody>
      </table>
      <ExploreLinks pair={pair} />
    </div>
  );
}

function ValueLine({ value }: { readonly value: CompareValue }) {
  const { label, a, b, differs, ignored, rawA, rawB } = value;
  return (
    <tr className={differs ? (ignored ? 'compare-ignored' : 'compare-differs') : ''}>
      <th scope="row">
        {differs && (
          <span className="compare-glyph" role="img" aria-label={ignored ? 'differs, ignored' : 'differs'}>
            {ignored ? '≈' : '≠'}
          </span>
        )}{' '}
        {label}
      </th>
      <td>
        {a ?? <span className="dim">—</span>}
        {rawA && differs && <Raw value={rawA.value} />}
      </td>
      <td>
        {b ?? <span className="dim">—</span>}
        {rawB && differs && <Raw value={rawB.value} />}
      </td>
    </tr>
  );
}

/** What is decoded can be equal where the bytes are not. */
const Raw = ({ value }: { readonly value: Uint8Array }) => (
  <code className="compare-raw dim">{value.length === 0 ? 'empty' : hexBytes(value)}</code>
);

/** Each side's own entry, where the side is an open image. */
function ExploreLinks({ pair: { a, b } }: { readonly pair: ComparePair }) {
  const images = useWorkspace((state) => state.images);
  const sides = [
    { letter: 'A', details: a },
    { letter: 'B', details: b },
  ].flatMap(({ letter, details }) =>
    details && images.some(({ image }) => image === details.image) ? [{ letter, details }] : [],
  );
  if (sides.length === 0) return null;
  return (
    <p className="verify-buttons">
      {sides.map(({ letter, details }) => (
        <button
          key={letter}
          type="button"
          className="button"
          onClick={() => {
            useWorkspace.setState({ activity: 'explore' });
            void goTo(details.image, details.row.entry);
          }}
        >
          Show {letter} in Explore
        </button>
      ))}
    </p>
  );
}
