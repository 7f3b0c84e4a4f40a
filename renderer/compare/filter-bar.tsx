import { Popover } from '@base-ui/react/popover';
import { ChevronDown, ChevronUp, VolumeX } from 'lucide-react';
import { useEffect, useState } from 'react';
import {
  compareAttributes,
  compareStatuses,
  type CompareAttribute,
  type CompareState,
  type CompareStatus,
} from '../../shared/contract/compare-values.ts';
import { formatCount } from '../parts/format.ts';
import { goToDifference, setCompareFilter, setNoise } from '../state/compare.ts';
import { attributeNames, compareGlyphs, compareMeanings } from './words.ts';

/** A pause in typing after which the filter is asked. */
const TYPING_MS = 150;

/** Which differences are shown, and what is none. */
export function FilterBar({ state }: { readonly state: CompareState }) {
  const { filter, counts, matches, fault } = state;
  const toggle = (status: CompareStatus): void => {
    const has = filter.statuses.includes(status);
    const statuses = has ? filter.statuses.filter((one) => one !== status) : [...filter.statuses, status];
    // who asks for what is equal wants to see it
    void setCompareFilter({ statuses, onlyDifferences: filter.onlyDifferences && !statuses.includes('equal') });
  };
  return (
    <div className="compare-filter">
      <div role="group" aria-label="Show by status" className="compare-chips">
        {compareStatuses.map((status) => (
          <button
            key={status}
            type="button"
            className={`compare-chip compare-is-${status}`}
            aria-pressed={filter.statuses.includes(status)}
            title={compareMeanings[status]}
            onClick={() => toggle(status)}
          >
            <span aria-hidden="true">{compareGlyphs[status]}</span> {status}{' '}
            <span className="compare-count">{formatCount(counts.statuses[status])}</span>
          </button>
        ))}
      </div>
      <label className="compare-check">
        <input
          type="checkbox"
          checked={filter.onlyDifferences}
          onChange={(event) => void setCompareFilter({ onlyDifferences: event.target.checked })}
        />{' '}
        Only differences
      </label>
      <NoiseMenu state={state} />
      <div className="compare-steps">
        <button
          type="button"
          className="icon-button"
          aria-label="Previous difference"
          title="Previous difference (F7)"
          onClick={() => void goToDifference('previous')}
        >
          <ChevronUp size={15} aria-hidden />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Next difference"
          title="Next difference (F8)"
          onClick={() => void goToDifference('next')}
        >
          <ChevronDown size={15} aria-hidden />
        </button>
      </div>
      <FilterText
        key={state.comparison}
        text={filter.text}
        fault={fault?.in === 'filter' ? fault.message : undefined}
      />
      <span className="dim" role="status">
        {formatCount(matches)} {matches === 1 ? 'match' : 'matches'}
      </span>
    </div>
  );
}

function FilterText({ text, fault }: { readonly text: string; readonly fault: string | undefined }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      if (typed !== text) void setCompareFilter({ text: typed });
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, text]);
  return (
    <span className="compare-filter-text">
      <input
        id="filter"
        type="text"
        className="mono"
        aria-label="Filter"
        placeholder="Filter: name:*.so size:>1M"
        aria-invalid={fault !== undefined}
        {...(fault === undefined ? {} : { 'aria-describedby': 'compare-fault' })}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {fault !== undefined && (
        <span id="compare-fault" className="compare-fault bad" role="alert">
          ⚠ {fault}
        </span>
      )}
    </span>
  );
}

/** What people most often do not want to count comes first. */
const common: readonly CompareAttribute[] = ['mtime', 'uid', 'gid', 'selinux', 'overlay'];
const others = compareAttributes.filter((attribute) => !common.includes(attribute));

function NoiseMenu({ state }: { readonly state: CompareState }) {
  const { noise, counts, fault } = state;
  const isOn = noise.attributes.length > 0 || noise.xattrs.length > 0 || noise.paths !== '';
  const toggle = (attribute: CompareAttribute, on: boolean): void => {
    const attributes = noise.attributes.filter((one) => one !== attribute);
    void setNoise({ attributes: on ? [...attributes, attribute] : attributes });
  };
  const box = (attribute: CompareAttribute) => (
    <label key={attribute} className="compare-noise-line">
      <input
        type="checkbox"
        checked={noise.attributes.includes(attribute)}
        onChange={(event) => toggle(attribute, event.target.checked)}
      />{' '}
      {attributeNames[attribute]}
      <span className="dim compare-noise-count">{formatCount(counts.attributes[attribute] ?? 0)}</span>
    </label>
  );
  return (
    <Popover.Root>
      <Popover.Trigger className={`button${isOn ? ' compare-noise-on' : ''}`}>
        <VolumeX size={14} aria-hidden /> Ignore
        {isOn && <span className="dim"> {formatCount(counts.ignored)} hidden</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Popover.Popup className="popup compare-noise">
            <Popover.Title className="compare-noise-title">What is not to count as a difference</Popover.Title>
            <div className="compare-noise-columns">
              <div>{common.map(box)}</div>
              <div>{others.map(box)}</div>
            </div>
            <NoiseText
              label="Xattrs by name, as user.*"
              text={noise.xattrs.join(' ')}
              fault={undefined}
              onChange={(text) => setNoise({ xattrs: text.split(/[\s,]+/).filter((word) => word !== '') })}
            />
            <NoiseText
              label="Paths, as path:/var/cache/**"
              text={noise.paths}
              fault={fault?.in === 'noise' ? fault.message : undefined}
              onChange={(text) => setNoise({ paths: text })}
            />
            {isOn && (
              <button
                type="button"
                className="button"
                onClick={() => void setNoise({ attributes: [], xattrs: [], paths: '' })}
              >
                Compare everything
              </button>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface NoiseTextProps {
  readonly label: string;
  readonly text: string;
  readonly fault: string | undefined;
  readonly onChange: (text: string) => Promise<void>;
}

function NoiseText({ label, text, fault, onChange }: NoiseTextProps) {
  const [typed, setTyped] = useState(text);
  return (
    <label className="compare-noise-text">
      <span>{label}</span>
      <input
        type="text"
        className="mono"
        aria-invalid={fault !== undefined}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => void onChange(typed)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void onChange(typed);
        }}
      />
      {fault !== undefined && <span className="bad">⚠ {fault}</span>}
    </label>
  );
}
