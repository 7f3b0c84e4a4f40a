import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StackInfo } from '../../../shared/contract/layer-values.ts';
import type { ImageInfo } from '../../../shared/contract/values.ts';
import { makeLayout, threeLayers } from '../layers/testing/make-layout.ts';
import { makeTar } from '../layers/testing/make-tar.ts';
import { contentOf, openLab, putObject, type Lab } from '../testing/lab.ts';

let lab: Lab;
let layout = '';
beforeEach(async () => {
  lab = await openLab();
  layout = join(lab.folder, 'image');
});
afterEach(() => lab.close());

const byName = { column: 'name', descending: false } as const;

async function open(...paths: readonly string[]): Promise<StackInfo> {
  const { stack, failures } = await lab.handlers.addLayers({ paths: [...paths], images: [] });
  expect(failures).toEqual([]);
  if (stack === undefined) throw new Error('no stack');
  return stack;
}

/** Rows of a view with all open: name, layer, why it is hidden. */
async function linesOf(view: number): Promise<readonly string[]> {
  const { total } = await lab.handlers.setExpanded({ view, entry: 0, expanded: true, recursive: true });
  const rows = await lab.handlers.rows({ view, from: 0, to: total });
  return rows.map(({ name, layer, hidden }) => [name, layer, hidden ?? ''].join(' ').trim());
}

const viewOf = async ({ image }: StackInfo): Promise<number> =>
  (await lab.handlers.createView({ image, filter: '', sort: byName, showStubs: false })).view;

async function find(image: number, path: string): Promise<number> {
  const found = await lab.handlers.find({ image, path });
  if (found === undefined) throw new Error(`no ${path}`);
  return found.entry;
}

test('an OCI layout is opened as a stack whose layers have their commands as names', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { images, notes } = await lab.handlers.open({ path: layout });
  expect(notes).toEqual([]);
  const stacks = lab.workspace.stacks.all;
  expect(stacks).toHaveLength(1);
  expect(stacks[0]).toMatchObject({ name: 'image', image: images[0], sources: [] });
  expect(stacks[0]?.layers.map(({ number, name, kind, isOn }) => [number, name, kind, isOn])).toEqual([
    [1, 'ADD rootfs / # buildkit', 'tar', true],
    [2, 'RUN echo second > /etc/motd', 'tar', true],
    [3, 'RUN rm /etc/motd', 'tar', true],
  ]);
  const { images: infos } = await lab.handlers.workspace({});
  expect(infos).toMatchObject([{ name: 'image', kind: 'stack', path: layout, digest: undefined }]);
});

test('a stack shows what a mount would, and what it hides when asked', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const stack = await open(layout);
  const view = await viewOf(stack);
  expect(await linesOf(view)).toEqual(['/ 3', 'etc 3', 'hosts 1', 'opt 2', 'new 2']);
  const hosts = await find(stack.image, '/etc/hosts');
  expect(await lab.handlers.setHidden({ view, hidden: true })).toMatchObject({ showsHidden: true, total: 9 });
  expect(await linesOf(view)).toEqual([
    '/ 3',
    'etc 3',
    'hosts 1',
    'motd 3 whiteout',
    'motd 2 removed by layer 3',
    'motd 1 replaced by layer 2',
    'opt 2',
    'new 2',
    'opt 1 replaced by layer 2',
    'old 1 replaced by layer 2',
  ]);
  const rows = await lab.handlers.rows({ view, from: 0, to: 9 });
  expect(rows[2]?.entry).toBe(hosts);
  expect(await lab.handlers.setHidden({ view, hidden: false })).toMatchObject({ showsHidden: false, total: 5 });
});

