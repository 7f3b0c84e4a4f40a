import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { drop, fixture, seriousViolations, test } from './app.ts';

const objectsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

test('an image is published, checked, found wounded, and mended; the folder opens when it is dropped', async ({
  launch,
  profile,
}) => {
  const app = await launch([fixture('store-elsewhere')]);
  const { page, electron } = app;
  const folder = join(profile, 'published');
  const image = join(profile, 'tree.cfs'); // away from the stores of the fixtures
  copyFileSync(fixture('attributes.cfs'), image);
  await electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, folder);
  await page.getByRole('navigation', { name: 'Activities' }).getByRole('button', { name: 'Create' }).click();
  await page.getByRole('tab', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { name: 'What is to be published?' })).toBeVisible();
  await drop(app, [image]);
  await expect(page.getByRole('region', { name: 'What it will contain' })).toContainText('1 image');
  await page.getByRole('button', { name: 'Choose: Folder' }).click();
  const publish = page.getByRole('form', { name: 'Publish' }).getByRole('button', { name: 'Publish', exact: true });
  await publish.click();
  await expect(page.getByRole('region', { name: 'Outcome' })).toContainText('✓ Published');

  const check = page.getByRole('button', { name: 'Check what was published' });
  const verdict = page.getByRole('status', { name: 'Verdict' });
  await check.click();
  await expect(verdict).toContainText('✓ All is there, and right');
  await expect(verdict).toContainText('1 image is what its source gives.');
  expect(await seriousViolations(app)).toEqual([]);

  const [object = ''] = objectsIn(join(folder, 'objects'));
  const bytes = readFileSync(object);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(object, bytes);
  await check.click();
  await expect(verdict).toContainText('✗ 1 part is wrong');
  await expect(page.getByRole('list', { name: 'What is wrong' })).toContainText(object);

  await page.getByText('Read objects that the folder has already, too').click();
  await publish.click();
  await expect(page.getByRole('list', { name: 'Replaced objects' })).toContainText(object);
  await check.click();
  await expect(verdict).toContainText('✓ All is there, and right');

  await page.getByRole('button', { name: 'Close the publication' }).click();
  await page.keyboard.press('Control+1');
  await drop(app, [folder]);
  await expect(page.getByRole('list', { name: 'Published images' })).toContainText('tree');
});
