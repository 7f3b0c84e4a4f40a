import * as path from 'node:path';
import { app, dialog, Menu, nativeTheme, session } from 'electron';
import type { BrowserWindow } from 'electron';
import * as z from 'zod';
import type { Settings } from '../../shared/contract/app-calls.ts';
import { channels } from '../../shared/contract/channels.ts';
import { pathsFromArgv } from './argv.ts';
import { DeathCounter } from './death-counter.ts';
import { EngineProcess } from './engine-process.ts';
import { appHandlers } from './handlers.ts';
import { answerCalls } from './ipc.ts';
import type { JsonFile } from './json-file.ts';
import { MountService } from '../mount/mount-service.ts';
import { menuTemplate } from './menu.ts';
import { OpenPaths } from './open-paths.ts';
import { makePictureProfile } from './picture-profile.ts';
import { declareAppScheme, serveApp } from './protocol.ts';
import { Screenshot } from './screenshot.ts';
import { declareOffline, lockPages, lockSession } from './security.ts';
import { boundsFile, settingsFile } from './settings.ts';
import { createWindow } from './window.ts';

/** Start-up: what must come before the app is ready, the lock of the single instance, then `run`. */

/** The folder of the build: this file is `main/main.mjs` in it. */
const BUILD = path.join(import.meta.dirname, '..');

/** What a second start hands to the first one. */
const SecondStart = z.object({ paths: z.array(z.string()) });

const picture = process.env['COMPOSCOPE_SCREENSHOT'];
const isPicture = picture !== undefined && picture !== '';
const startPaths = pathsFromArgv(process.argv, !app.isPackaged, process.cwd());

declareOffline();
declareAppScheme();
lockPages();
// A picture is the same on every machine: without the user's settings, and beside an app that runs already.
if (isPicture) app.setPath('userData', makePictureProfile(app.getPath('userData'), process.pid));

if (isPicture || app.requestSingleInstanceLock({ paths: startPaths })) {
  run().catch((cause: unknown) => {
    console.error('composcope: could not start:', cause);
    app.exit(1);
  });
} else {
  app.quit(); // the instance that runs has got the paths
}

async function run(): Promise<void> {
  const screenshot = isPicture ? new Screenshot(path.resolve(picture)) : undefined;
  let window: BrowserWindow | undefined;
  const send = (channel: string, value: unknown): void => window?.webContents.send(channel, value);
  const openPaths = new OpenPaths(startPaths, (paths) => send(channels.openPaths, paths));
  const focusOn = (paths: readonly string[]): void => {
    if (paths.length > 0) openPaths.add(paths);
    if (window?.isMinimized() === true) window.restore();
    window?.focus();
  };
  app.on('second-instance', (_event, _argv, _cwd, data) => focusOn(SecondStart.safeParse(data).data?.paths ?? []));
  app.on('open-file', (event, file) => {
    event.preventDefault();
    focusOn([file]);
  });
  app.on('window-all-closed', () => app.quit());

  const userData = app.getPath('userData');
  const settings = settingsFile(path.join(userData, 'settings.json'));
  const bounds = boundsFile(path.join(userData, 'window.json'));
  const [theme, place] = await Promise.all([
    load(settings).then((loaded) => loaded.theme),
    load(bounds),
    app.whenReady(),
  ]);
  nativeTheme.themeSource = theme;

  lockSession(session.defaultSession);
  serveApp(path.join(BUILD, 'renderer'));
  const engine = new EngineProcess(path.join(BUILD, 'engine', 'engine.mjs'));
  // Electron runs the helper as Node would, where we are root; for all others, pkexec starts the launcher that is installed
  const mounts = new MountService({
    runtime: { program: process.execPath, env: { ELECTRON_RUN_AS_NODE: '1' } },
    script: path.join(BUILD, 'helper', 'helper.mjs'),
  });
  app.once('will-quit', () => mounts.close());
  finishWrites(engine, [settings, bounds]);
  const menu = menuTemplate((command) => send(channels.command, command), process.platform === 'darwin');
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
  answerCalls(
    () => window,
    appHandlers({
      window: () => window,
      engine,
      mounts,
      openPaths,
      loadSettings: () => load(settings),
      saveSettings: (value: Settings) => settings.save(value),
      onReady: () => {
        if (window !== undefined) void screenshot?.take(window);
      },
    }),
  );
  window = createWindow({
    preload: path.join(BUILD, 'main', 'preload.cjs'),
    bounds: place,
    remember: isPicture ? undefined : bounds,
  });
  engine.start(); // behind the page's process, which takes longer
  connectEngine(window, engine);
  reloadWhenCrashed(window);
  window.once('closed', () => {
    window = undefined;
  });
}

/** Reads a file of ours; a damaged one is said, never lost, and no reason not to start. */
async function load<T>(file: JsonFile<T>): Promise<T> {
  const { value, damaged } = await file.load();
  if (damaged !== undefined) {
    const message = `${file.path} is damaged and was kept as ${damaged.keptAs}. Defaults are used instead.`;
    console.error(`composcope: ${message} ${damaged.why}`);
    void app.whenReady().then(() => dialog.showMessageBox({ type: 'warning', message, detail: damaged.why }));
  }
  return value;
}

/** A port for every page that the window shows: the first, and each that is loaded again. */
function connectEngine(window: BrowserWindow, engine: EngineProcess): void {
  const { webContents } = window;
  webContents.on('dom-ready', () => engine.connect(webContents));
  window.once('closed', () => engine.stop());
}

function reloadWhenCrashed(window: BrowserWindow): void {
  const deaths = new DeathCounter();
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    const delay = deaths.died(performance.now());
    const what = `The window's page ended (${reason}, exit status ${exitCode})`;
    const message = delay === undefined ? `${what} again and again.` : `${what} and was loaded again.`;
    console.error(`composcope: ${message}`);
    if (delay === undefined) {
      dialog.showErrorBox('Composcope', message);
      app.exit(1);
      return;
    }
    setTimeout(() => {
      if (window.isDestroyed()) return;
      window.webContents.reload();
      void dialog.showMessageBox(window, { type: 'warning', message });
    }, delay);
  });
}

/** What was asked to be remembered is on the disk before the process ends. */
function finishWrites(engine: EngineProcess, files: readonly { settled: () => Promise<void> }[]): void {
  app.on('will-quit', (event) => {
    event.preventDefault();
    engine.stop();
    // not app.quit() again: after a prevented quit it may wait for ever
    void Promise.allSettled(files.map((file) => file.settled())).then(() => app.exit(0));
  });
}
