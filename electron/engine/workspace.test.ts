import { mkdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EntryDetails, ImageInfo, StoreInfo } from '../../shared/contract/values.ts';
import { fsVerityDigest } from '../../shared/verity/fs-verity.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { serviceHandlers } from './handlers/service-handlers.ts';
import { contentOf, digestOf, objectPath, openLab, putObject } from './testing/lab.ts';
import type { Lab } from './testing/lab.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const byName = { column: 'name', descending: false } as const;

/** A store with one good object, one that is cut, one without a digest; `missing` is not there. */
async function makeStore(dataRoot: string): Promise<void> {
  await putObject(dataRoot, 'good');
  await putObject(dataRoot, 'plain');
  await putObject(dataRoot, 'short', contentOf('short').slice(0, -1));
}

const lastImage = (): ImageInfo | undefined => lab.events.findLast((event) => event[0] === 'imageChanged')?.[1];
const lastStores = (): readonly StoreInfo[] | undefined =>
  lab.events.findLast((event) => event[0] === 'storesChanged')?.[1];

async function find(image: number, path: string): Promise<number> {
  const found = await lab.handlers.find({ image, path });
  if (found === undefined) throw new Error(`no ${path}`);
  return found.entry;
}

const detailsOf = async (path: string): Promise<EntryDetails> =>
  lab.handlers.details({ image: 0, entry: await find(0, path) });

const measured = (bytes: Uint8Array): string =>
  Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');

const checked = (statuses: ImageInfo['statuses']): Promise<unknown> =>
  vi.waitFor(() => expect(lastImage()?.statuses).toEqual(statuses));

test('opening an image gives its facts, and its digest follows as an event', async () => {
  const opened = await lab.handlers.open({ path: lab.image });
  expect(opened).toEqual({ images: [0], stores: [], notes: [] });
  const { images } = await lab.handlers.workspace({});
  expect(images[0]).toMatchObject({
    path: lab.image,
    name: 'small.cfs',
    kind: 'composefs',
    title: 'composefs image, format 0',
    bytes: 16384,
    problems: 0,
    counts: { entries: 13, objects: 4 },
    statuses: { unchecked: 3, 'no-digest': 1 },
  });
  const digest = await lab.until(() => lastImage()?.digest);
  // composefs-info measure-file small.cfs
  expect(digest).toBe('da03a3cb2b5b76330300ba1809ec88c8f39620503747926029bffb617b76e29e');
});

test('an image whose measuring is cancelled stays open, and can be measured again', async () => {
  const large = join(lab.folder, 'large.cfs');
  await writeFile(large, await readFile(lab.image));
  await truncate(large, 1 << 27);
  const { images } = await lab.handlers.open({ path: large });
  await setImmediate(); // it has begun
  for (let job = 0; job < 10; job += 1) await lab.handlers.cancelJob({ job });
  await lab.until(() => lastImage()?.noDigest);
  expect(lastImage()).toMatchObject({ noDigest: 'Measuring was cancelled.', digest: undefined });
  const [image] = images;
  expect(await lab.handlers.find({ image: image ?? -1, path: '/inline' })).toBeDefined();
  await lab.handlers.measure({ image: image ?? -1 });
  const digest = await lab.until(() => lastImage()?.digest);
  expect(digest).toBe(measured(await readFile(large)));
  expect(lastImage()?.noDigest).toBeUndefined();
});

test('a store beside the image is attached by itself, and every status told', async () => {
  await makeStore(join(lab.folder, 'objects'));
  const opened = await lab.handlers.open({ path: lab.image });
  expect(opened.stores).toEqual([0]);
  await checked({ unchecked: 1, 'no-digest': 1, missing: 1, 'size-mismatch': 1 });
  await lab.until(() => lastStores()?.find((store) => store.found === 3 && store.objects === 3));
  expect(lastStores()).toMatchObject([{ store: 0, kind: 'mkcomposefs', automatic: true }]);
});

test('a store that is attached, detached or mended changes the statuses', async () => {
  const store = join(lab.folder, 'elsewhere');
  await makeStore(store);
  await lab.handlers.open({ path: lab.image });
  expect((await lab.handlers.attachStore({ path: store })).stores).toEqual([0]);
  await checked({ unchecked: 1, 'no-digest': 1, missing: 1, 'size-mismatch': 1 });
  await putObject(store, 'missing');
  await lab.handlers.recheck({});
  await checked({ unchecked: 2, 'no-digest': 1, 'size-mismatch': 1 });
  await lab.handlers.detachStore({ store: 0 });
  await checked({ unchecked: 3, 'no-digest': 1 });
});

