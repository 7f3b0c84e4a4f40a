import { expect } from 'playwright/test';
import { drop, fixture, test } from './app.ts';

test('opens what the command line names, with the store beside it', async ({ launch }) => {
  const app = await launch([fixture('wounded', 'wounded.cfs')]);
  await expect(app.row('missing')).toBeVisible();
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText(
    'mkcomposefs digest store, found beside the image',
  );
});

test('says what to do when nothing is open, and opens by dialog', async ({ launch }) => {
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, fixture('attributes.cfs'));
  await app.page.getByRole('button', { name: 'Open an image…' }).click();
  await expect(app.row('usr')).toBeVisible();
});

test('asks for a store where none is found, and attaches the one that is chosen', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  const sources = app.page.getByRole('complementary', { name: 'Sources' });
  await expect(sources).toContainText('nobody looked for the 4 objects');
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, fixture('store-elsewhere'));
  await sources.getByRole('button', { name: 'Attach a store…' }).click();
  await expect(sources).toContainText('3 objects · 3 of them used');
});

test('opens an image and then a store that are dropped', async ({ launch }) => {
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await drop(app, [fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await drop(app, [fixture('store-elsewhere')]);
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText('store-elsewhere');
});

test('opens two dropped images at once and switches between them', async ({ launch }) => {
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await drop(app, [fixture('attributes.cfs'), fixture('plain.erofs')]);
  await expect(app.row('hello')).toBeVisible();
  await app.page.getByRole('button', { name: /^attributes\.cfs/ }).click();
  await expect(app.row('usr')).toBeVisible();
  await app.page.getByRole('button', { name: 'Close attributes.cfs' }).click();
  await expect(app.row('hello')).toBeVisible();
});

test('opens the images of a composefs-rs repository', async ({ launch }) => {
  const app = await launch([fixture('repository')]);
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText('composefs-rs');
  await expect(app.tree).toBeVisible();
});

test('opens a pasted path', async ({ launch }) => {
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await app.electron.evaluate(({ clipboard }, path) => clipboard.writeText(path), fixture('plain.erofs'));
  await app.page.keyboard.press('Control+V');
  await expect(app.row('hello')).toBeVisible();
});

test('refuses what is no image, with file and offset, and goes on', async ({ launch }) => {
  const app = await launch([fixture('cut-off.cfs'), fixture('plain.erofs')]);
  const alert = app.page.getByRole('alert').filter({ hasText: 'cut-off.cfs' });
  await expect(alert).toContainText('offset 1000');
  await expect(app.row('hello')).toBeVisible();
  await alert.getByRole('button', { name: 'Dismiss' }).click();
  await expect(alert).toBeHidden();
});

test('shows the sound part of a broken image, and walks the problems', async ({ launch }) => {
  const app = await launch([fixture('broken.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await app.tree.focus();
  await app.page.keyboard.press('F8');
  await expect(app.row('broken-layout')).toContainText('broken');
  await expect(app.page.getByRole('region', { name: 'Problems' })).toContainText('i_format');
  await app.page.keyboard.press('F8');
  await expect(app.page.getByRole('region', { name: 'Problems' })).toContainText('a loop, or two parents');
  await app.page.keyboard.press('F7');
  await expect(app.page.getByRole('region', { name: 'Problems' })).toContainText('i_format');
});
