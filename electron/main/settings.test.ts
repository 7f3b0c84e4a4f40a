import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundsFile, settingsFile } from './settings.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'composcope-settings-'));
  file = path.join(folder, 'deep', 'settings.json');
});
afterEach(() => fs.rm(folder, { recursive: true }));

test('gives defaults where there is no file', async () => {
  const { value, damaged } = await settingsFile(file).load();
  expect(damaged).toBeUndefined();
  expect(value).toMatchObject({
    columns: { order: [], hidden: [], widths: {} },
    sort: { column: 'name', descending: false },
    theme: 'system',
    recent: [],
  });
});

test('gives back what was saved, and leaves nothing beside it', async () => {
  const settings = settingsFile(file);
  const { value } = await settings.load();
  const changed = { ...value, theme: 'dark', recent: ['/a\nb', '/ü'] } as const;
  await settings.save({ ...changed, recent: [...changed.recent] });
  expect((await settingsFile(file).load()).value).toEqual(changed);
  expect(await fs.readdir(path.dirname(file))).toEqual(['settings.json']);
});

test('keeps the last of many writes that were started at once', async () => {
  const settings = settingsFile(file);
  const { value } = await settings.load();
  await Promise.all(['/1', '/2', '/3'].map((recent) => settings.save({ ...value, recent: [recent] })));
  expect((await settings.load()).value.recent).toEqual(['/3']);
  expect(await fs.readdir(path.dirname(file))).toEqual(['settings.json']);
});

test.each(['', '{"theme": "dark"', '[]', '"text"', 'null', '\0\0\0\0'])(
  'keeps a damaged file as .bad and says so: %j',
  async (text) => {
    await fs.mkdir(path.dirname(file));
    await fs.writeFile(file, text);
    const { value, damaged } = await settingsFile(file).load();
    expect(value.theme).toBe('system');
    expect(damaged?.keptAs).toBe(`${file}.bad`);
    expect(await fs.readFile(`${file}.bad`, 'utf8')).toBe(text);
    expect((await settingsFile(file).load()).damaged).toBeUndefined();
  },
);

test('a part that is wrong has its default, the others stay', async () => {
  await fs.mkdir(path.dirname(file));
  await fs.writeFile(file, JSON.stringify({ theme: 'dark', recent: [1, 2], panes: { main: [20, 200] }, fromNewer: 1 }));
  const { value, damaged } = await settingsFile(file).load();
  expect(damaged).toBeUndefined();
  expect(value).toMatchObject({ theme: 'dark', recent: [], panes: {} });
});

test('a file that may not be read is an error, not the default', async () => {
  await fs.mkdir(file, { recursive: true });
  await expect(settingsFile(file).load()).rejects.toMatchObject({ code: 'EISDIR' });
});

test('bounds: none at first, then those saved, none again when damaged', async () => {
  const bounds = { x: -5, y: 10, width: 1280, height: 800, maximized: true };
  expect((await boundsFile(file).load()).value).toBeUndefined();
  await boundsFile(file).save(bounds);
  expect((await boundsFile(file).load()).value).toEqual(bounds);
  await fs.writeFile(file, '{"x":0,"y":0,"width":1e9,"height":1,"maximized":false}');
  expect((await boundsFile(file).load()).value).toBeUndefined();
});