test('stores are searched in their order', async () => {
  const [first, second] = [join(lab.folder, 'first'), join(lab.folder, 'second')];
  await putObject(first, 'good', 'bad');
  await putObject(second, 'good');
  await lab.handlers.open({ path: lab.image });
  await lab.handlers.attachStore({ path: first });
  await lab.handlers.attachStore({ path: second });
  const { verity: wrong } = await detailsOf('/bin/good');
  expect(wrong).toMatchObject({ status: 'size-mismatch', store: 0, objectSize: 3 });
  expect(wrong?.message).toBe('The object has 3 bytes, the image says 100.');
  await lab.handlers.orderStores({ stores: [1, 0] });
  expect((await detailsOf('/bin/good')).verity).toMatchObject({
    status: 'unchecked',
    store: 1,
    objectPath: join(second, objectPath('good')),
  });
  expect(() => lab.handlers.orderStores({ stores: [1, 1] })).toThrow('each store once');
  expect(() => lab.handlers.orderStores({ stores: [1] })).toThrow('each store once');
});

test('the same file is not opened twice, whatever its path; a changed one is opened anew', async () => {
  const link = join(lab.folder, 'link');
  await symlink(lab.image, link);
  const [a, b] = await Promise.all([lab.handlers.open({ path: lab.image }), lab.handlers.open({ path: lab.image })]);
  expect([a.images, b.images]).toEqual([[0], [0]]);
  expect((await lab.handlers.open({ path: link })).images).toEqual([0]);
  await utimes(lab.image, 1, 1);
  const { images, notes } = await lab.handlers.open({ path: lab.image });
  expect(images).toEqual([1]);
  expect(notes).toEqual([`${lab.image} has changed on disk and was opened anew.`]);
  expect((await lab.handlers.workspace({})).images.map((image) => image.image)).toEqual([1]);
});

test('two paths to one file that are opened at once are one image', async () => {
  const link = join(lab.folder, 'link');
  await symlink(lab.image, link);
  const opened = await Promise.all([lab.handlers.open({ path: lab.image }), lab.handlers.open({ path: link })]);
  expect(new Set(opened.flatMap(({ images }) => images)).size).toBe(1);
});

test('objects that two images share are counted once', async () => {
  const second = join(lab.folder, 'second.cfs');
  await writeFile(second, await readFile(lab.image));
  await makeStore(join(lab.folder, 'objects'));
  await lab.handlers.open({ path: lab.image });
  await lab.handlers.open({ path: second });
  await lab.until(() => (lab.workspace.sessions.every((session) => session.checked) ? true : undefined));
  await vi.waitFor(() => expect(lastStores()).toMatchObject([{ found: 3, objects: 3 }]));
});

test('a folder with images opens them, each with its store', async () => {
  await makeStore(join(lab.folder, 'objects'));
  await writeFile(join(lab.folder, 'broken.cfs'), (await readFile(lab.image)).subarray(0, 1100));
  const opened = await lab.handlers.open({ path: lab.folder });
  expect(opened.images).toHaveLength(1);
  expect(opened.stores).toHaveLength(1);
});

test('a folder of nothing known is refused with a word on what to do, and can be attached as a store', async () => {
  const plain = join(lab.folder, 'plain');
  await mkdir(plain);
  await expect(lab.handlers.open({ path: plain })).rejects.toMatchObject({ code: 'unknown-layout', file: plain });
  expect((await lab.handlers.attachStore({ path: plain })).stores).toEqual([0]);
});

test('a broken image is an error with file and offset, and nothing stays open', async () => {
  await truncate(lab.image, 1100);
  await expect(lab.handlers.open({ path: lab.image })).rejects.toMatchObject({ code: 'truncated', file: lab.image });
  expect((await lab.handlers.workspace({})).images).toEqual([]);
});

