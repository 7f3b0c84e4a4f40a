import { FolderTree, GitCompareArrows, HardDrive, Layers, PackagePlus, ShieldCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { CompareView } from '../compare/compare-view.tsx';
import { CreateView } from '../create/create-view.tsx';
import { ExploreView } from '../explore/explore-view.tsx';
import { LayersView } from '../layers/layers-view.tsx';
import { MountsView } from '../mounts/mounts-view.tsx';
import { AboutDialog } from '../palette/about-dialog.tsx';
import { CommandPalette } from '../palette/command-palette.tsx';
import { GoToPath } from '../palette/go-to-path.tsx';
import { KeyboardHelp } from '../palette/keyboard-help.tsx';
import { OpenPathDialog } from '../palette/open-path-dialog.tsx';
import { SourcesPane } from '../sources/sources-pane.tsx';
import { openPaths } from '../state/open.ts';
import { usePublish } from '../state/publish-store.ts';
import { useChoice } from '../state/settings.ts';
import { useSelectedImage, useWorkspace, type Activity } from '../state/workspace.ts';
import { VerifyView } from '../verify/verify-view.tsx';
import { useCommands, type Overlay } from './commands.ts';
import { EmptyState } from './empty-state.tsx';
import { EngineBanner, Notices } from './notices.tsx';
import { rememberPanes, usePanes } from './panes.ts';
import { StatusBar } from './status-bar.tsx';
import { useTheme } from './theme.ts';
import { useFileDrop, useWindowKeys } from './use-window-input.ts';
import './shell.css';

const activities: readonly {
  readonly id: Activity;
  readonly name: string;
  readonly hint: string;
  readonly Icon: typeof FolderTree;
}[] = [
  { id: 'explore', name: 'Explore', hint: 'Explore: look into images (Ctrl+1)', Icon: FolderTree },
  {
    id: 'verify',
    name: 'Verify',
    hint: 'Verify: check every object, see what fails and why (Ctrl+2)',
    Icon: ShieldCheck,
  },
  { id: 'layers', name: 'Layers', hint: 'Layers: stack them, see what a mount shows (Ctrl+3)', Icon: Layers },
  {
    id: 'compare',
    name: 'Compare',
    hint: 'Compare: what differs between two images, layers or folders (Ctrl+4)',
    Icon: GitCompareArrows,
  },
  { id: 'mounts', name: 'Mounts', hint: 'Mounts: mount images, see what is mounted (Ctrl+5)', Icon: HardDrive },
  { id: 'create', name: 'Create', hint: 'Create: make an image and its objects (Ctrl+6)', Icon: PackagePlus },
];

/** Where what is dropped is not just opened. */
const dropHints: Readonly<Partial<Record<Activity, string>>> = {
  layers: 'Drop layers to stack them',
  compare: 'Drop two to compare them, or one on its side',
  create: 'Drop what the image is to be made of',
};

/** The whole window: activities, sources, the view, the status line, and what lies over them. */
export function App() {
  const [overlay, setOverlay] = useState<Overlay>(undefined);
  const close = useCallback(() => setOverlay(undefined), []);
  const commands = useCommands(setOverlay);
  const image = useSelectedImage();
  const activity = useWorkspace((state) => state.activity);
  const isOpening = useWorkspace((state) => state.opening.length > 0);
  const [sources] = useChoice('sources', true);
  const isPublishing = usePublish(({ tab }) => tab === 'publish') && activity === 'create';
  const isOver = useFileDrop();
  const layout = usePanes('window', [15.5, 84.5]);
  useWindowKeys(commands);
  useTheme();
  return (
    <div className="app">
      <EngineBanner />
      <div className="app-main">
        <nav className="activities" aria-label="Activities">
          {activities.map(({ id, name, hint, Icon }) => (
            <button
              key={id}
              type="button"
              className="activity"
              {...(activity === id ? { 'aria-current': 'page' } : {})}
              title={hint}
              onClick={() => useWorkspace.setState({ activity: id })}
            >
              <Icon size={18} aria-hidden />
              {name}
            </button>
          ))}
        </nav>
        <Group
          orientation="horizontal"
          className="app-panes"
          defaultLayout={layout}
          onLayoutChanged={(sizes) => rememberPanes('window', sizes)}
        >
          {sources && (
            <>
              <Panel id="sources" minSize={160} maxSize={480}>
                <SourcesPane />
              </Panel>
              <Separator className="split split-vertical" aria-label="Width of the sources" />
            </>
          )}
          <Panel id="view">
            <main className="app-view">
              {activity === 'verify' ? (
                <VerifyView />
              ) : activity === 'layers' ? (
                <LayersView />
              ) : activity === 'compare' ? (
                <CompareView />
              ) : activity === 'mounts' ? (
                <MountsView />
              ) : activity === 'create' ? (
                <CreateView />
              ) : image ? (
                <ExploreView image={image} />
              ) : isOpening ? null : (
                <EmptyState />
              )}
            </main>
          </Panel>
        </Group>
      </div>
      <StatusBar />
      <Notices />
      {isOver && (
        <div className="drop-overlay" aria-hidden="true">
          {isPublishing
            ? 'Drop what is to be published, or a folder that was'
            : (dropHints[activity] ?? 'Drop images, stores, layers or folders to open them')}
        </div>
      )}
      <CommandPalette open={overlay === 'palette'} onClose={close} commands={commands} />
      {image && <GoToPath open={overlay === 'go-to-path'} onClose={close} image={image.image} />}
      <OpenPathDialog open={overlay === 'open-path'} onClose={close} onOpen={(path) => void openPaths([path])} />
      <KeyboardHelp open={overlay === 'keys'} onClose={close} commands={commands} />
      <AboutDialog open={overlay === 'about'} onClose={close} />
    </div>
  );
}
