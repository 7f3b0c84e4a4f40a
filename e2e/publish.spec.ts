import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { drop, seriousViolations, test } from './app.ts';

const objectsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

test('a layer is published, checked, found wounded, and mended; the folder opens when it is dropped', async ({
  launch,
  profile,
}) => {
  const app = await launch([]);
  const { page, electron } = app;
  const folder = join(profile, 'published');
  const tar = join(profile, 'tree.tar');
  const tree = join(profile, 'tree', 'etc');
  mkdirSync(tree, { recursive: true });
  for (const name of ['one', 'two', 'three']) writeFileSync(join(tree, name), name.repeat(10_000));
  execFileSync('tar', ['-C', join(profile, 'tree'), '-cf', tar, '.']);
  await electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, folder);
  await page.getByRole('navigation', { name: 'Activities' }).getByRole('button', { name: 'Create' }).click();
  await page.getByRole('tab', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { name: 'What is to be published?' })).toBeVisible();
  await drop(app, [tar]);
  await expect(page.getByRole('region', { name: 'What it will contain' })).toContainText('1 image, at most 3 objects');
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
  await expect(page.getByRole('list', { name: 'Published images' })).toContainText('layer1');
});
