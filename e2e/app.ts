import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect, test as base, type ElectronApplication, type Locator, type Page } from 'playwright/test';

/** The checkout: what is started is its build. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A file of e2e/fixtures (made by its make.sh). */
export const fixture = (...parts: readonly string[]): string => join(root, 'e2e', 'fixtures', ...parts);

/** The running app and its one window, as a user has them. */
export interface App {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** What the page and its console said went wrong. */
  readonly faults: string[];
  readonly tree: Locator;
  row(name: string): Locator;
}

export interface Launch {
  /** Starts the app on these paths; `profile` keeps what it remembers. */
  (paths: readonly string[], options?: { readonly profile?: string }): Promise<App>;
}

/** `launch` starts the real app in a profile of its own, and ends it after the test; an error in the page fails the test. */
export const test = base.extend<{ launch: Launch; profile: string }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  profile: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'composcope-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  launch: async ({ profile }, use) => {
    const apps: App[] = [];
    await use(async (paths, options = {}) => {
      const app = await start(paths, options.profile ?? profile);
      apps.push(app);
      return app;
    });
    for (const { electron, faults } of apps) {
      await electron.close();
      expect(faults).toEqual([]);
    }
  },
});

/** The Electron that runs the tests: `npm test` names it. */
export function executable(): string {
  const path = process.env['COMPOSCOPE_ELECTRON'];
  if (!path) throw new Error('COMPOSCOPE_ELECTRON names no Electron: run `npm test`, or set it to a binary');
  return path;
}

/** What Playwright itself preloads where it finds the Electron by itself: `ready` waits until it is attached. */
const loader = join(
  dirname(createRequire(createRequire(import.meta.url).resolve('playwright')).resolve('playwright-core')),
  'lib/server/electron/loader.js',
);

/** Arguments that start the app on paths, in a profile. Chromium's sandbox does not start for root. */
export const appArguments = (profile: string, paths: readonly string[]): string[] => [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  `--user-data-dir=${profile}`,
  root,
  '--',
  ...paths,
];

async function start(paths: readonly string[], profile: string): Promise<App> {
  const electron = await _electron.launch({
    executablePath: executable(),
    // without it a window that is being made while Playwright attaches is now and then never seen by it
    args: ['-r', loader, ...appArguments(profile, paths)],
    env: { ...process.env, COMPOSCOPE_ELECTRON_SOURCE: process.env['COMPOSCOPE_ELECTRON_SOURCE'] ?? 'override' },
  });
  const page = await electron.firstWindow();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const tree = page.getByRole('treegrid', { name: 'Entries of the image' });
  return {
    electron,
    page,
    faults,
    tree,
    row: (name) => tree.getByRole('row').filter({ has: page.getByText(name, { exact: true }) }),
  };
}

/** Drops real files on the window, as a file manager does. */
export async function drop({ page }: App, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
  }
}

/** Kills the engine's process, as a crash would. */
export async function killEngine({ electron }: App): Promise<void> {
  const killed = await electron.evaluate(({ app }) => {
    const engine = app.getAppMetrics().find(({ type, name }) => type === 'Utility' && /engine/i.test(name ?? ''));
    if (engine) process.kill(engine.pid, 'SIGKILL');
    return engine?.pid;
  });
  expect(killed).toBeGreaterThan(0);
}

/** Opens folders one after the other, each by its name. */
export async function expand(app: App, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const folder = app.row(name).and(app.tree.locator('[aria-expanded]'));
    await folder.click();
    await app.page.keyboard.press('ArrowRight');
    await expect(folder).toHaveAttribute('aria-expanded', 'true');
  }
}

/** Types a filter and waits until it was answered. */
export async function filter(app: App, text: string): Promise<void> {
  await app.page.getByRole('combobox', { name: 'Filter' }).fill(text);
  await expect(app.page.getByText(/^[\d,]+ match(es)?$/)).toBeVisible();
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds that is serious or worse. */
export async function seriousViolations(app: App): Promise<readonly string[]> {
  await app.page.evaluate(readAxe()); // over CDP: the page's own policy lets no script in
  return app.page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
}

const readAxe = (): string => readFileSync(axePath, 'utf8');
