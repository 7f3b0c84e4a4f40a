import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator } from 'playwright/test';
import { makeLayout, threeLayers } from '../electron/engine/layers/testing/make-layout.ts';
import { drop, fixture, killEngine, seriousViolations, test, type App } from './app.ts';

const three = ['first', 'second', 'third'].map((name) => fixture('layers', `${name}.cfs`));

const list = ({ page }: App): Locator => page.getByRole('grid', { name: 'Layers, the uppermost first' });
/** A layer's row in the list, by its place. */
const layer = (app: App, number: number): Locator =>
  list(app).getByRole('row', { name: new RegExp(`^Layer ${number},`) });
/** The rows of the tree as one reads them: name, and why it does not show. */
const lines = ({ tree }: App): Promise<readonly string[]> =>
  tree
    .locator('.tree-row .tree-name > .ellipsis')
    .evaluateAll((cells) => cells.map(({ children }) => [...children].map(({ textContent }) => textContent).join(' ')));
const names = (app: App): Promise<readonly string[]> => list(app).locator('.layers-link').allInnerTexts();

async function stackThree(app: App): Promise<void> {
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await app.page.keyboard.press('Control+3');
  await expect(app.page.getByRole('heading', { name: 'Stack layers, and see what a mount shows' })).toBeVisible();
  await drop(app, three);
  await expect(layer(app, 3)).toContainText('third.cfs');
}

test('an OCI layout that is dropped anywhere is a stack of its layers', async ({ launch, profile }) => {
  const layout = join(profile, 'image');
  await makeLayout(layout, [{ layers: threeLayers }]);
  const app = await launch([]);
  await expect(app.page.getByRole('heading', { name: 'Look into a composefs image' })).toBeVisible();
  await drop(app, [layout]);
  await expect(app.row('hosts')).toContainText('1');
  await app.page.keyboard.press('Control+3');
  await expect.poll(() => names(app)).toEqual(threeLayers.map(({ command }) => command).toReversed());
  await expect(layer(app, 3)).toContainText('tar');
  // whiteouts of the third, and what it hides
  await expect(layer(app, 3).getByRole('gridcell').nth(6)).toHaveText('1');
  await expect(layer(app, 3).getByRole('gridcell').nth(9)).toHaveText('1');
  expect(await lines(app)).toEqual(['/', 'etc', 'hosts', 'opt', 'new']);
  // the treemap says from which layers the bytes are
  await app.page.keyboard.press('Control+1');
  await app.page.keyboard.press('Control+t');
  const legend = app.page.getByRole('list', { name: 'Bytes by layer' });
  await expect(legend).toContainText(threeLayers[0]?.command ?? '');
  await expect(app.page.getByRole('option', { name: /^etc, .*, layer 1$/ })).toBeVisible();
  await app.page.getByRole('button', { name: 'By layer' }).click();
  await expect(legend).toBeHidden();
});

test('a file that is in the first of three images, replaced in the second and removed in the third is followed', async ({
  launch,
}) => {
  const app = await launch([]);
  await stackThree(app);
  await expect.poll(() => lines(app)).toEqual(['/', 'etc', 'hosts']);
  await app.page.getByRole('button', { name: 'Hidden entries' }).click();
  await expect
    .poll(() => lines(app))
    .toEqual(['/', 'etc', 'hosts', 'motd whiteout', 'motd removed by layer 3', 'motd replaced by layer 2']);
  await app.row('motd').last().click();
  const details = app.page.getByRole('region', { name: 'Layers', exact: true });
  await expect(details).toContainText('replaced by layer 2');
  await app.page.getByRole('tab', { name: 'Content' }).click();
  await expect(app.page.getByText('lowest')).toBeVisible();
  // to what shadows it, and to what shadows that
  await app.page.getByRole('tab', { name: 'Attributes' }).click();
  await details.getByRole('button', { name: '/etc/motd' }).click();
  await expect(details).toContainText('removed by layer 3');
  await details.getByRole('button', { name: '/etc/motd' }).click();
  await expect(details).toContainText('it is a whiteout');
  expect(await seriousViolations(app)).toEqual([]);
});

/** As a hand drags: the pointer passes what lies between. */
async function dragAbove(app: App, from: Locator, to: Locator): Promise<void> {
  const { mouse } = app.page;
  await from.hover();
  await mouse.down();
  const box = await to.boundingBox();
  await mouse.move((box?.x ?? 0) + 200, (box?.y ?? 0) + 3, { steps: 5 });
  await mouse.up();
}

