import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'playwright/test';
import { openImage } from '../shared/composefs/open-image.ts';
import { writeImage } from '../shared/composefs/writer/write-image.ts';
import { DraftImage } from '../shared/tree/draft-image.ts';
import { fsVerityDigest } from '../shared/verity/fs-verity.ts';
import { portableHash } from '../shared/verity/portable-hash.ts';
import { root, seriousViolations, test, type App } from './app.ts';

/** The demo image, its store, and a copy of that. */
interface Wounded {
  readonly image: string;
  readonly objects: string;
  /** A store with good copies of all that the test wounds. */
  readonly good: string;
  /** Paths below the data root, the largest first: objects that are right. */
  readonly names: readonly string[];
}

/** Objects of the demo that are wrong as they are: assets/demo/README.md. */
const woundedAlready = ['33/c800', '34/5a2f', 'd4/3de9'];

function copyDemo(folder: string): Wounded {
  const demo = join(root, 'assets', 'demo');
  const image = join(folder, 'demo.cfs');
  const objects = join(folder, 'objects');
  const good = join(folder, 'good');
  mkdirSync(folder, { recursive: true });
  cpSync(join(demo, 'demo.cfs'), image);
  cpSync(join(demo, 'objects'), objects, { recursive: true, verbatimSymlinks: true });
  cpSync(join(demo, 'objects'), good, { recursive: true, verbatimSymlinks: true });
  const names = readdirSync(objects, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{62}$/.test(name) && statSync(join(objects, name)).isFile())
    .filter((name) => !woundedAlready.some((digest) => name.startsWith(digest)))
    .toSorted((a, b) => statSync(join(objects, b)).size - statSync(join(objects, a)).size || (a < b ? -1 : 1));
  return { image, objects, good, names };
}

const verify = async ({ page }: App): Promise<void> => {
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/^Verified/)).toBeVisible();
};

const problem = ({ page }: App, text: string | RegExp) =>
  page.getByRole('treeitem', { level: 2 }).filter({ hasText: text });

