import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { fixture, root, seriousViolations, test, type App } from './app.ts';

/** Real mounts: as root, on a kernel that has what they are made of. */
const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const filesystems = readIfThere('/proc/filesystems');
const hindrance =
  process.getuid?.() !== 0
    ? 'only root mounts without being asked'
    : ['erofs', 'overlay'].some((name) => !new RegExp(`\t${name}$`, 'm').test(filesystems))
      ? 'this kernel has no EROFS or no overlay'
      : undefined;
test.skip(hindrance !== undefined, hindrance);

const mountpoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');

/** What this file mounts has a name of its own, so that it, and nothing else, is taken away whatever happens. */
let names = 0;
const newName = (): string => `e2e-${process.pid}-${names++}`;
const own = (path: string): boolean => path.includes(`e2e-${process.pid}-`);

test.afterEach(() => {
  for (const path of mountpoints().filter(own).toReversed()) {
    spawnSync('umount', ['-l', path]);
    if (path.startsWith('/run/composcope/')) rmSync(path, { recursive: false, force: true });
  }
});

/** The demo under a name of its own, with its store beside it. */
function copyDemo(profile: string): { readonly image: string; readonly objects: string; readonly name: string } {
  const name = newName();
  const folder = join(profile, 'mount');
  mkdirSync(folder, { recursive: true });
  const image = join(folder, `${name}.cfs`);
  const objects = join(folder, 'objects');
  cpSync(join(root, 'assets', 'demo', 'demo.cfs'), image);
  cpSync(join(root, 'assets', 'demo', 'objects'), objects, { recursive: true, verbatimSymlinks: true });
  return { image, objects, name };
}

const mountButton = ({ page }: App) => page.getByRole('button', { name: 'Mount', exact: true });
const card = ({ page }: App, mountpoint: string) => page.getByRole('region', { name: mountpoint, exact: true });