test.skipIf(process.platform === 'win32')('a FIFO is refused at once', async () => {
  const fifo = join(lab.folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await expect(lab.handlers.open({ path: fifo })).rejects.toMatchObject({ code: 'ENXIO' });
});

test.each(['relative/path', '', ' '])('a path that is not absolute is refused: %j', async (path) => {
  await expect(async () => lab.handlers.open({ path })).rejects.toMatchObject({ code: 'invalid-path' });
});

test('closing an image closes its views and lets its store go', async () => {
  await makeStore(join(lab.folder, 'objects'));
  await lab.handlers.open({ path: lab.image });
  const { view } = await lab.handlers.createView({ image: 0, filter: '', sort: byName, showStubs: false });
  await lab.handlers.closeImage({ image: 0 });
  expect(await lab.handlers.workspace({})).toEqual({ images: [], stores: [], stacks: [] });
  expect(() => lab.handlers.rows({ view, from: 0, to: 1 })).toThrow(`There is no view ${view}.`);
});

test('a view under a verity filter follows the statuses by itself', async () => {
  await lab.handlers.open({ path: lab.image });
  const state = await lab.handlers.createView({ image: 0, filter: 'verity:missing', sort: byName, showStubs: false });
  expect(state).toMatchObject({ matches: 0, fault: undefined });
  await makeStore(join(lab.folder, 'store'));
  await lab.handlers.attachStore({ path: join(lab.folder, 'store') });
  const changed = await lab.until(() =>
    lab.events.findLast((event) => event[0] === 'viewChanged' && event[1].matches === 1),
  );
  expect(changed[1]).toMatchObject({ view: state.view, total: 3 });
  const rows = await lab.handlers.rows({ view: state.view, from: 0, to: 10 });
  expect(rows.map((row) => [row.name, row.verity])).toEqual([
    ['/', undefined],
    ['bin', undefined],
    ['missing', 'missing'],
  ]);
});

test('content comes from the image and through the store, in parts', async () => {
  await makeStore(join(lab.folder, 'objects'));
  await lab.handlers.open({ path: lab.image });
  const part = async (path: string, offset: number, length: number) =>
    lab.handlers.content({ image: 0, entry: await find(0, path), offset, length });
  expect(await part('/inline', 0, 100)).toEqual({
    bytes: new Uint8Array(Buffer.from('hello\n')),
    offset: 0,
    size: 6,
    type: 'text/plain',
  });
  expect(Buffer.from((await part('/inline', 2, 3)).bytes).toString()).toBe('llo');
  expect((await part('/inline', 6, 10)).bytes).toHaveLength(0);
  expect(await part('/bin/good', 5, 5)).toMatchObject({ offset: 5, size: 100, type: 'text/plain' });
  expect(Buffer.from((await part('/bin/good', 95, 50)).bytes).toString()).toBe('good\n');
  expect(await part('/empty', 0, 10)).toMatchObject({ size: 0, type: 'application/x-empty' });
  await expect(part('/bin/missing', 0, 1)).rejects.toMatchObject({
    code: 'ENOENT',
    file: join(lab.folder, 'objects', objectPath('missing')),
  });
  await expect(part('/bin', 0, 1)).rejects.toMatchObject({ code: 'unavailable' });
});

test('details decode what people ask about', async () => {
  await makeStore(join(lab.folder, 'objects'));
  await lab.handlers.open({ path: lab.image });
  const good = await detailsOf('/bin/good');
  expect(good).toMatchObject({
    path: '/bin/good',
    mtime: { seconds: '1700000000', nsec: 123456789 },
    digestAlgorithm: 'sha256',
    content: 'object',
    hardLinks: ['/bin/link'],
    row: { digest: digestOf('good'), redirect: objectPath('good'), kind: 'file', verity: 'unchecked' },
  });
  const decoded = good.xattrs.map(({ name, decoded: words }) => [name, words]);
  expect(decoded).toContainEqual(['security.capability', expect.stringContaining('cap_net_raw')]);
  expect(decoded).toContainEqual(['security.selinux', expect.stringContaining('bin_t')]);
  expect((await detailsOf('/bin/missing')).verity).toMatchObject({ status: 'missing', errno: 'ENOENT' });
  expect((await detailsOf('/bin/plain')).verity).toMatchObject({ status: 'no-digest' });
  expect((await detailsOf('/inline')).verity).toMatchObject({ status: 'inline', objectPath: undefined });
  expect(await detailsOf('/dev/null')).toMatchObject({ device: { major: 1, minor: 3 }, content: undefined });
  expect((await detailsOf('/symlink')).row.target).toBe('bin/good');
  expect((await detailsOf('/<img src=x onerror=alert(1)>')).row.name).toBe('<img src=x onerror=alert(1)>');
});

test('details see what has changed since the check, and tell', async () => {
  const store = join(lab.folder, 'objects');
  await makeStore(store);
  await lab.handlers.open({ path: lab.image });
  await checked({ unchecked: 1, 'no-digest': 1, missing: 1, 'size-mismatch': 1 });
  await rm(join(store, objectPath('good')));
  expect((await detailsOf('/bin/good')).verity?.status).toBe('missing');
  expect(lastImage()?.statuses).toEqual({ 'no-digest': 1, missing: 2, 'size-mismatch': 1 });
});

test('where an object is used is told over all open images', async () => {
  const second = join(lab.folder, 'second.cfs');
  await writeFile(second, await readFile(lab.image));
  await lab.handlers.open({ path: lab.image });
  await lab.handlers.open({ path: second });
  const { uses, omitted } = await lab.handlers.whereUsed({ image: 0, entry: await find(0, '/bin/link') });
  expect(omitted).toBe(0);
  expect(uses.map(({ imageName, path }) => [imageName, path])).toEqual([
    ['small.cfs', '/bin/good'],
    ['small.cfs', '/bin/link'],
    ['second.cfs', '/bin/good'],
    ['second.cfs', '/bin/link'],
  ]);
  expect(await lab.handlers.whereUsed({ image: 0, entry: await find(0, '/inline') })).toEqual({
    uses: [],
    omitted: 0,
  });
});

test('entries are described as text, in the order given', async () => {
  await lab.handlers.open({ path: lab.image });
  const entries = [await find(0, '/bin/missing'), await find(0, '/inline')];
  const describe = (format: 'path' | 'digest' | 'json' | 'row') => lab.handlers.describe({ image: 0, entries, format });
  expect(await describe('path')).toBe('/bin/missing\n/inline');
  expect(await describe('digest')).toBe(digestOf('missing'));
  expect(JSON.parse(await describe('json'))).toMatchObject([
    { path: '/bin/missing', uid: 1000, digest: digestOf('missing') },
    { path: '/inline', size: 6, verity: 'inline' },
  ]);
  expect((await describe('row')).split('\n')[1]).toBe('/inline\t6\t-rw-------\t0:0\t2023-11-14T22:13:20Z\t\t\tinline');
  expect(() => lab.handlers.describe({ image: 0, entries: [9999], format: 'path' })).toThrow('no entry 9999');
});

test('the raw inode is told field by field', async () => {
  await lab.handlers.open({ path: lab.image });
  const entry = await find(0, '/bin/good');
  const fields = await lab.handlers.fields({ image: 0, entry });
  const { inodeOffset, layout } = await detailsOf('/bin/good');
  expect(fields[0]).toMatchObject({ offset: inodeOffset, name: 'i_format' });
  expect(layout).toMatch(/^(compact|extended), /);
  expect(fields.find((field) => field.name === 'i_mtime_nsec')?.value).toBe('123456789');
});

test('saving writes the whole content, in place of what was there, and leaves nothing else', async () => {
  await makeStore(join(lab.folder, 'objects'));
  await lab.handlers.open({ path: lab.image });
  const target = join(lab.folder, 'saved', 'out');
  await mkdir(join(lab.folder, 'saved'));
  await writeFile(target, 'old and much longer than what is to come');
  const service = serviceHandlers(lab.workspace);
  const save = async (path: string, to = target) =>
    service.saveContent({ image: 0, entry: await find(0, path), path: to });
  expect(await save('/bin/good')).toEqual({ path: target, bytes: 100 });
  expect(await readFile(target, 'utf8')).toBe(contentOf('good'));
  expect(await save('/inline')).toEqual({ path: target, bytes: 6 });
  await expect(save('/bin/missing')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readFile(target, 'utf8')).toBe('hello\n');
  await expect(save('/inline', join(lab.folder, 'saved'))).rejects.toMatchObject({ code: 'EISDIR' });
  expect(execFileSync('ls', ['-A', join(lab.folder, 'saved')], { encoding: 'utf8' })).toBe('out\n');
});

test.skipIf(process.platform === 'win32')('saving replaces a symlink, and does not follow it', async () => {
  await lab.handlers.open({ path: lab.image });
  const target = join(lab.folder, 'target');
  const link = join(lab.folder, 'out');
  await writeFile(target, 'untouched');
  await symlink(target, link);
  await serviceHandlers(lab.workspace).saveContent({ image: 0, entry: await find(0, '/inline'), path: link });
  expect(await readFile(target, 'utf8')).toBe('untouched');
  expect(await readFile(link, 'utf8')).toBe('hello\n');
});

test('a check that is overtaken by another one changes nothing', async () => {
  const store = join(lab.folder, 'store');
  await makeStore(store);
  await lab.handlers.open({ path: lab.image });
  const attached = lab.handlers.attachStore({ path: store });
  await attached;
  await lab.handlers.detachStore({ store: 0 }); // while the look into it is under way
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await lab.handlers.workspace({})).images[0]?.statuses).toEqual({ unchecked: 3, 'no-digest': 1 });
});

test('an image that was moved away stays open', async () => {
  await lab.handlers.open({ path: lab.image });
  await rename(lab.image, `${lab.image}.away`);
  const entry = await find(0, '/inline');
  expect(await lab.handlers.content({ image: 0, entry, offset: 0, length: 9 })).toMatchObject({ size: 6 });
});
