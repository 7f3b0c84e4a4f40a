import { Eye, EyeOff } from 'lucide-react';
import { lazy, Suspense, useCallback, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { DetailsPane } from '../details/details-pane.tsx';
import { QuickLook } from '../details/quick-look.tsx';
import { useCall } from '../engine/use-call.ts';
import { changeSettings, useChoice, useSettings } from '../state/settings.ts';
import { setHidden } from '../state/stacks.ts';
import { useView, type ImageView } from '../state/views.ts';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { FilterLine } from './filter-line.tsx';
import { setFilter } from './tree-actions.ts';
import { TreeTable } from './tree-table.tsx';
import './explore.css';

// d3 is only loaded by those who look at the treemap
const Treemap = lazy(async () => ({ default: (await import('../treemap/treemap.tsx')).Treemap }));

/** One image: its tree, and beside it the details of the entry in focus. */
export function ExploreView({ image }: { readonly image: ImageInfo }) {
  const view = useView(image.image);
  return view ? (
    <Explored key={image.image} image={image} view={view} />
  ) : (
    <p className="explore-wait dim">Opening {image.name} …</p>
  );
}

export const focusTree = (): void => document.querySelector<HTMLElement>('.tree')?.focus();

/** Shows the details pane and goes into it. */
function goToDetails(): void {
  changeSettings({ ui: { ...useSettings.getState().ui, details: true } });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.details [role=tab][aria-selected=true]')?.focus());
}

function Explored({ image, view }: { readonly image: ImageInfo; readonly view: ImageView }) {
  const [details] = useChoice('details', true);
  const [treemap] = useChoice('treemap', false);
  const [quickLook, setQuickLook] = useState(false);
  const openQuickLook = useCallback(() => setQuickLook(true), []);
  const shown = useCall('details', { image: image.image, entry: view.entry });
  const path = shown.value?.path ?? '/';
  const folder = folderOf(path, shown.value?.row.kind === 'directory');
  const horizontal = usePanes('explore', [69, 31]);
  const vertical = usePanes('treemap', [62, 38]);
  return (
    <div className="explore">
      <div className="explore-top">
        <Breadcrumbs image={image.image} name={image.name} path={path} />
        {image.kind === 'stack' && <HiddenToggle image={image.image} isOn={view.state.showsHidden} />}
        <FilterLine image={image.image} entries={image.counts.entries} state={view.state} onDone={focusTree} />
      </div>
      <Group
        orientation="horizontal"
        className="explore-panes"
        defaultLayout={horizontal}
        onLayoutChanged={(layout) => rememberPanes('explore', layout)}
      >
        <Panel id="tree" minSize={320}>
          <Group
            orientation="vertical"
            defaultLayout={vertical}
            onLayoutChanged={(layout) => rememberPanes('treemap', layout)}
          >
            <Panel id="table" minSize={120}>
              {view.state.total === 0 ? (
                <NoMatch image={image.image} />
              ) : (
                <TreeTable image={image.image} view={view} onQuickLook={openQuickLook} onDetails={goToDetails} />
              )}
            </Panel>
            {treemap && (
              <>
                <Separator className="split split-horizontal" aria-label="Height of the treemap" />
                <Panel id="treemap" minSize={100}>
                  <Suspense fallback={null}>
                    <TreemapOf image={image.image} path={folder} />
                  </Suspense>
                </Panel>
              </>
            )}
          </Group>
        </Panel>
        {details && (
          <>
            <Separator className="split split-vertical" aria-label="Width of the details" />
            <Panel id="details" minSize={260}>
              <DetailsPane info={image} entry={view.entry} />
            </Panel>
          </>
        )}
      </Group>
      {quickLook && <QuickLook image={image.image} entry={view.entry} onClose={() => setQuickLook(false)} />}
    </div>
  );
}

/** Whether the tree has what a mount does not show of the layers. */
function HiddenToggle({ image, isOn }: { readonly image: number; readonly isOn: boolean }) {
  return (
    <button
      type="button"
      className="button explore-hidden"
      aria-pressed={isOn}
      title="Whiteouts, and what upper layers replaced or removed, struck through (Ctrl+H)"
      onClick={() => void setHidden(image, !isOn)}
    >
      {isOn ? <Eye size={13} aria-hidden /> : <EyeOff size={13} aria-hidden />} Hidden entries
    </button>
  );
}

function NoMatch({ image }: { readonly image: number }) {
  return (
    <div className="explore-wait">
      <p className="dim">Nothing in this image matches the filter.</p>
      <button type="button" className="button" onClick={() => void setFilter(image, '').then(focusTree)}>
        Take the filter away
      </button>
    </div>
  );
}

/** The treemap of a folder that is known by its path. */
function TreemapOf({ image, path }: { readonly image: number; readonly path: string }) {
  const found = useCall('find', { image, path });
  return found.value ? <Treemap image={image} entry={found.value.entry} /> : null;
}

function folderOf(path: string, isDirectory: boolean): string {
  return isDirectory ? path : path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
