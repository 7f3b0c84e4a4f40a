import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { root, seriousViolations, test, type App } from './app.ts';

/** Two folders: a text that changed, a file that is gone, one that is new, one that has another name. */
function twoFolders(profile: string): readonly [string, string] {
  const [a, b] = [join(profile, 'release-1'), join(profile, 'release-2')];
  for (const side of [a, b]) mkdirSync(join(side, 'etc'), { recursive: true });
  writeFileSync(join(a, 'etc/motd'), 'welcome\nto the old\nrelease\n');
  writeFileSync(join(b, 'etc/motd'), 'welcome\nto the new\nrelease\n');
  for (const [side, byte] of [
    [a, 1],
    [b, 2],
  ] as const) {
    const bytes = new Uint8Array(40_000);
    bytes[0x100] = byte;
    bytes[0x9000] = byte;
    writeFileSync(join(side, 'program'), bytes);
  }
  writeFileSync(join(a, 'gone'), 'gone');
  for (const moved of [join(a, 'etc/old-name'), join(b, 'etc/new-name')]) {
    writeFileSync(moved, 'the same under another name\n', { mode: 0o644 });
    utimesSync(moved, 1000, 1000);
  }
  writeFileSync(join(b, 'added'), 'added, and longer');
  return [a, b];
}

/** A real drop of files, as a file manager does it. */
async function drop({ page }: App, files: readonly string[]): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: 760, y: 420, data });
  }
}

test('two that are dropped at once are compared: the tree, a text, the summary, an export', async ({
  launch,
  profile,
}) => {
  const app = await launch([]);
  const { page } = app;
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'What differs between two images?' })).toBeVisible();
  await drop(app, twoFolders(profile));
  const tree = page.getByRole('treegrid', { name: 'Differences' });
  const row = (name: string) => tree.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  await expect(row('gone')).toContainText('removed');
  await expect(row('added').first()).toContainText('added');
  await expect(page.getByRole('button', { name: 'removed 1' })).toBeVisible();

  await row('motd').click();
  await page.getByRole('tab', { name: 'Content' }).click();
  await expect(page.getByText('to the old')).toBeVisible();
  await expect(page.getByText('to the new')).toBeVisible();
  expect(await seriousViolations(app)).toEqual([]);

  for (const name of ['old-name', 'new-name']) {
    await row(name).first().click();
    await expect(page.getByText('the same under another name').first()).toBeVisible();
  }
  await row('program').click();
  const hex = page.getByRole('region', { name: 'Both contents as hex' });
  for (const offset of ['00000100', '00009000']) {
    await page.getByRole('button', { name: 'Next differing byte' }).click();
    await expect(hex.locator('.details-hex-row').filter({ hasText: offset }).locator('mark')).toHaveText(['01', '02']);
  }
  await row('motd').click();
  await page.getByRole('button', { name: 'Swap A and B' }).click();
  await row('motd').click();
  // what was in A is in B now
  await expect(page.getByRole('textbox', { name: 'B' })).toContainText('to the old');
  await page.getByRole('button', { name: 'Swap A and B' }).click();

  const out = join(profile, 'differences.json');
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, out);
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'JSON' }).click();
  await expect(page.getByText('The differences are in')).toBeVisible();
  const { differences } = JSON.parse(readFileSync(out, 'utf8')) as { differences: { path: string }[] };
  expect(differences.map(({ path }) => path)).toEqual(expect.arrayContaining(['/etc/motd', '/gone', '/added']));

  await page.getByRole('tab', { name: 'Summary and download' }).click();
  await expect(page.getByRole('heading', { name: 'What an update from A to B fetches' })).toBeVisible();
  expect(await seriousViolations(app)).toEqual([]);
});

const folderLine = (path: string, mtime: string): string => `${path} 4096 40755 2 0 0 0 ${mtime} - - -\n`;

