import { Tabs } from '@base-ui/react/tabs';
import type { DragEvent } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { CompareState } from '../../shared/contract/compare-values.ts';
import { Failure } from '../details/failure.tsx';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { choosePaths, compareTabs, useCompare, type CompareTab } from '../state/compare.ts';
import { DiffTable } from './diff-table.tsx';
import { FilterBar } from './filter-bar.tsx';
import { PairPane } from './pair-pane.tsx';
import { droppedPaths, SlotBar } from './slot-bar.tsx';
import { SummaryPanel } from './summary-panel.tsx';
import { WhyPanel } from './why-panel.tsx';
import '../explore/explore.css';
import '../details/details.css';
import '../verify/verify.css';
import './compare.css';

const tabNames: Readonly<Record<CompareTab, string>> = {
  differences: 'Differences',
  why: 'Why the digests differ',
  summary: 'Summary and download',
};

/** What falls beside the slots. */
const onDrop = (event: DragEvent): void => {
  if (event.defaultPrevented) return; // a slot took it
  const paths = droppedPaths(event);
  if (paths.length === 0) return;
  event.preventDefault(); // else the window opens them
  void choosePaths(paths);
};

/** Compare: two sides, the merged tree of both, and what there is to say of the differences as a whole. */
export function CompareView() {
  const { state, phase, error } = useCompare();
  return (
    <div className="compare-view" onDrop={onDrop}>
      <SlotBar />
      {phase === 'comparing' && (
        <p className="details-note dim" role="status">
          Comparing …
        </p>
      )}
      {phase === 'failed' && error && <Failure error={error} />}
      {phase === 'waiting' && <Empty />}
      {state && <Compared state={state} />}
    </div>
  );
}

function Empty() {
  return (
    <div className="compare-empty">
      <h2>What differs between two images?</h2>
      <p className="dim">
        Drop two files here at once, or one on each side: composefs or EROFS images, dump files, layers, OCI images,
        folders. Open images and stacks are under Choose.
      </p>
    </div>
  );
}

const focusDetails = (): void =>
  document.querySelector<HTMLElement>('.compare-view .details [role=tab][aria-selected=true]')?.focus();

function Compared({ state }: { readonly state: CompareState }) {
  const { tab, row, version } = useCompare();
  const layout = usePanes('compare', [58, 42]);
  const { counts } = state;
  const isEqual =
    counts.statuses.equal > 0 && Object.entries(counts.statuses).every(([name, n]) => name === 'equal' || n === 0);
  return (
    <Tabs.Root
      className="compare-tabs"
      value={tab}
      onValueChange={(value: string) =>
        useCompare.setState({ tab: compareTabs.find((one) => one === value) ?? 'differences' })
      }
    >
      <Tabs.List className="details-tabs" aria-label="Comparison">
        {compareTabs.map((one) => (
          <Tabs.Tab key={one} value={one} className="details-tab">
            {tabNames[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="differences" className="compare-panel">
        <FilterBar state={state} />
        {isEqual && state.filter.onlyDifferences ? (
          <div className="compare-empty">
            <h2>Both trees are equal.</h2>
            <p className="dim">
              {counts.ignored > 0
                ? 'Apart from what is ignored.'
                : counts.bytesEqual === false
                  ? 'The image files are not: they store the same tree in another way.'
                  : 'Every entry and every attribute.'}
            </p>
          </div>
        ) : (
          <Group
            orientation="horizontal"
            className="compare-panes"
            defaultLayout={layout}
            onLayoutChanged={(sizes) => rememberPanes('compare', sizes)}
          >
            <Panel id="differences" minSize={320}>
              {state.total === 0 ? (
                <p className="details-note dim">Nothing matches the filter.</p>
              ) : (
                <DiffTable state={state} onDetails={focusDetails} />
              )}
            </Panel>
            <Separator className="split split-vertical" aria-label="Width of the pair" />
            <Panel id="pair" minSize={280}>
              {state.total > 0 && <PairPane comparison={state.comparison} row={row} version={version} />}
            </Panel>
          </Group>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="why" className="compare-panel">
        <WhyPanel comparison={state.comparison} version={version} />
      </Tabs.Panel>
      <Tabs.Panel value="summary" className="compare-panel">
        <SummaryPanel state={state} version={version} />
      </Tabs.Panel>
    </Tabs.Root>
  );
}
