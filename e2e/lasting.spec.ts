import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'playwright/test';
import { appArguments, executable, expand, fixture, filter, killEngine, test } from './app.ts';

test('starts a killed engine again and reopens what was open, where it was', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs'), fixture('store-elsewhere')]);
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText('store-elsewhere');
  await expand(app, 'usr', 'share');
  await app.row('text').click();
  await killEngine(app);
  await expect(app.page.getByRole('alert').filter({ hasText: 'The engine ended' })).toBeVisible();
  await expect(app.page.getByRole('alert')).toBeHidden();
  await expect(app.row('text')).toHaveAttribute('aria-selected', 'true');
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText('store-elsewhere');
  await filter(app, 'data');
  await expect(app.row('data.json')).toBeVisible();
});

test('remembers columns, panes, tab and sorting', async ({ launch, profile }) => {
  const first = await launch([fixture('wounded', 'wounded.cfs')], { profile });
  await expect(first.row('right')).toBeVisible();
  await first.tree.getByRole('button', { name: 'Size' }).click();
  await first.tree.getByRole('button', { name: 'Size' }).focus();
  for (let press = 0; press < 4; press++) await first.page.keyboard.press('Shift+ArrowRight');
  await first.page.getByRole('tab', { name: 'Raw inode' }).click();
  await first.page.keyboard.press('Control+B');
  await expect(first.page.getByRole('complementary', { name: 'Sources' })).toBeHidden();
  const width = (await first.page.getByRole('columnheader', { name: 'Size' }).boundingBox())?.width;
  await first.page.waitForTimeout(700); // settings are saved a moment after the last change
  await first.electron.close();

  const second = await launch([fixture('wounded', 'wounded.cfs')], { profile });
  await expect(second.page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(second.page.getByRole('tab', { name: 'Raw inode' })).toHaveAttribute('aria-selected', 'true');
  await expect(second.page.getByRole('complementary', { name: 'Sources' })).toBeHidden();
  expect((await second.page.getByRole('columnheader', { name: 'Size' }).boundingBox())?.width).toBe(width);
});

test('a second start hands its paths to the first', async ({ launch, profile }) => {
  const app = await launch([fixture('attributes.cfs')], { profile });
  await expect(app.row('usr')).toBeVisible();
  const second = spawn(executable(), appArguments(profile, [fixture('plain.erofs')]), { stdio: 'ignore' });
  const [status] = (await once(second, 'exit')) as [number];
  expect(status).toBe(0);
  await expect(app.row('hello')).toBeVisible();
});
