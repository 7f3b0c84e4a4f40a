import type { DragEvent } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { droppedPaths } from '../compare/slot-bar.tsx';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { takeForPublishing } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { PublicationPanel } from './publication-panel.tsx';
import { PublishForm } from './publish-form.tsx';
import { PublishRunPanel } from './publish-run-panel.tsx';
import { PublishSummaryPanel } from './publish-summary-panel.tsx';
import './publish.css';

const onDrop = (event: DragEvent): void => {
  const paths = droppedPaths(event);
  if (paths.length === 0) return;
  event.preventDefault(); // else the window opens them, and takes none
  void takeForPublishing(paths);
};

/** Publish: what, where to and how on the left; on the right what it will contain, how it goes, and what was published. */
export function PublishTab() {
  const { images, layers, run, shown } = usePublish();
  const layout = usePanes('create', [42, 58]);
  const hasSources = images.length + layers.length > 0;
  return (
    <div className="create-view" onDrop={onDrop}>
      <Group
        orientation="horizontal"
        defaultLayout={layout}
        onLayoutChanged={(sizes) => rememberPanes('create', sizes)}
      >
        <Panel id="form" minSize={320}>
          <PublishForm />
        </Panel>
        <Separator className="split split-vertical" aria-label="Width of the form" />
        <Panel id="contents" minSize={320}>
          <div className="create-contents">
            {run.status !== 'idle' && <PublishRunPanel run={run} />}
            {shown !== undefined && <PublicationPanel key={shown} folder={shown} />}
            {shown === undefined && run.status !== 'running' && (hasSources ? <PublishSummaryPanel /> : <Empty />)}
          </div>
        </Panel>
      </Group>
    </div>
  );
}

function Empty() {
  return (
    <div className="create-empty">
      <h2>What is to be published?</h2>
      <p className="dim">
        Drop images here, or layers: of those an image of each is made, and one of all. They are written into a folder
        that can be served as it is, with their objects and a manifest that says what who must fetch. Drop a folder that
        was published to look at it and to check it.
      </p>
    </div>
  );
}