test('verifies the demo: the list of problems, the page of each, the tree and the filter', async ({ launch }) => {
  const app = await launch([join(root, 'assets', 'demo', 'demo.cfs')]);
  const { page } = app;
  await expect(app.tree).toBeVisible();
  await verify(app);
  await expect(page.getByRole('heading', { name: '6 problems' })).toBeVisible();
  const pages: readonly (readonly [string, RegExp])[] = [
    ['heron-root.pem', /symbolic link/],
    ['radar.bin', /No known cause|missing/i],
    ['libheron-legacy.so.3.9.1', /zeros from block 1 to its end/],
    ['birds.json', /No known cause explains it/],
    ['egret.txt', /a folder/],
    ['observations.db', /ends at byte 8192/],
  ];
  for (const [name, sentence] of pages) {
    await problem(app, name).click();
    await expect(page.locator('.failure-title')).toHaveText(sentence);
    await expect(page.getByRole('region', { name: 'Paths' })).toContainText(name);
    await expect(page.getByRole('region', { name: 'Below a mount' })).toContainText('With verity=require');
  }
  await page.getByLabel('Group problems').selectOption('folder');
  await expect(page.getByRole('treeitem', { level: 1 }).filter({ hasText: '/usr/lib/firmware' })).toBeVisible();
  await page.getByRole('tree', { name: 'Problems' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('treeitem', { level: 1 }).first()).toHaveAttribute('aria-expanded', 'false');
  await page.getByRole('button', { name: 'Explore' }).click();
  await page.getByRole('combobox', { name: 'Filter' }).fill('verity:digest-mismatch');
  await expect(page.getByText('2 matches')).toBeVisible();
  await expect(app.row('birds.json')).toBeVisible();
});

test('explains each kind of wound, and repairs it from a second store', async ({ launch, profile }) => {
  const { image, objects, good, names } = copyDemo(join(profile, 'wounded'));
  const at = (index: number): string => join(objects, names[index] ?? '');
  const put = (index: number, bytes: Uint8Array): void => {
    rmSync(at(index));
    writeFileSync(at(index), bytes);
  };
  const sound = names.map((name) => readFileSync(join(good, name)));
  const content = (index: number): Buffer => Buffer.from(sound[index] ?? []);
  const large = [1, 3, 4];
  const flipped = content(large[0] ?? 0);
  flipped[4100] = (flipped[4100] ?? 0) ^ 8;
  put(large[0] ?? 0, flipped);
  put(large[1] ?? 0, content(large[1] ?? 0).subarray(0, 5000));
  put(large[2] ?? 0, Buffer.concat([content(large[2] ?? 0), Buffer.from('more')]));
  const last = names.length - 1;
  put(last, gzipSync(content(last)));
  put(last - 1, content(last - 2));
  renameSync(at(last - 3), `${at(last - 3)}.file`);
  const app = await launch([image]);
  const { page } = app;
  await expect(app.tree).toBeVisible();
  await verify(app);
  // without a good copy: what can be said at all
  for (const title of ['Bytes appended', 'Compressed content', 'Stored under another layout’s name']) {
    await expect(page.getByRole('treeitem', { level: 1 }).filter({ hasText: title })).toBeVisible();
  }
  // the second store: a folder of another name, found by its content
  await app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, good);
  await page.getByRole('button', { name: 'Folder…' }).click();
  await expect(page.getByText('good', { exact: true }).first()).toBeVisible();
  await verify(app);
  const group = (title: string) => page.getByRole('treeitem', { level: 1 }).filter({ hasText: title });
  await expect(group('Blocks differ from a good copy')).toBeVisible();
  await expect(group('Truncated').first()).toBeVisible();
  const bit = problem(app, 'Blocks differ').first();
  await bit.click();
  await expect(page.locator('.failure-title')).toHaveText(
    'One bit is flipped, in block 1; all else is as in the good copy.',
  );
  await expect(page.getByRole('region', { name: 'Found, as hex' }).locator('mark')).toHaveCount(1);
  await expect(page.getByRole('img', { name: /1 of \d+ blocks/ })).toBeVisible();
  await page.getByRole('button', { name: /^Repair from store/ }).click();
  await expect(page.getByText(/^Copied from/)).toBeVisible();
  expect(readFileSync(at(large[0] ?? 0)).equals(content(large[0] ?? 0))).toBe(true);
  expect(existsSync(`${at(large[0] ?? 0)}.bad`)).toBe(true);
  await page.getByRole('button', { name: 'Delete it' }).click();
  await expect.poll(() => existsSync(`${at(large[0] ?? 0)}.bad`)).toBe(false);
  await page.getByRole('button', { name: 'Repair all' }).click();
  await expect(page.getByText(/objects were repaired/)).toBeVisible();
  for (const index of [large[1] ?? 0, large[2] ?? 0, last, last - 1]) {
    expect(readFileSync(at(index)).equals(content(index))).toBe(true);
  }
});

