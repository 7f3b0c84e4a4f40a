import { expect } from 'playwright/test';
import { expand, fixture, seriousViolations, test } from './app.ts';

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in ${theme}`, async ({ launch }) => {
    const app = await launch([fixture('broken.cfs'), fixture('wounded', 'wounded.cfs')]);
    await expect(app.row('missing')).toBeVisible();
    await app.page.emulateMedia({ colorScheme: theme });
    await expect(app.page.locator('html')).toHaveAttribute('data-theme', theme);
    await app.row('cut-short').click();
    expect(await seriousViolations(app)).toEqual([]);
    await app.page.getByRole('button', { name: /^broken\.cfs/ }).click();
    await app.tree.focus();
    await app.page.keyboard.press('F8');
    await app.page.keyboard.press('Control+T');
    for (const tab of ['Content', 'Raw inode', 'Where used', 'Attributes']) {
      await app.page.getByRole('tab', { name: tab }).click();
      expect(await seriousViolations(app)).toEqual([]);
    }
    await app.page.keyboard.press('Control+Shift+P');
    await expect(app.page.getByRole('dialog')).toBeVisible();
    expect(await seriousViolations(app)).toEqual([]);
  });
}

test('a name that looks like markup is text everywhere', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  const name = '<img src=x onerror=alert(1)>';
  await expect(app.row('usr')).toBeVisible();
  await expand(app, 'usr', 'share');
  await app.row(name).click();
  await expect(app.page.getByRole('navigation', { name: 'Path' })).toContainText(name);
  await expect(app.page.getByRole('tabpanel')).toContainText(`/usr/share/${name}`);
  await app.row('text').click();
  await expect(app.page.getByRole('tabpanel')).toContainText('<b>not bold</b>');
  expect(await app.page.locator('img, b').count()).toBe(0);
});

test('the page has no Node, no way out, and no rights', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  const found = await app.page.evaluate(async () => {
    const scope = globalThis as unknown as Record<string, unknown>;
    const before = location.href;
    const opened = window.open('https://example.org/');
    const permission = await Notification.requestPermission().catch(() => 'denied');
    const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'granted',
      () => 'denied',
    );
    return {
      node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].filter((name) => name in scope),
      opened: opened === null,
      permission,
      camera,
      stayed: location.href === before && location.protocol === 'app:',
      bridge: Object.keys(window.composcope).toSorted(),
    };
  });
  expect(found).toEqual({
    node: [],
    opened: true,
    permission: 'denied',
    camera: 'denied',
    stayed: true,
    bridge: ['call', 'onCommand', 'onEngineGone', 'onMountStep', 'onOpenPaths', 'pathForFile'],
  });
});

test('calls that are not in the contract are refused', async ({ launch }) => {
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  const replies = await app.page.evaluate(async () => {
    const { call } = window.composcope as unknown as {
      call: (name: unknown, request: unknown) => Promise<{ ok: boolean }>;
    };
    const asked: [unknown, unknown][] = [
      ['__proto__', {}],
      ['constructor', {}],
      ['spawn', { command: 'id' }],
      ['copyText', { text: 7 }],
      ['saveSettings', { theme: 'pink' }],
      [{ toString: () => 'about' }, {}],
    ];
    return Promise.all(
      asked.map(([name, request]) =>
        call(name, request).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
  });
  expect(replies).toEqual([false, false, false, false, false, false]);
});

test('nothing is fetched from anywhere', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  const outcome = await app.page.evaluate(() =>
    fetch('https://example.org/').then(
      () => 'fetched',
      (error: unknown) => String(error),
    ),
  );
  expect(outcome).toContain('Failed to fetch');
  app.faults.length = 0; // the policy says so on the console, as it should
});
