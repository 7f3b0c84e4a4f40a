import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { expand, filter, fixture, test } from './app.ts';

test('walks the tree by keyboard', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  const { page, row, tree } = app;
  await expect(row('usr')).toBeVisible();
  await tree.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect(row('/')).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.type('usr');
  await expect(row('usr')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft'); // a small image is open at first
  await expect(row('usr')).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('End');
  await expect(row('usr')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(row('usr')).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(row('usr')).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.type('sh');
  await expect(row('share')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(row('data.json')).toHaveAttribute('aria-level', '4');
  await page.keyboard.press('ArrowLeft');
  await expect(row('share')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(row('data.json')).toBeHidden();
  await page.keyboard.press('ArrowLeft');
  await expect(row('usr')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Home');
  await page.keyboard.press('*');
  await page.keyboard.press('Shift+End');
  await expect(row('usr')).toHaveAttribute('aria-selected', 'true');
  await expect(row('etc')).toHaveAttribute('aria-selected', 'true');
  expect(Number(await row('share').getAttribute('aria-posinset'))).toBe(2);
  expect(Number(await row('share').getAttribute('aria-setsize'))).toBe(2);
});

test('shows capabilities, ACLs, labels, links and times of what is in focus', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await expand(app, 'usr', 'bin');
  const details = app.page.getByRole('tabpanel');
  await app.row('ping').click();
  await expect(details).toContainText('cap_net_raw+ep');
  await expect(details).toContainText('system_u:object_r:ping_exec_t:s0');
  await expect(details).toContainText('2023-11-14 22:13:24.123456789 UTC');
  await expect(details).toContainText('/usr/bin/ping6');
  await app.row('su').click();
  await expect(details).toContainText('set-uid');
  await expand(app, 'etc');
  await app.row('secret').click();
  await expect(details).toContainText('user:1000:rw-');
  await app.row('keys').click();
  await expect(details).toContainText('system.posix_acl_default');
  await expand(app, 'dev');
  await app.row('null').click();
  await expect(details).toContainText('1:3');
});

test('filters with completion, says what is wrong, and clears', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await app.tree.focus();
  await app.page.keyboard.press('/');
  const input = app.page.getByRole('combobox', { name: 'Filter' });
  await expect(input).toBeFocused();
  await app.page.keyboard.type('typ');
  await expect(app.page.getByRole('option', { name: /^type:/ })).toBeVisible();
  await app.page.keyboard.press('ArrowDown');
  await app.page.keyboard.press('Enter');
  await expect(input).toHaveValue('type:');
  await app.page.keyboard.type('whiteout');
  await expect(app.row('gone')).toBeVisible();
  await expect(app.row('etc')).toBeHidden();
  await filter(app, 'mode:setuid');
  await expect(app.row('su')).toBeVisible();
  await expect(app.row('usr')).toBeVisible();
  await expect(app.row('ping')).toBeHidden();
  await input.fill('size:huge');
  await expect(app.page.getByRole('alert')).toBeVisible();
  await expect(input).toHaveAttribute('aria-invalid', 'true');
  await input.fill('');
  await expect(app.row('etc')).toBeVisible();
});

test('sorts, hides and moves columns', async ({ launch }) => {
  const app = await launch([fixture('wounded', 'wounded.cfs')]);
  await expect(app.row('right')).toBeVisible();
  const names = async (): Promise<(string | undefined)[]> =>
    (await app.tree.locator('.tree-name').allInnerTexts()).map((text) => text.split('\n').at(-1)?.trim());
  await app.tree.getByRole('button', { name: 'Size' }).click();
  await expect(app.page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(names).toEqual(['/', 'inline', 'right', 'flipped', 'missing', 'cut-short']);
  await app.tree.getByRole('button', { name: 'Size' }).click();
  await expect.poll(names).toEqual(['/', 'cut-short', 'flipped', 'missing', 'right', 'inline']);
  await app.page.getByRole('button', { name: 'Choose columns' }).click();
  await app.page.getByRole('menuitemcheckbox', { name: 'Owner' }).click();
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('columnheader', { name: 'Owner' })).toBeHidden();
  const heads = (): Promise<string[]> => app.tree.getByRole('columnheader').allInnerTexts();
  const before = await heads();
  await app.tree.getByRole('button', { name: 'Size' }).focus();
  await app.page.keyboard.press('Alt+ArrowRight');
  await expect.poll(async () => (await heads()).indexOf('Size')).toBe(before.indexOf('Size') + 1);
});

test('shows statuses of objects, and those of a store that is attached later', async ({ launch }) => {
  const app = await launch([fixture('wounded', 'wounded.cfs')]);
  await expect(app.row('missing')).toContainText('✗missing');
  await expect(app.row('cut-short')).toContainText('size-mismatch');
  await expect(app.row('right')).toContainText('unchecked');
  await expect(app.row('inline').locator('.verity')).toContainText('inline');
  await app.row('missing').click();
  await expect(app.page.getByRole('region', { name: 'Verity' })).toContainText('ENOENT');
  await filter(app, 'verity:bad');
  await expect(app.row('right')).toBeHidden();
  await expect(app.row('cut-short')).toBeVisible();
});

test('shows content as text and hex, and saves it', async ({ launch, profile }) => {
  const app = await launch([fixture('attributes.cfs'), fixture('store-elsewhere')]);
  await expect(app.page.getByRole('complementary', { name: 'Sources' })).toContainText('store-elsewhere');
  await expand(app, 'usr', 'share');
  await app.row('text').click();
  await app.page.getByRole('tab', { name: 'Content' }).click();
  await expect(app.page.getByRole('region', { name: 'Content as text' })).toContainText('line 40 of a text');
  await app.page.getByRole('button', { name: 'hex', exact: true }).click();
  await expect(app.page.getByRole('region', { name: 'Content as hex' })).toContainText('6c 69 6e 65 20 31');
  const saved = join(profile, 'saved.txt');
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, saved);
  await app.page.getByRole('button', { name: 'Save as…' }).click();
  await expect(app.page.getByText(/^Saved [\d,]+ bytes to/)).toBeVisible();
  expect(readFileSync(saved, 'utf8')).toMatch(
    /^line 1 of a text[^]*line 40 of a text that is long enough for an object\n$/,
  );
  await app.tree.focus();
  await app.page.keyboard.press('Space');
  await expect(app.page.getByRole('dialog')).toContainText('line 1 of a text');
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('dialog')).toBeHidden();
});

