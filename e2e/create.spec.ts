import { existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { drop, seriousViolations, test, type App } from './app.ts';

/** A folder as it lies on a disk: files that are large and small, two of them equal, a name with two links. */
function makeTree(folder: string): string {
  const source = join(folder, 'release');
  mkdirSync(join(source, 'etc'), { recursive: true });
  for (const name of ['one', 'two', 'three']) writeFileSync(join(source, 'etc', name), name.repeat(10_000));
  writeFileSync(join(source, 'etc', 'again'), 'one'.repeat(10_000));
  writeFileSync(join(source, 'small'), 'small');
  linkSync(join(source, 'etc', 'one'), join(source, 'linked'));
  return source;
}

/** The dialogs answer with these. */
const answerDialogs = ({ electron }: App, image: string, store: string): Promise<void> =>
  electron.evaluate(
    ({ dialog }, [filePath, folder]) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath: filePath ?? '' });
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder ?? ''] });
    },
    [image, store],
  );

test('a folder that is dropped becomes an image with its objects, which opens, verifies and is what it was made of', async ({
  launch,
  profile,
}) => {
  const app = await launch([]);
  const { page } = app;
  const image = join(profile, 'release.cfs');
  const store = join(profile, 'objects');
  await page.getByRole('navigation', { name: 'Activities' }).getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'What is the image to be made of?' })).toBeVisible();
  await drop(app, [makeTree(profile)]);
  const contents = page.getByRole('region', { name: 'What it will contain' });
  await expect(contents).toContainText('5 files; equal ones become one object');
  await expect(contents).toContainText('2 names are hard links');
  await page.getByText('Keep names of one file together').click();
  await expect(contents).not.toContainText('hard links');

  const create = page.getByRole('form', { name: 'Create' }).getByRole('button', { name: 'Create', exact: true });
  await expect(create).toBeDisabled();
  await answerDialogs(app, image, store);
  await page.getByRole('button', { name: 'Choose: Image' }).click();
  await page.getByRole('button', { name: 'Choose: Objects' }).click();
  await expect(page.getByRole('group', { name: 'Objects' })).toContainText(store);
  expect(existsSync(image)).toBe(false);
  await create.click();
  const outcome = page.getByRole('region', { name: 'Outcome' });
  await expect(outcome).toContainText('✓ Created');
  await expect(outcome).toContainText('format 0, 8 entries');
  await expect(outcome.locator('code').first()).toHaveText(/^[0-9a-f]{64}$/);
  expect(await seriousViolations(app)).toEqual([]);
  const objects = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60);
  expect(objects.length).toBe(3);

  await outcome.getByRole('button', { name: 'Compare with source' }).click();
  await expect(page.getByRole('heading', { name: 'Both trees are equal.' })).toBeVisible();
  await page.keyboard.press('Control+6');
  await outcome.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText(/^Verified/)).toBeVisible();
  await page.keyboard.press('Control+6');
  await outcome.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(app.row('linked')).toBeVisible();

  await page.keyboard.press('Control+6');
  await create.click();
  await expect(outcome).toContainText('new in the store0, 0 B');
});

test('the page names no place to write to that no dialog chose', async ({ launch, profile }) => {
  const { page } = await launch([]);
  const image = join(profile, 'elsewhere.cfs');
  const reply = await page.evaluate(
    ([source = '', target = '']) =>
      window.composcope.call('createImage', {
        sources: [source],
        tree: { useEpoch: false, skipDevices: false, xattrs: 'all', hardlinks: false },
        format: 'auto',
        threads: 1,
        checkContent: false,
        image: target,
      }),
    [makeTree(profile), image],
  );
  expect(reply).toMatchObject({ ok: false, error: { code: 'invalid-request' } });
  expect(existsSync(image)).toBe(false);
});
