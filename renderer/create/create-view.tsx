import type { DragEvent } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { droppedPaths } from '../compare/slot-bar.tsx';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { addSources, useCreate } from '../state/create.ts';
import { ContentsPanel } from './contents-panel.tsx';
import { CreateForm } from './create-form.tsx';
import { RunPanel } from './run-panel.tsx';
import '../details/details.css';
import '../verify/verify.css';
import '../mounts/mounts.css';
import './create.css';

const onDrop = (event: DragEvent): void => {
  const paths = droppedPaths(event);
  if (paths.length === 0) return;
  event.preventDefault(); // else the window opens them
  addSources(paths);
};

/** Create: what of, where to and how on the left; on the right what it will contain, and how it goes. */
export function CreateView() {
  const { sources, run } = useCreate();
  const layout = usePanes('create', [42, 58]);
  return (
    <div className="create-view" onDrop={onDrop}>
      <Group
        orientation="horizontal"
        defaultLayout={layout}
        onLayoutChanged={(sizes) => rememberPanes('create', sizes)}
      >
        <Panel id="form" minSize={320}>
          <CreateForm />
        </Panel>
        <Separator className="split split-vertical" aria-label="Width of the form" />
        <Panel id="contents" minSize={320}>
          <div className="create-contents">
            {run.status !== 'idle' && <RunPanel run={run} />}
            {sources.length === 0 ? <Empty /> : <ContentsPanel sources={sources} />}
          </div>
        </Panel>
      </Group>
    </div>
  );
}

function Empty() {
  return (
    <div className="create-empty">
      <h2>What is the image to be made of?</h2>
      <p className="dim">
        Drop a folder, a tar, a container image or images here. Several are layers, merged as the kernel shows them. The
        image is the one that mkcomposefs makes, byte for byte.
      </p>
    </div>
  );
}