test('writes reports, with paths and without', async ({ launch, profile }) => {
  const app = await launch([join(root, 'assets', 'demo', 'demo.cfs')]);
  const { page, electron } = app;
  await expect(app.tree).toBeVisible();
  await verify(app);
  const save = async (item: string, path: string): Promise<string> => {
    await electron.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, path);
    await page.getByRole('button', { name: 'Report' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
    await expect(page.getByText(`The report is in ${path}.`)).toBeVisible();
    return readFileSync(path, 'utf8');
  };
  const markdown = await save('Markdown…', join(profile, 'report.md'));
  expect(markdown).toContain('# ✗ 6 of 29 objects are wrong.');
  const html = await save('HTML, one file, without paths…', join(profile, 'report.html'));
  expect(html).not.toContain('birds.json');
  expect(html).not.toContain('demo.cfs');
  const json = JSON.parse(await save('JSON…', join(profile, 'report.json'))) as { failures: unknown[] };
  expect(json.failures).toHaveLength(6);
  const sarif = JSON.parse(await save('SARIF…', join(profile, 'report.sarif'))) as { version: string };
  expect(sarif.version).toBe('2.1.0');
});

/** The digest of the same tree with all times 0. */
function withoutTimes(image: string): string {
  const draft = new DraftImage(openImage(new Uint8Array(readFileSync(image))));
  draft.column('mtime').fill(0);
  draft.column('mtimeNsec').fill(0);
  const written = writeImage(draft, { minVersion: 0, maxVersion: 0 });
  return Buffer.from(fsVerityDigest(written, { algorithm: 'sha256', hash: portableHash('sha256') })).toString('hex');
}

test('an expected digest is compared, remembered, and told in the status line', async ({ launch, profile }) => {
  const image = join(profile, 'images', 'demo.cfs');
  mkdirSync(join(profile, 'images'));
  cpSync(join(root, 'assets', 'demo', 'demo.cfs'), image);
  const kept = join(profile, 'kept');
  const first = await launch([image], { profile: kept });
  const { page } = first;
  await expect(first.tree).toBeVisible();
  await page.getByRole('tab', { name: 'Image' }).click();
  await page.getByLabel('Expected image digest').fill('12 no');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('It has 2 digits');
  await page.getByLabel('Expected image digest').fill(`composefs=?${'0'.repeat(64)}`);
  await page.keyboard.press('Enter');
  await expect(page.getByText('✗ not the expected digest')).toBeVisible();
  await expect(page.getByText(/^It is neither a plain hash of the file/)).toBeVisible();
  await page.getByLabel('Expected image digest').fill(withoutTimes(image));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Search for it' }).click();
  await expect(page.getByText('Found, and certain')).toBeVisible();
  await expect(page.getByText(/^all times set to 0/)).toBeVisible();
  await page.getByLabel('Expected image digest').fill("overlayfs: lower file 'ab' has no fs-verity digest");
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status', { name: 'What the message means' })).toContainText('not sealed');
  const digest = /[0-9a-f]{64}/.exec(
    (await page.getByRole('button', { name: /copy the image digest/ }).getAttribute('title')) ?? '',
  );
  await page.getByLabel('Expected image digest').fill(digest?.[0] ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByText('✓ expected')).toBeVisible();
  await page.waitForTimeout(600); // settings are saved a moment after
  await first.electron.close();
  const second = await launch([image], { profile: kept });
  await expect(second.page.getByText('✓ expected')).toBeVisible();
});

test('shows orphans and what an image alone needs', async ({ launch, profile }) => {
  const { image, objects } = copyDemo(join(profile, 'orphans'));
  mkdirSync(join(objects, 'ff'), { recursive: true });
  writeFileSync(join(objects, 'ff', 'e'.repeat(62)), 'nobody wants this');
  const { page, tree } = await launch([image]);
  await expect(tree).toBeVisible();
  await page.keyboard.press('Control+2');
  await page.getByRole('button', { name: 'Orphans' }).click();
  await expect(page.getByRole('cell', { name: '29 objects' })).toBeVisible();
  await page.getByRole('button', { name: /Look for objects that no open image/ }).click();
  await expect(page.getByText(`ff/${'e'.repeat(62)}`)).toBeVisible();
  expect(existsSync(join(objects, 'ff', 'e'.repeat(62)))).toBe(true);
});

test.describe('in both themes', () => {
  for (const theme of ['light', 'dark'] as const) {
    test(`nobody is shut out: ${theme}`, async ({ launch }) => {
      const app = await launch([join(root, 'assets', 'demo', 'demo.cfs')]);
      const { page } = app;
      await page.emulateMedia({ colorScheme: theme });
      await expect(app.tree).toBeVisible();
      await verify(app);
      await problem(app, 'libheron-legacy').click();
      await expect(page.locator('.failure-title')).toBeVisible();
      expect(await seriousViolations(app)).toEqual([]);
    });
  }
});
