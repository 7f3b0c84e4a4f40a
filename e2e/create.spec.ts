import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const filesystems = readIfThere('/proc/filesystems');
const canMount = process.getuid?.() === 0 && ['erofs', 'overlay'].every((name) => filesystems.includes(`\t${name}\n`));

/** What this file mounts has a name of its own: it, and nothing else, is taken away whatever happens. */
const mountName = `e2e-create-${process.pid}`;
const mountpoints = (): readonly string[] =>
  readIfThere('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.includes(mountName));

test.afterEach(() => {
  for (const path of mountpoints().toReversed()) {
    spawnSync('umount', ['-l', path]);
    if (path.startsWith('/run/composcope/')) rmSync(path, { recursive: false, force: true });
  }
});

test('what was made is mounted from there, over the store that was written, and has the contents of the folder', async ({
  launch,
  profile,
}) => {
  test.skip(!canMount, 'only root mounts without being asked, on a kernel with EROFS and overlay');
  const app = await launch([]);
  const { page } = app;
  const image = join(profile, `${mountName}.cfs`);
  const store = join(profile, 'objects');
  const source = makeTree(profile);
  await page.getByRole('navigation', { name: 'Activities' }).getByRole('button', { name: 'Create' }).click();
  await drop(app, [source]);
  await answerDialogs(app, image, store);
  await page.getByRole('button', { name: 'Choose: Image' }).click();
  await page.getByRole('button', { name: 'Choose: Objects' }).click();
  const create = page.getByRole('form', { name: 'Create' }).getByRole('button', { name: 'Create', exact: true });
  const outcome = page.getByRole('region', { name: 'Outcome' });
  const mount = page.getByRole('button', { name: 'Mount', exact: true });
  /** Creates, and mounts what was made. @returns where */
  const createAndMount = async (entries: number): Promise<string> => {
    await create.click();
    await expect(outcome).toContainText(`format 0, ${entries} entries`);
    await outcome.getByRole('button', { name: 'Mount…' }).click();
    await expect(mount).toBeFocused();
    await expect(page.getByText('✓ the open image has it')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('✓ Mounted')).toBeVisible();
    return mountpoints().at(-1) ?? '';
  };
  const first = await createAndMount(8);
  for (const name of ['etc/one', 'etc/two', 'etc/again', 'small', 'linked']) {
    expect(readFileSync(join(first, name)).equals(readFileSync(join(source, name)))).toBe(true);
  }

  // made again of a folder that has changed: what is mounted then is the new image
  writeFileSync(join(source, 'etc', 'four'), 'four'.repeat(10_000));
  await page.keyboard.press('Control+6');
  const second = await createAndMount(9);
  expect(second).not.toBe(first);
  expect(readFileSync(join(second, 'etc/four'), 'utf8')).toBe('four'.repeat(10_000));
  expect(existsSync(join(first, 'etc/four'))).toBe(false);
  await page.getByRole('button', { name: 'Show in the list' }).click();
  for (const at of [first, second]) {
    const card = page.getByRole('region', { name: at, exact: true });
    await expect(card).toContainText(store);
    await card.getByRole('button', { name: /^Unmount/ }).click();
    await expect(card).toHaveCount(0);
  }
  expect(mountpoints()).toEqual([]);

  // and what is opened is the new one, too
  await page.keyboard.press('Control+6');
  await outcome.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(app.row('four')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Stores' })).toContainText('4 objects · 4 of them used');
});