test('a hidden entry has details, content and a way to what hides it', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { image, ...stack } = await open(layout);
  const view = await viewOf({ image, ...stack });
  const found = await lab.handlers.findHidden({ image, layer: 1, row: 3 });
  const entry = found?.entry ?? -1;
  const details = await lab.handlers.details({ image, entry });
  expect(details).toMatchObject({
    path: '/etc/motd',
    row: { entry, layer: 1, hidden: 'replaced by layer 2' },
    layers: { layer: 1, name: 'ADD rootfs / # buildkit', path: '/etc/motd', below: [], hiddenBy: { layer: 2 } },
  });
  const { bytes } = await lab.handlers.content({ image, entry, offset: 0, length: 100 });
  expect(Buffer.from(bytes).toString()).toBe('hello from the lowest layer\n');
  // going there shows what is hidden
  const { state, row } = await lab.handlers.reveal({ view, entry });
  expect(state.showsHidden).toBe(true);
  expect((await lab.handlers.rows({ view, from: row ?? 0, to: (row ?? 0) + 1 }))[0]).toMatchObject({ entry });
  const by = await lab.handlers.details({ image, entry: details.layers?.hiddenBy?.entry ?? 0 });
  expect(by.row).toMatchObject({ layer: 2, hidden: 'removed by layer 3' });
  expect(await lab.handlers.describe({ image, entries: [entry], format: 'path' })).toBe('/etc/motd');
});

test('details say what lies below, and show the raw attributes with what a mount makes of them', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { image } = await open(layout);
  const { layers, xattrs } = await lab.handlers.details({ image, entry: await find(image, '/opt') });
  expect(layers).toMatchObject({
    layer: 2,
    below: [{ layer: 1, path: '/opt', kind: 'directory', how: 'hidden', row: expect.any(Number) }],
  });
  expect(xattrs).toMatchObject([{ name: 'trusted.overlay.opaque', effectiveName: undefined }]);
});

test('layers are reordered, switched off and removed; their numbers are places in the list', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const before = await open(layout);
  const [one, two, three] = before.layers.map(({ layer }) => layer) as [number, number, number];
  const off = await lab.handlers.changeLayers({
    stack: before.stack,
    layers: [
      { layer: one, isOn: true },
      { layer: two, isOn: false },
      { layer: three, isOn: true },
    ],
  });
  expect(off.image).not.toBe(before.image);
  expect(await linesOf(await viewOf(off))).toEqual(['/ 3', 'etc 3', 'hosts 1', 'opt 1', 'old 1']);
  const turned = await lab.handlers.changeLayers({
    stack: before.stack,
    layers: [
      { layer: three, isOn: true },
      { layer: two, isOn: true },
    ],
  });
  expect(turned.layers.map(({ layer, number }) => [layer, number])).toEqual([
    [three, 1],
    [two, 2],
  ]);
  expect(await linesOf(await viewOf(turned))).toEqual(['/ 2', 'etc 2', 'motd 2', 'opt 2', 'new 2']);
  const { images } = await lab.handlers.workspace({});
  expect(images.map(({ image }) => image)).toEqual([turned.image]);
});

test('what cannot be is refused, and the stack stays', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { stack, layers, image } = await open(layout);
  const all = layers.map(({ layer }) => ({ layer, isOn: false }));
  await expect(lab.handlers.changeLayers({ stack, layers: all })).rejects.toThrow('At least one layer must be on.');
  const twice = [layers[0], layers[0]].map((layer) => ({ layer: layer?.layer ?? 0, isOn: true }));
  await expect(lab.handlers.changeLayers({ stack, layers: twice })).rejects.toThrow('once');
  await expect(lab.handlers.changeLayers({ stack: 9, layers: twice })).rejects.toThrow('no stack 9');
  expect(lab.workspace.stacks.all).toMatchObject([{ image }]);
});

test('a blob that is another one is told with both digests, and the rest is opened', async () => {
  const [[blob = ''] = []] = await makeLayout(layout, [{ layers: threeLayers }]);
  const bytes = await readFile(blob);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(blob, bytes);
  const tar = join(lab.folder, 'layer.tar');
  await writeFile(tar, await makeTar(threeLayers[0]?.items ?? []));
  const { stack, failures } = await lab.handlers.addLayers({ paths: [layout, tar], images: [] });
  expect(stack?.layers).toMatchObject([{ name: 'layer.tar' }]);
  expect(failures).toMatchObject([{ path: layout, error: { code: 'EBADMSG' } }]);
  const digests = failures[0]?.error.message.match(/sha256:[0-9a-f]{64}/g) ?? [];
  expect(new Set(digests).size).toBe(2);
  await expect(lab.handlers.open({ path: layout })).rejects.toMatchObject({ code: 'EBADMSG' });
});

