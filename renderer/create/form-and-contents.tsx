import type { DragEvent, ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { droppedPaths } from '../compare/slot-bar.tsx';
import { rememberPanes, usePanes } from '../shell/panes.ts';

interface FormAndContentsProps {
  readonly form: ReactNode;
  /** What is dropped anywhere on it. */
  readonly onDropPaths: (paths: readonly string[]) => void;
  readonly children: ReactNode;
}

/** What of, where to and how on the left; on the right what it will contain, and how it goes. */
export function FormAndContents({ form, onDropPaths, children }: FormAndContentsProps) {
  const layout = usePanes('create', [42, 58]);
  const onDrop = (event: DragEvent): void => {
    const paths = droppedPaths(event);
    if (paths.length === 0) return;
    event.preventDefault(); // else the window opens them
    onDropPaths(paths);
  };
  return (
    <div className="create-view" onDrop={onDrop}>
      <Group
        orientation="horizontal"
        defaultLayout={layout}
        onLayoutChanged={(sizes) => rememberPanes('create', sizes)}
      >
        <Panel id="form" minSize={320}>
          {form}
        </Panel>
        <Separator className="split split-vertical" aria-label="Width of the form" />
        <Panel id="contents" minSize={320}>
          <div className="create-contents">{children}</div>
        </Panel>
      </Group>
    </div>
  );
}
