import { Tabs } from '@base-ui/react/tabs';
import { RefreshCw } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { Failure } from '../details/failure.tsx';
import { useAppCall } from '../engine/use-call.ts';
import { rememberPanes, usePanes } from '../shell/panes.ts';
import { refreshMounts, useMounts, type MountRun, type MountsTab } from '../state/mounts.ts';
import { useStacks } from '../state/stack-store.ts';
import { useSelectedImage, useWorkspace } from '../state/workspace.ts';
import { CommandsPanel } from './commands-panel.tsx';
import { MountForm } from './mount-form.tsx';
import { MountsList } from './mount-list.tsx';
import { OutcomePanel } from './outcome-panel.tsx';
import { completeDraft } from './plan.ts';
import { PreflightPanel } from './preflight-panel.tsx';
import './mounts.css';

/** Mounts come and go without anybody telling us. */
const REFRESH_MS = 2000;

/** Mounts: the form on the left; the live ones, how a mount went, the preflight and the commands on the right. */
export function MountsView() {
  const { list, error, draft, run, tab, looks } = useMounts();
  const images = useWorkspace((state) => state.images);
  const stores = useWorkspace((state) => state.stores);
  const selected = useSelectedImage();
  useMountsNow();
  const roots = stores.map(({ dataRoot }) => dataRoot);
  const mountpoints = (list?.mounts ?? []).map(({ mountpoint }) => mountpoint);
  const stack = useStacks(({ stacks }) => stacks.find(({ image }) => image === selected?.image)?.layers);
  const context = { images, selected, stack, stores: roots, mountpoints };
  const asked = completeDraft(draft, { ...context, canVerify: undefined });
  const preflight = useAppCall(
    'mountPreflight',
    {
      images: asked.layers.flatMap(({ type, path }) => (type === 'image' ? [path] : [])),
      stores: asked.stores,
    },
    looks,
  );
  const canVerify = preflight.value?.canVerify;
  const complete = completeDraft(draft, { ...context, canVerify });
  const layout = usePanes('mounts', [40, 60]);
  const hindered = preflight.value?.checks.filter(({ verdict }) => verdict === 'no').length ?? 0;
  return (
    <Group
      orientation="horizontal"
      className="mounts-view"
      defaultLayout={layout}
      onLayoutChanged={(sizes) => rememberPanes('mounts', sizes)}
    >
      <Panel id="form" minSize={300}>
        <MountForm draft={draft} complete={complete} access={list?.access} canVerify={canVerify} />
      </Panel>
      <Separator className="split split-vertical" aria-label="Width of the form" />
      <Panel id="mounts" minSize={360}>
        <Tabs.Root
          className="details"
          value={tab}
          onValueChange={(value: MountsTab) => useMounts.setState({ tab: value })}
        >
          <div className="mounts-tabs">
            <Tabs.List className="details-tabs" aria-label="Mounts">
              {head('list', `Mounts${list ? ` ${list.mounts.length}` : ''}`)}
              {head('outcome', `${outcomeGlyphs[run.status]}Outcome`)}
              {head('preflight', `Preflight${hindered > 0 ? ` ✗ ${hindered}` : ''}`)}
              {head('commands', 'Commands')}
            </Tabs.List>
            <button
              type="button"
              className="icon-button"
              aria-label="Look again"
              title="Look again"
              onClick={() => {
                useMounts.setState({ looks: looks + 1 });
                void refreshMounts();
              }}
            >
              <RefreshCw size={13} aria-hidden />
            </button>
          </div>
          {panel(
            'list',
            error ? <Failure error={error} /> : list && <MountsList mounts={list.mounts} leftovers={list.leftovers} />,
          )}
          {panel('outcome', <OutcomePanel />)}
          {panel('preflight', <PreflightPanel asked={preflight} />)}
          {panel('commands', <CommandsPanel plan={complete.plan} />)}
        </Tabs.Root>
      </Panel>
    </Group>
  );
}

const outcomeGlyphs: Readonly<Record<MountRun['status'], string>> = {
  idle: '',
  running: '… ',
  mounted: '✓ ',
  failed: '✗ ',
  refused: '✗ ',
};

const head = (id: MountsTab, title: string): ReactNode => (
  <Tabs.Tab value={id} className="details-tab">
    {title}
  </Tabs.Tab>
);

const panel = (id: MountsTab, children: ReactNode): ReactNode => (
  <Tabs.Panel value={id} className="details-panel">
    <div className="details-scroll mounts-panel">{children}</div>
  </Tabs.Panel>
);

/** Asks which mounts there are, again and again while somebody can see it. */
function useMountsNow(): void {
  useEffect(() => {
    void refreshMounts();
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') void refreshMounts();
    }, REFRESH_MS);
    return () => window.clearInterval(timer);
  }, []);
}