test('layers are moved by keyboard and by mouse, switched off and taken out', async ({ launch }) => {
  const app = await launch([]);
  await stackThree(app);
  await layer(app, 3).focus();
  await app.page.keyboard.press('Alt+ArrowDown');
  await expect.poll(() => names(app)).toEqual(['second.cfs', 'third.cfs', 'first.cfs']);
  await expect(layer(app, 2)).toBeFocused();
  await expect.poll(() => lines(app)).toEqual(['/', 'etc', 'hosts', 'motd']);
  await expect(app.row('motd')).toContainText('3');
  // keys that come faster than the answers each move what the one before left
  await app.page.keyboard.press('Alt+ArrowDown');
  await app.page.keyboard.press('Alt+ArrowUp');
  await app.page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => names(app)).toEqual(['third.cfs', 'second.cfs', 'first.cfs']);
  await expect.poll(() => lines(app)).toEqual(['/', 'etc', 'hosts']);
  await app.page.keyboard.press('Space');
  await expect(layer(app, 3)).toContainText('off');
  await expect.poll(() => lines(app)).toEqual(['/', 'etc', 'hosts', 'motd']);
  await dragAbove(app, layer(app, 1), layer(app, 3));
  await expect.poll(() => names(app)).toEqual(['first.cfs', 'third.cfs', 'second.cfs']);
  await app.page.getByRole('button', { name: 'Take layer 2 out' }).click();
  await expect.poll(() => names(app)).toEqual(['first.cfs', 'second.cfs']);
});

test('a stack survives an engine that is killed: its order, what is switched off, and what one looked at', async ({
  launch,
}) => {
  const app = await launch([]);
  await stackThree(app);
  await layer(app, 3).focus();
  await app.page.keyboard.press('Alt+ArrowDown');
  await expect.poll(() => names(app)).toEqual(['second.cfs', 'third.cfs', 'first.cfs']);
  await app.page.keyboard.press('Space');
  await expect(layer(app, 2)).toContainText('off');
  await app.page.getByRole('button', { name: 'Hidden entries' }).click();
  const seen = ['/', 'etc', 'hosts', 'motd', 'motd replaced by layer 3'];
  await expect.poll(() => lines(app)).toEqual(seen);
  await app.row('motd').last().click();
  await expect(app.row('motd').last()).toHaveAttribute('aria-selected', 'true');
  await killEngine(app);
  await expect(app.page.getByRole('alert').filter({ hasText: 'The engine ended' })).toBeVisible();
  await expect(app.page.getByRole('alert')).toBeHidden();
  await expect.poll(() => names(app)).toEqual(['second.cfs', 'third.cfs', 'first.cfs']);
  await expect(layer(app, 2)).toContainText('off');
  await expect.poll(() => lines(app)).toEqual(seen);
  await expect(app.row('motd').last()).toHaveAttribute('aria-selected', 'true');
});

test('one layer’s entries are found by the filter, which completes its number', async ({ launch }) => {
  const app = await launch([]);
  await stackThree(app);
  await layer(app, 1).focus();
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('combobox', { name: 'Filter' })).toHaveValue('layer:1');
  await expect(app.page.getByText('1 match')).toBeVisible();
  await app.page.getByRole('combobox', { name: 'Filter' }).fill('layer:');
  await expect(app.page.getByRole('option', { name: '2 second.cfs' })).toBeVisible();
});

test('a layer that is not what its manifest says is refused with both digests, in place', async ({
  launch,
  profile,
}) => {
  const layout = join(profile, 'image');
  const [[blob = ''] = []] = await makeLayout(layout, [{ layers: threeLayers }]);
  const bytes = await readFile(blob);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await writeFile(blob, bytes);
  const app = await launch([]);
  await stackThree(app);
  await drop(app, [layout]);
  await expect(app.page.getByText(/sha256:[0-9a-f]{64}.*sha256:[0-9a-f]{64}/)).toBeVisible();
  await expect(app.page.getByRole('button', { name: 'Copy the message' })).toBeVisible();
  await expect.poll(() => names(app)).toEqual(['third.cfs', 'second.cfs', 'first.cfs']);
});
