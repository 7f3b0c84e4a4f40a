import { Menu } from '@base-ui/react/menu';
import { FileBox, FolderOpen, Layers, Plus, X } from 'lucide-react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { StackInfo } from '../../shared/contract/layer-values.ts';
import { Failure } from '../details/failure.tsx';
import { ExploreView } from '../explore/explore-view.tsx';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { useCurrentStack, useStacks } from '../state/stack-store.ts';
import { addLayers, addLayersByDialog, chooseImage, dismissFailure } from '../state/stacks.ts';
import { useWorkspace } from '../state/workspace.ts';
import { LayerHelp } from './layer-help.tsx';
import { LayerList } from './layer-list.tsx';
import { LayersEmpty } from './layers-empty.tsx';
import './layers.css';

/** A stack of layers, and the tree that a mount of them shows. */
export function LayersView() {
  const stack = useCurrentStack();
  const image = useWorkspace(({ images }) => images.find((info) => info.image === stack?.image));
  const layout = usePanes('layers', [38, 62]);
  if (stack === undefined || image === undefined) {
    return (
      <div className="layers">
        <Failures />
        <LayersEmpty />
      </div>
    );
  }
  return (
    <div className="layers">
      <Failures />
      <Group
        orientation="vertical"
        className="layers-panes"
        defaultLayout={layout}
        onLayoutChanged={(sizes) => rememberPanes('layers', sizes)}
      >
        <Panel id="layers" minSize={110}>
          <section className="layers-top" aria-label="Layers of the stack">
            <Bar stack={stack} />
            <LayerList key={stack.stack} stack={stack} />
          </section>
        </Panel>
        <Separator className="split split-horizontal" aria-label="Height of the list of layers" />
        <Panel id="merged" minSize={160}>
          <ExploreView image={image} />
        </Panel>
      </Group>
    </div>
  );
}

function Bar({ stack }: { readonly stack: StackInfo }) {
  return (
    <div className="layers-bar">
      <h1 className="layers-title ellipsis" title={stack.name}>
        <Layers size={14} aria-hidden /> {stack.name}
      </h1>
      {stack.sources.map(({ path, choices, chosen }) => (
        <label key={path} className="layers-source" title={`Images in ${path}`}>
          <span className="dim">Image</span>
          <select
            className="input"
            value={chosen}
            onChange={(event) => void chooseImage(stack.stack, path, event.target.value)}
          >
            {choices.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      ))}
      <span className="layers-space" />
      <AddMenu />
      <button
        type="button"
        className="button"
        title="Begin another stack; this one stays open"
        onClick={() => useStacks.setState({ isNew: true })}
      >
        New stack
      </button>
      <LayerHelp />
    </div>
  );
}

/** What can come on top: files, a folder, an image that is open. */
function AddMenu() {
  const images = useWorkspace((state) => state.images).filter(({ kind }) => kind !== 'stack');
  return (
    <Menu.Root>
      <Menu.Trigger className="button">
        <Plus size={13} aria-hidden /> Add a layer
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" align="end" sideOffset={4}>
          <Menu.Popup className="popup">
            <Menu.Item className="popup-item" onClick={() => void addLayersByDialog('file')}>
              <FileBox size={13} aria-hidden /> Images, tars, archives…
            </Menu.Item>
            <Menu.Item className="popup-item" onClick={() => void addLayersByDialog('folder')}>
              <FolderOpen size={13} aria-hidden /> A directory, or an OCI layout…
            </Menu.Item>
            {images.length > 0 && <Menu.Separator className="popup-separator" />}
            {images.map(({ image, name, path }) => (
              <Menu.Item key={image} className="popup-item" title={path} onClick={() => void addLayers([], [image])}>
                {name}
                <span className="popup-hint">open</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

/** What could not be added or changed, in place, until it is put away. */
function Failures() {
  const failures = useStacks((state) => state.failures);
  return failures.map((failure) => (
    <div key={failure.title} className="layers-failure">
      <div>
        <strong>{failure.title}</strong>
        <Failure error={failure.error} />
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        title="Dismiss"
        onClick={() => dismissFailure(failure)}
      >
        <X size={13} aria-hidden />
      </button>
    </div>
  ));
}