test('of several platforms this one is taken, and another can be chosen', async () => {
  const other = process.arch === 'arm64' ? 'amd64' : 'arm64';
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  await makeLayout(layout, [
    { layers: threeLayers.slice(0, 1), architecture: other, name: 'v1' },
    { layers: threeLayers, architecture: own, name: 'v1' },
  ]);
  const { notes } = await lab.handlers.open({ path: layout });
  expect(notes).toEqual([`${layout} holds 2 images; this is v1 linux/${own}. Layers (Ctrl+3) shows the others.`]);
  const [stack] = lab.workspace.stacks.all;
  expect(stack?.layers).toHaveLength(3);
  const [source] = stack?.sources ?? [];
  expect(source?.choices.map(({ title }) => title)).toEqual([`v1 linux/${other}`, `v1 linux/${own}`]);
  const chosen = await lab.handlers.chooseImage({
    stack: stack?.stack ?? -1,
    path: layout,
    image: source?.choices[0]?.id ?? '',
  });
  expect(chosen.layers).toHaveLength(1);
  expect(chosen.sources[0]?.chosen).toBe(source?.choices[0]?.id);
});

test('images, a directory and a tar are stacked; each content comes from where it lies', async () => {
  await putObject(join(lab.folder, 'objects'), 'good');
  const upper = join(lab.folder, 'upper');
  await mkdir(join(upper, 'etc'), { recursive: true });
  await writeFile(join(upper, 'etc', 'own'), 'on disk\n');
  const tar = join(lab.folder, 'layer.tar');
  await writeFile(tar, await makeTar([{ name: 'note', content: 'in the tar\n' }]));
  await lab.handlers.open({ path: lab.image });
  const { stack } = await lab.handlers.addLayers({ paths: [upper, tar], images: [0] });
  const image = stack?.image ?? -1;
  expect(stack?.layers.map(({ kind }) => kind)).toEqual(['composefs', 'directory', 'tar']);
  const text = async (path: string): Promise<string> => {
    const { bytes } = await lab.handlers.content({ image, entry: await find(image, path), offset: 0, length: 1000 });
    return Buffer.from(bytes).toString();
  };
  expect(await text('/etc/own')).toBe('on disk\n');
  expect(await text('/note')).toBe('in the tar\n');
  const view = await lab.handlers.createView({ image, filter: 'type:backed', sort: byName, showStubs: false });
  const backed = await lab.handlers.rows({ view: view.view, from: 0, to: 100 });
  const good = backed.find(({ name }) => name === 'good');
  const { bytes } = await lab.handlers.content({ image, entry: good?.entry ?? -1, offset: 0, length: 1000 });
  expect(Buffer.from(bytes).toString()).toBe(contentOf('good'));
  expect(await lab.handlers.details({ image, entry: await find(image, '/etc/own') })).toMatchObject({
    content: 'layer',
    contentNote: undefined,
  });
});

test('the stores beside all layers are attached, statuses told, and Verify checks the stack', async () => {
  await putObject(join(lab.folder, 'objects'), 'good');
  await putObject(join(lab.folder, 'objects'), 'short', 'other');
  const { image } = await open(lab.image);
  const info = (): ImageInfo | undefined =>
    lab.events.findLast((event) => event[0] === 'imageChanged' && event[1].image === image)?.[1] as ImageInfo;
  await vi.waitFor(() => expect(info()?.statuses).toMatchObject({ 'size-mismatch': 1, unchecked: 1 }));
  await lab.handlers.verify({ images: [image], wholeStores: [], full: true, useCache: false });
  await vi.waitFor(() => expect((info()?.statuses.ok ?? 0) + (info()?.statuses.unsealed ?? 0)).toBe(1));
});

test('reports say what each layer that is on does', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { stack, layers } = await open(layout);
  const reports = await lab.handlers.layerReports({ stack });
  expect(reports.map(({ layer }) => layer)).toEqual(layers.map(({ layer }) => layer));
  expect(reports).toMatchObject([
    { entries: 6, whiteouts: 0, shown: 1, hides: 0 },
    { entries: 5, opaque: 1, adds: 1, hides: 3 },
    { entries: 3, whiteouts: 1, hides: 1 },
  ]);
});

test('closing the image closes its stack', async () => {
  await makeLayout(layout, [{ layers: threeLayers }]);
  const { image } = await open(layout);
  await lab.handlers.closeImage({ image });
  expect(lab.workspace.stacks.all).toEqual([]);
});