test('mounts from Explore with two clicks, lists it, opens its image, and unmounts it', async ({ launch, profile }) => {
  const { image, objects, name } = copyDemo(profile);
  const app = await launch([image]);
  const { page, electron } = app;
  await expect(app.tree).toBeVisible();
  await page.getByRole('button', { name: `Mount ${name}.cfs` }).click();
  await expect(mountButton(app)).toBeFocused();
  await mountButton(app).click();

  await expect(page.getByText('✓ Mounted')).toBeVisible();
  const mountpoint = mountpoints().find((path) => path.endsWith(`/${name}`)) ?? '';
  await expect(page.getByRole('heading', { name: mountpoint })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Steps' }).getByRole('listitem').first()).toContainText('done');
  const cat = spawnSync(process.execPath, [
    join(root, 'build', 'cli', 'composcope.mjs'),
    'cat',
    image,
    '/usr/lib/os-release',
    '--store',
    objects,
  ]);
  expect(cat.stdout.length).toBeGreaterThan(0);
  expect(readFileSync(join(mountpoint, 'usr/lib/os-release')).equals(cat.stdout)).toBe(true);

  await electron.evaluate(({ shell }) => {
    shell.openPath = async (path) => {
      process.env['E2E_OPENED'] = path;
      return '';
    };
  });
  await page.getByRole('button', { name: 'Open in the file manager' }).click();
  await expect.poll(() => electron.evaluate(() => process.env['E2E_OPENED'])).toBe(mountpoint);
  await page.getByRole('button', { name: 'Show in the list' }).click();
  await expect(card(app, mountpoint)).toContainText('by Composcope');
  await expect(card(app, mountpoint)).toContainText(objects);
  expect(await seriousViolations(app)).toEqual([]);

  await page.getByRole('button', { name: `Close ${name}.cfs` }).click();
  await card(app, mountpoint)
    .getByRole('button', { name: `Explore ${image}` })
    .click();
  await expect(app.row('os-release').first()).toBeVisible();

  await page.keyboard.press('Control+5');
  const holder = spawn('sleep', ['60'], { cwd: mountpoint });
  try {
    await card(app, mountpoint).getByRole('button', { name: 'Unmount' }).click();
    await expect(page.getByRole('region', { name: 'Held by' })).toContainText(`pid ${holder.pid}`);
    await expect(page.getByRole('region', { name: 'Held by' })).toContainText('working directory');
    expect(await seriousViolations(app)).toEqual([]);
  } finally {
    holder.kill();
  }
  await expect.poll(() => existsSync(`/proc/${holder.pid}`)).toBe(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(`${mountpoint} is unmounted.`)).toBeVisible();
  await expect(card(app, mountpoint)).toHaveCount(0);
  expect(mountpoints().filter(own)).toEqual([]);
  expect(existsSync(mountpoint)).toBe(false);
});

test('a mount that fails has a page: what, why, what to do, and each step', async ({ launch, profile }) => {
  const { image, objects, name } = copyDemo(profile);
  const app = await launch([image]);
  const { page, electron } = app;
  await expect(app.tree).toBeVisible();
  await page.getByRole('button', { name: `Mount ${name}.cfs` }).click();
  await page.getByLabel('Expected digest').fill('12ab');
  await expect(page.getByText(/It has 4 digits/)).toBeVisible();
  await expect(mountButton(app)).toBeDisabled();

  await page.getByLabel('Expected digest').fill('0'.repeat(64));
  await expect(page.getByText('✗ the open image has')).toBeVisible();
  await mountButton(app).click();
  await expect(page.locator('.failure-title')).toHaveText(/digest/);
  await expect(page.getByRole('region', { name: 'What to do' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Steps' }).getByRole('listitem').last()).toContainText('failed');
  expect(await seriousViolations(app)).toEqual([]);
  await page.getByRole('button', { name: 'Copy all of it' }).click();
  await expect
    .poll(() => electron.evaluate(({ clipboard }) => clipboard.readText()))
    .toContain('Cause: digest-mismatch (certain)');
  expect(mountpoints().filter(own)).toEqual([]);

  // the store goes away behind our back
  renameSync(objects, `${objects}.gone`);
  await page.getByLabel('Expected digest').fill('');
  await mountButton(app).click();
  await expect(page.locator('.failure-title')).toContainText(objects);
  await expect(page.getByText('ENOENT').first()).toBeVisible();
  expect(mountpoints().filter(own)).toEqual([]);
});

test('sees what others mount and unmount, says what this system can, and gives the commands', async ({
  launch,
  profile,
}) => {
  const { image, objects, name } = copyDemo(profile);
  const app = await launch([image]);
  const { page } = app;
  await expect(app.tree).toBeVisible();
  await page.keyboard.press('Control+5');
  const there = join(profile, newName());
  mkdirSync(there);
  const others = spawnSync('mount', ['-t', 'erofs', '-o', 'loop,ro', fixture('plain.erofs'), there], {
    encoding: 'utf8',
  });
  expect(others.stderr).toBe('');
  await expect(card(app, there)).toContainText('EROFS alone');
  await expect(card(app, there)).toContainText(fixture('plain.erofs'));
  await card(app, there).getByRole('button', { name: 'Unmount…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
  spawnSync('umount', [there]);
  await expect(card(app, there)).toHaveCount(0);

  await page.getByRole('tab', { name: /^Preflight/ }).click();
  const checks = page.getByRole('list', { name: 'Preflight' }).getByRole('listitem');
  await expect(checks.filter({ hasText: 'EROFS' }).first()).toContainText('yes');
  await expect(checks.filter({ hasText: objects })).toHaveCount(1);
  expect(await seriousViolations(app)).toEqual([]);

  // the commands are run as they are: both mount what we would mount
  await page.getByRole('tab', { name: 'Commands' }).click();
  const target = join(profile, newName());
  mkdirSync(target);
  await page.getByLabel('An empty folder of mine').check();
  await page.getByLabel('Folder', { exact: true }).fill(target);
  await expect(page.getByRole('region', { name: 'mount', exact: true })).toContainText(target);
  expect(await seriousViolations(app)).toEqual([]);
  const script = async (title: string): Promise<string> =>
    (await page.getByRole('region', { name: title, exact: true }).locator('pre').textContent()) ?? '';
  const run = (lines: string): void => {
    writeFileSync(join(profile, 'run.sh'), `set -e\nsudo() { "$@"; }\n${lines}\n`);
    expect(spawnSync('sh', [join(profile, 'run.sh')], { encoding: 'utf8' }).stderr).toBe('');
  };
  run(await script('mount'));
  await page.getByRole('tab', { name: /^Mounts/ }).click();
  await expect(card(app, target)).toContainText(`${name}.cfs`);
  await page.getByRole('tab', { name: 'Commands' }).click();
  run(await script('To undo it'));
  expect(mountpoints().filter(own)).toEqual([]);
});
