import { Group, Panel, Separator } from 'react-resizable-panels';
import { problemGroupings, type ProblemGrouping } from '../../shared/contract/verify-values.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { useChoice } from '../state/settings.ts';
import { isRunning, repairObjects, useVerify } from '../state/verify.ts';
import { useWorkspace } from '../state/workspace.ts';
import { FailurePage, KeptCopies } from './failure-page.tsx';
import { ProblemTree } from './problem-tree.tsx';
import { ReachPanel } from './reach-panel.tsx';
import { RunBar } from './run-bar.tsx';
import './verify.css';

const groupingNames: Readonly<Record<ProblemGrouping, string>> = {
  cause: 'by cause',
  image: 'by image',
  folder: 'by folder',
};

/** Verify: the run, the list of problems, and the page of the one that is looked at. */
export function VerifyView() {
  const state = useVerify((verify) => verify.state);
  const version = useVerify((verify) => verify.version);
  const selected = useVerify((verify) => verify.selected);
  const images = useWorkspace((workspace) => workspace.images);
  const [stored, setBy] = useChoice<string>('problemsBy', 'cause');
  const by = problemGroupings.find((grouping) => grouping === stored) ?? 'cause';
  const [side, setSide] = useChoice<string>('verifySide', 'problem');
  const asked = useCall('problemGroups', { by }, version);
  const groups = asked.value ?? [];
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const layout = usePanes('verify', [36, 64]);
  return (
    <div className="verify-view">
      <RunBar state={state} />
      <KeptCopies />
      <Group
        orientation="horizontal"
        className="verify-panes"
        defaultLayout={layout}
        onLayoutChanged={(sizes) => rememberPanes('verify', sizes)}
      >
        <Panel id="problems" minSize={240}>
          <div className="verify-list">
            <div className="verify-list-head">
              <h2>{total === 0 ? 'No problems' : `${formatCount(total)} ${total === 1 ? 'problem' : 'problems'}`}</h2>
              <select aria-label="Group problems" value={by} onChange={(event) => setBy(event.target.value)}>
                {problemGroupings.map((grouping) => (
                  <option key={grouping} value={grouping}>
                    {groupingNames[grouping]}
                  </option>
                ))}
              </select>
              <button
                type="button"
                className="button"
                disabled={total === 0 || isRunning(state)}
                title="Replace all bad objects that have a good copy in an attached store"
                onClick={() => void repairObjects([], [])}
              >
                Repair all
              </button>
              <button
                type="button"
                className="button"
                aria-pressed={side === 'reach'}
                onClick={() => setSide(side === 'reach' ? 'problem' : 'reach')}
              >
                Orphans
              </button>
            </div>
            {total === 0 ? (
              <p className="verify-empty dim">
                {images.length === 0
                  ? 'Open an image and the store with its objects, then verify.'
                  : state?.phase === 'done'
                    ? 'Every object that was checked is right.'
                    : 'So far nothing is missing or of a wrong size. Verify reads and hashes every object.'}
              </p>
            ) : (
              <ProblemTree by={by} groups={groups} version={version} />
            )}
          </div>
        </Panel>
        <Separator className="split split-vertical" aria-label="Width of the problems" />
        <Panel id="failure" minSize={320}>
          {side === 'reach' ? (
            <ReachPanel />
          ) : selected && isOpen(selected, images) ? (
            <FailurePage reference={selected} />
          ) : (
            <p className="verify-empty dim">
              {total > 0 ? 'Choose a problem to see what is wrong with it, and what to do.' : ''}
            </p>
          )}
        </Panel>
      </Group>
    </div>
  );
}

/** The image of a failure may have been closed. */
const isOpen = (
  ref: NonNullable<ReturnType<typeof useVerify.getState>['selected']>,
  images: readonly { readonly image: number }[],
): boolean => !('image' in ref) || images.some(({ image }) => image === ref.image);