/** Two images of the same files; the directories that no layer names have the time of unpacking in the second. */
function implicitParents(profile: string): readonly [string, string] {
  const images = ['1600000000.0', '1700000000.25'].map((time, at) => {
    const [dump, image] = [join(profile, `${at}.dump`), join(profile, `${at}.cfs`)];
    const lines = [folderLine('/', '1600000000.0'), folderLine('/usr', time), folderLine('/usr/bin', time)];
    lines.push('/usr/bin/tool 5 100755 1 0 0 0 1500000000.0 - hello -\n', folderLine('/var', '1600000000.0'));
    writeFileSync(dump, lines.join(''));
    execFileSync(process.execPath, [join(root, 'build/cli/composcope.mjs'), 'create', '--from-file', dump, image]);
    return image;
  });
  return [images[0] ?? '', images[1] ?? ''];
}

test('why two digests differ: implicit parents are named, an example leads to its row, and the matrix finds the digest', async ({
  launch,
  profile,
}) => {
  const app = await launch([]);
  const { page } = app;
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await drop(app, implicitParents(profile));
  await page.getByRole('tab', { name: 'Why the digests differ' }).click();
  const cause = page.getByRole('region', { name: 'Times of implicit parent directories' });
  await expect(cause).toContainText('2 of 4 directories differ only in mtime');
  await expect(cause).toContainText('in B they lie within an hour and after nearly all files');
  await expect(page.getByText('Not explained by a known cause')).toHaveCount(0);
  await page.getByRole('button', { name: 'Of B', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: '✓ its own' })).toContainText('sha256');
  expect(await seriousViolations(app)).toEqual([]);
  await cause.getByRole('button', { name: '/usr/bin' }).click();
  const tree = page.getByRole('treegrid', { name: 'Differences' });
  await expect(tree.getByRole('row').filter({ has: page.getByText('bin', { exact: true }) })).toContainText('changed');
});

/** An image of so many files, all changed at that time, written with two xattrs each. */
function largeImage(profile: string, files: number, time: string): string {
  const [dump, image] = [join(profile, `${time}.dump`), join(profile, `${time}.cfs`)];
  const lines = [folderLine('/', '5.0')];
  for (let file = 0; file < files; file += 1) {
    const folder = `/d${Math.floor(file / 1000)}`;
    if (file % 1000 === 0) lines.push(folderLine(folder, '5.0'));
    const digest = file.toString(16).padStart(64, '0');
    const object = `${digest.slice(0, 2)}/${digest.slice(2)}`;
    lines.push(`${folder}/f${file} 9 100644 1 0 0 0 ${time} ${object} - ${digest} user.of=${file} user.in=${folder}\n`);
  }
  writeFileSync(dump, lines.join(''));
  execFileSync(process.execPath, [join(root, 'build/cli/composcope.mjs'), 'create', '--from-file', dump, image]);
  return image;
}

test('a search for causes and the digest matrix of large images are cancelled, say so, and are begun anew', async ({
  launch,
  profile,
}) => {
  test.setTimeout(120_000); // two large images are made first, and looked at once
  const images = ['6.0', '7.0'].map((time) => largeImage(profile, 100_000, time));
  const app = await launch([]);
  const { page } = app;
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await drop(app, images);
  await page.getByRole('tab', { name: 'Why the digests differ' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Why the digests differ' });
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByText('The search for causes was cancelled.')).toBeVisible();
  await panel.getByRole('button', { name: 'Look again' }).click();
  await expect(panel.getByRole('progressbar', { name: 'Looking for causes' })).toBeVisible();
  await expect(panel.getByRole('heading', { level: 2 })).toContainText('100,', { timeout: 60_000 });

  await panel.getByRole('button', { name: 'Of A', exact: true }).click();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByText('Writing the tree was cancelled.')).toBeVisible();
  await panel.getByRole('button', { name: 'Write it again' }).click();
  await expect(panel.getByRole('progressbar', { name: 'Writing the tree in each way' })).toBeVisible();
  await expect(panel.getByText(/format 1, xattrs/)).toBeVisible({ timeout: 30_000 });
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByText('Writing the tree was cancelled.')).toBeVisible();
});
