import { CSPProvider } from '@base-ui/react/csp-provider';
import { createRoot } from 'react-dom/client';
import { engine, listenForEnginePort } from './engine/engine.ts';
import { App } from './shell/app.tsx';
import { openPaths } from './state/open.ts';
import { forgetEngine, reopenAll } from './state/reopen.ts';
import { onMountStep } from './state/mounts.ts';
import { loadSettings } from './state/settings.ts';
import { notify, useWorkspace } from './state/workspace.ts';
import './theme.css';

listenForEnginePort();
window.composcope.onEngineGone((why) => {
  forgetEngine(why);
  engine.disconnect();
  void reopenAll(); // its first call waits for the new engine's port
});
window.composcope.onMountStep(onMountStep);
window.composcope.onOpenPaths((paths) => void openPaths(paths));

const root = document.querySelector('#root');
if (!root) throw new Error('index.html has no #root');
await loadSettings();
createRoot(root).render(
  <CSPProvider disableStyleElements>
    <App />
  </CSPProvider>,
);

const start = await window.composcope.call('startPaths', {});
if (start.ok) await openPaths(start.value);
else notify('error', 'Could not learn what to open', start.error);
await nextPaint();
await window.composcope.call('ready', {});

/** Until the rows that were just asked for have been drawn. */
async function nextPaint(): Promise<void> {
  if (useWorkspace.getState().selected !== undefined) await rowsAreThere();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}

async function rowsAreThere(): Promise<void> {
  for (let tries = 0; tries < 100 && !document.querySelector('.tree-row[aria-level]'); tries++) {
    await new Promise((done) => setTimeout(done, 20));
  }
}
