import { clipboard, nativeTheme } from 'electron';
import type { BrowserWindow } from 'electron';
import type { Settings } from '../../shared/contract/app-calls.ts';
import { channels } from '../../shared/contract/channels.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import type { MountService } from '../mount/mount-service.ts';
import { reportExtensions } from '../../shared/verity/report/report.ts';
import { about } from './about.ts';
import { createHandlers } from './create-handlers.ts';
import { pickOpen, pickSave } from './dialogs.ts';
import type { EngineProcess } from './engine-process.ts';
import type { AppHandlers } from './ipc.ts';
import { mountHandlers } from './mount-handlers.ts';
import type { OpenPaths } from './open-paths.ts';

/** What the page's calls work on. */
export interface AppContext {
  /** The window; there is one for as long as a call can come from it. */
  readonly window: () => BrowserWindow | undefined;
  readonly engine: EngineProcess;
  readonly mounts: MountService;
  readonly openPaths: OpenPaths;
  readonly loadSettings: () => Promise<Settings>;
  readonly saveSettings: (settings: Settings) => Promise<void>;
  /** The page has drawn what it was asked to open. */
  readonly onReady: () => void;
}

const compareExtensions = { json: 'json', csv: 'csv', html: 'html', markdown: 'md', dump: 'diff' } as const;

/** One handler for each of `appRequests`. */
export function appHandlers(context: AppContext): AppHandlers {
  const window = (): BrowserWindow => {
    const current = context.window();
    if (current === undefined) throw new CallError('cancelled', 'The window is closed.');
    return current;
  };
  return {
    pickOpen: ({ what }) => pickOpen(window(), what),
    saveContent: async ({ image, entry, suggestedName }) => {
      const path = await pickSave(window(), 'Save content as', suggestedName);
      if (path === undefined) return undefined;
      const reply = await context.engine.call('saveContent', { image, entry, path });
      if (reply.ok) return reply.value;
      const { code, message, file = path, path: inside, offset } = reply.error;
      throw new CallError(code, message, { file, path: inside, offset });
    },
    saveComparison: async ({ comparison, format }) => {
      const name = `composcope-differences.${compareExtensions[format]}`;
      const path = await pickSave(window(), 'Save the differences as', name);
      if (path === undefined) return undefined;
      const reply = await context.engine.call('saveComparison', { comparison, format, path });
      if (reply.ok) return reply.value;
      const { code, message, file = path } = reply.error;
      throw new CallError(code, message, { file });
    },
    saveReport: async ({ format, paths }) => {
      const name = `composcope-report.${reportExtensions[format]}`;
      const path = await pickSave(window(), 'Save the report as', name);
      if (path === undefined) return undefined;
      const reply = await context.engine.call('saveReport', { format, paths, path });
      if (reply.ok) return reply.value;
      const { code, message, file = path } = reply.error;
      throw new CallError(code, message, { file });
    },
    copyText: ({ text }) => {
      clipboard.writeText(text);
      return undefined;
    },
    loadSettings: () => context.loadSettings(),
    saveSettings: async (settings) => {
      nativeTheme.themeSource = settings.theme;
      await context.saveSettings(settings);
      return undefined;
    },
    about: () => about(),
    startPaths: () => context.openPaths.ask(),
    ready: () => {
      context.onReady();
      return undefined;
    },
    restartEngine: () => {
      context.engine.restart();
      return undefined;
    },
    ...createHandlers(window, context.engine),
    ...mountHandlers(context.mounts, (step) => context.window()?.webContents.send(channels.mountStep, step)),
  };
}
