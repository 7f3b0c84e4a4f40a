import * as z from 'zod';
import { compareFormats } from './compare-values.ts';
import { CreateRequest, type CreateOutcome } from './create-values.ts';
import { PublishRequest, type PublishOutcome } from './publish-values.ts';
import { mountRequests } from './mount-calls.ts';
import type { MountResponses } from './mount-calls.ts';
import type { MountStep } from './mount-values.ts';
import { sortColumns } from './values.ts';
import type { Reply } from './values.ts';
import { reportFormats } from './verify-values.ts';

/** What the window may ask of the main process, through the preload: dialogs, clipboard, settings. Nothing else. */

const ColumnSettings = z.strictObject({
  order: z.array(z.string().max(32)).max(32),
  hidden: z.array(z.string().max(32)).max(32),
  widths: z.record(z.string().max(32), z.number().min(20).max(4000)),
});

const settings = {
  columns: ColumnSettings,
  /** Layout of each split, in percent, by the split's name. */
  panes: z.record(z.string().max(32), z.array(z.number().min(0).max(100)).max(8)),
  sort: z.strictObject({ column: z.enum(sortColumns), descending: z.boolean() }),
  /** Tab of the details pane, whether that and the sources pane are shown, … */
  ui: z.record(z.string().max(32), z.union([z.string().max(256), z.boolean(), z.number()])),
  theme: z.enum(['system', 'light', 'dark']),
  /** Newest first. */
  recent: z.array(z.string().max(4096)).max(20),
  /** The digest that somebody expects of an image, by its path. */
  expected: z.record(z.string().max(4096), z.string().max(256)),
};

/** What the window asks to be remembered: all of it, and right. */
const SettingsToSave = z.strictObject(settings);

/** What is remembered between starts. Every part has a default, so that an old or damaged file still loads. */
export const Settings = z.strictObject({
  columns: settings.columns.catch({ order: [], hidden: [], widths: {} }),
  panes: settings.panes.catch({}),
  sort: settings.sort.catch({ column: 'name', descending: false }),
  ui: settings.ui.catch({}),
  theme: settings.theme.catch('system'),
  recent: settings.recent.catch([]),
  expected: settings.expected.catch({}),
});
export type Settings = z.output<typeof Settings>;

export const appRequests = {
  /** Shows the open dialog; empty: cancelled. */
  pickOpen: z.strictObject({
    what: z.enum([
      'file',
      'folder',
      'store',
      'copies',
      'signature',
      'certificate',
      'layer',
      'upper',
      'work',
      'mountpoint',
    ]),
  }),
  /** Shows the save dialog and lets the engine write the file's content there; undefined: cancelled. */
  saveContent: z.strictObject({ image: z.int().min(0), entry: z.int().min(0), suggestedName: z.string().max(255) }),
  /** Shows the dialog that says where to write to; undefined: cancelled. `createImage` takes no other place. */
  pickTarget: z.strictObject({ what: z.enum(['image', 'store', 'publication']), suggested: z.string().max(4096) }),
  /** Makes an image at a place that was picked: a job of the engine. */
  createImage: CreateRequest,
  /** Shows the dialog for the private key to sign with; undefined: cancelled. `publish` signs with no other. */
  pickKey: z.strictObject({}),
  /** Publishes to a folder that was picked: a job of the engine. */
  publish: PublishRequest,
  /** As `saveReport`, the differences of a comparison. */
  saveComparison: z.strictObject({ comparison: z.int().min(0), format: z.enum(compareFormats) }),
  /** Shows the save dialog and lets the engine write a report there; undefined: cancelled. */
  saveReport: z.strictObject({ format: z.enum(reportFormats), paths: z.boolean() }),
  copyText: z.strictObject({ text: z.string().max(1 << 26) }),
  loadSettings: z.strictObject({}),
  saveSettings: SettingsToSave,
  about: z.strictObject({}),
  /** Paths given on the command line (or the demo's), absolute. */
  startPaths: z.strictObject({}),
  /** The window has drawn everything that it was asked to open (used by screenshots). */
  ready: z.strictObject({}),
  /** The engine died or is asked to start anew: a new one is started and its port sent. */
  restartEngine: z.strictObject({}),
  ...mountRequests,
} as const;

export interface About {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly node: string;
  /** `development`: the one for development only, which gets no security updates. */
  readonly electronSource: 'package' | 'override' | 'development' | 'packaged';
  readonly licence: string;
}

export interface AppResponses extends MountResponses {
  pickOpen: readonly string[];
  pickTarget: string | undefined;
  createImage: CreateOutcome;
  pickKey: string | undefined;
  publish: PublishOutcome;
  saveContent: { readonly path: string; readonly bytes: number } | undefined;
  saveReport: { readonly path: string } | undefined;
  saveComparison: { readonly path: string } | undefined;
  copyText: undefined;
  loadSettings: Settings;
  saveSettings: undefined;
  about: About;
  startPaths: readonly string[];
  ready: undefined;
  restartEngine: undefined;
}

export type AppCall = keyof typeof appRequests;
export type AppRequest<K extends AppCall> = z.output<(typeof appRequests)[K]>;

/** Menu items and the like that main asks the window to do. */
export const appCommands = [
  'open-file',
  'open-folder',
  'go-to-path',
  'command-palette',
  'focus-filter',
  'toggle-sources',
  'toggle-details',
  'toggle-treemap',
  'next-problem',
  'previous-problem',
  'about',
  'close-image',
  'recheck',
  'verify',
  'view-explore',
  'view-verify',
  'view-layers',
  'toggle-hidden',
  'view-compare',
  'view-mounts',
  'view-create',
] as const;
export type AppCommand = (typeof appCommands)[number];

/** `window.composcope`: everything that the page can reach outside itself. */
export interface Bridge {
  readonly call: <K extends AppCall>(name: K, request: AppRequest<K>) => Promise<Reply<AppResponses[K]>>;
  /** Path on disk of a dropped file; empty where it has none. */
  readonly pathForFile: (file: unknown) => string;
  readonly onCommand: (listener: (command: AppCommand) => void) => () => void;
  /** Paths that a second start of the app was given. */
  readonly onOpenPaths: (listener: (paths: readonly string[]) => void) => () => void;
  /**
   * The engine exited by itself: why, and whether it is started again, in whole sentences. A port of the new one follows
   * as a window message; where it is not started again by itself, `restartEngine` does it.
   */
  readonly onEngineGone: (listener: (why: string) => void) => () => void;
  /** A step of the mount that was asked for has ended. */
  readonly onMountStep: (listener: (step: MountStep) => void) => () => void;
}

export { ENGINE_PORT_MESSAGE } from './channels.ts';
