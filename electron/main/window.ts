import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Rectangle } from 'electron';
import { APP_URL } from './app-files.ts';
import type { JsonFile } from './json-file.ts';
import type { Bounds } from './settings.ts';

const DEFAULT_SIZE = { width: 1280, height: 800 };
/** What the page is designed to still work at, in DIP. */
const MINIMUM_SIZE = { minWidth: 640, minHeight: 400 };
const SAVE_DELAY_MS = 500;
/** The page's own background, so that the window does not flash before it is drawn. */
const BACKGROUND = { dark: '#17191c', light: '#ffffff' };

export interface WindowOptions {
  readonly preload: string;
  readonly bounds: Bounds | undefined;
  /** Where the bounds are remembered; undefined: nowhere. */
  readonly remember: JsonFile<Bounds | undefined> | undefined;
}

/** Makes the window and loads the page into it; shown when first drawn. */
export function createWindow({ preload, bounds, remember }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...(bounds !== undefined && isOnScreen(bounds) ? placeOf(bounds) : {}),
    ...MINIMUM_SIZE,
    title: 'Composcope',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      spellcheck: false,
      enableWebSQL: false,
      safeDialogs: true,
      navigateOnDragDrop: false,
      v8CacheOptions: 'code',
    },
  });
  if (bounds?.maximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  if (remember !== undefined) rememberBounds(window, remember);
  void window.loadURL(APP_URL).catch((cause: unknown) => console.error(`The page did not load: ${String(cause)}`));
  return window;
}

const placeOf = ({ x, y, width, height }: Bounds): Rectangle => ({ x, y, width, height });

/** A window on a screen that was unplugged could not be reached: its title bar must be on one. */
function isOnScreen(bounds: Bounds): boolean {
  const { workArea } = screen.getDisplayMatching(placeOf(bounds));
  const titleX = bounds.x + bounds.width / 2;
  return (
    titleX >= workArea.x &&
    titleX < workArea.x + workArea.width &&
    bounds.y >= workArea.y - 8 &&
    bounds.y < workArea.y + workArea.height - 32
  );
}

function rememberBounds(window: BrowserWindow, file: JsonFile<Bounds | undefined>): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized()) return;
    const bounds = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    void file.save(bounds).catch((cause: unknown) => console.error(`${file.path}: ${String(cause)}`));
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_DELAY_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('maximize', later);
  window.on('unmaximize', later);
  window.on('close', save);
}