test('shows the raw inode, where an object is used, and the treemap', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await expand(app, 'usr', 'bin');
  await app.row('ping').click();
  await app.page.getByRole('tab', { name: 'Raw inode' }).click();
  await expect(app.page.getByRole('rowheader', { name: 'i_mtime_nsec' })).toBeVisible();
  await app.page.getByRole('tab', { name: 'Where used' }).click();
  await app.page.getByRole('tabpanel').getByRole('button', { name: '/usr/bin/su' }).click();
  await expect(app.row('su')).toHaveAttribute('aria-selected', 'true');
  await app.page.keyboard.press('Control+T');
  await app.row('usr').click();
  await app.page.getByRole('option', { name: /^ping,/ }).click();
  await expect(app.row('ping').first()).toHaveAttribute('aria-selected', 'true');
});

test('goes to a path, runs commands by name, and copies', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await app.page.keyboard.press('Control+P');
  await app.page.getByRole('combobox', { name: 'Path in the image' }).fill('/usr/share/da');
  await app.page.getByRole('option', { name: '/usr/share/data.json' }).waitFor();
  await app.page.keyboard.press('Enter');
  await expect(app.row('data.json')).toHaveAttribute('aria-selected', 'true');
  await expect(app.page.getByRole('navigation', { name: 'Path' })).toContainText('data.json');
  await app.tree.focus();
  await app.page.keyboard.press('Control+C');
  await expect.poll(() => app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe('/usr/share/data.json');
  await app.page.keyboard.press('Control+Shift+P');
  await app.page.getByRole('combobox', { name: 'Command' }).fill('about');
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('dialog', { name: 'About Composcope' })).toContainText('Electron');
  await app.page.keyboard.press('Escape');
  await app.page.keyboard.press('?');
  await expect(app.page.getByRole('dialog', { name: 'Keyboard' })).toContainText('Next problem');
});

test('shows the image as a whole, and what its statuses and examples filter', async ({ launch }) => {
  const app = await launch([fixture('wounded', 'wounded.cfs')]);
  await expect(app.row('missing')).toContainText('missing');
  await app.page.getByRole('contentinfo').getByRole('button', { name: '1 missing' }).click();
  await expect(app.row('right')).toBeHidden();
  await expect(app.row('missing')).toBeVisible();
  await app.page
    .getByRole('contentinfo')
    .getByRole('button', { name: /entries/ })
    .click();
  const image = app.page.getByRole('tabpanel', { name: 'Image' });
  await expect(image).toContainText('composefs image, format');
  await expect(image.getByRole('region', { name: 'Header' })).toContainText('feature_incompat');
  await image.getByRole('button', { name: /size-mismatch/ }).click();
  await expect(app.row('cut-short')).toBeVisible();
  await expect(app.row('missing')).toBeHidden();
  await app.page.getByRole('button', { name: 'Clear the filter' }).click();
  await app.page.getByRole('button', { name: 'What a filter can say' }).click();
  await app.page.getByRole('button', { name: /^-type:dir/ }).click();
  await expect(app.page.getByRole('combobox', { name: 'Filter' })).toHaveValue('-type:dir');
  await expect(app.page.getByText(/^5 matches$/)).toBeVisible();
});

test('the menu of a row is for the row under the pointer', async ({ launch }) => {
  const app = await launch([fixture('wounded', 'wounded.cfs')]);
  await app.row('right').click();
  await app.row('cut-short').click({ button: 'right' });
  await app.page.getByRole('menuitem', { name: /^Copy path/ }).click();
  await expect.poll(() => app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe('/cut-short');
  await expect(app.row('cut-short')).toHaveAttribute('aria-selected', 'true');
});

test('the row in focus stays in view when the window gets lower', async ({ launch }) => {
  const app = await launch([fixture('attributes.cfs')]);
  await expect(app.row('usr')).toBeVisible();
  await app.tree.focus();
  await app.page.keyboard.press('End');
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1100, 420));
  await expect(app.tree.locator('[aria-selected="true"]')).toBeInViewport();
});
