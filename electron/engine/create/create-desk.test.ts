import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDump } from '../../../shared/composefs/dump-reader/dump-reader.ts';
import { writeImage } from '../../../shared/composefs/writer/write-image.ts';
import type { CreateRequest, TreeOptions } from '../../../shared/contract/create-values.ts';
import { openLab, type Lab } from '../testing/lab.ts';

let lab: Lab;
let source: string;
beforeEach(async () => {
  lab = await openLab();
  source = join(lab.folder, 'source');
  mkdirSync(join(source, 'etc'), { recursive: true });
  writeFileSync(join(source, 'etc/large'), Buffer.alloc(100_000, 7));
  writeFileSync(join(source, 'etc/same'), Buffer.alloc(100_000, 7));
  writeFileSync(join(source, 'small'), 'small');
  linkSync(join(source, 'small'), join(source, 'linked'));
  symlinkSync('small', join(source, 'link'));
  execFileSync('mkfifo', [join(source, 'pipe')]);
  writeFileSync(Buffer.concat([Buffer.from(join(source, 'odd-')), Buffer.of(0xff)]), '');
});
afterEach(() => lab.close());

const tree: TreeOptions = { useEpoch: false, skipDevices: false, xattrs: 'all', hardlinks: false };
const requestOf = (change: Partial<CreateRequest> = {}): CreateRequest => ({
  sources: [source],
  tree,
  format: 'auto',
  threads: 2,
  checkContent: false,
  store: join(lab.folder, 'store'),
  image: join(lab.folder, 'made.cfs'),
  ...change,
});

test('says what an image would hold, and writes nothing', async () => {
  expect(await lab.handlers.sourceSummary({ sources: [source], tree })).toMatchObject({
    title: 'directory',
    entries: 9,
    files: 5,
    bytes: 200_010,
    backedFiles: 2,
    directories: 2,
    symlinks: 1,
    others: 1,
    hardLinks: 2,
    oddNames: 1,
    unreadableCount: 0,
  });
  expect(existsSync(join(lab.folder, 'store'))).toBe(false);
});

test('of layers it counts what the kernel shows of them', async () => {
  const upper = join(lab.folder, 'upper');
  mkdirSync(join(upper, 'etc'), { recursive: true });
  writeFileSync(join(upper, 'etc/same'), 'short');
  expect(await lab.handlers.sourceSummary({ sources: [source, upper], tree })).toMatchObject({
    entries: 9,
    bytes: 100_010,
    backedFiles: 1,
  });
});

test('makes the image and its objects once; the second time nothing is new, and the image is the same', async () => {
  const first = await lab.workspace.create.create(requestOf());
  expect(first).toMatchObject({
    kind: 'made',
    made: { entries: 9, objects: { objects: 1, bytes: 100_000, written: 1, writtenBytes: 100_000, replaced: [] } },
  });
  const again = await lab.workspace.create.create(requestOf({ image: join(lab.folder, 'again.cfs') }));
  expect(again).toMatchObject({ kind: 'made', made: { objects: { objects: 1, written: 0 } } });
  const bytes = readFileSync(join(lab.folder, 'made.cfs'));
  expect(readFileSync(join(lab.folder, 'again.cfs')).equals(bytes)).toBe(true);
});

test('of an image it makes the same one, and brings its objects from the store beside it', async () => {
  await lab.workspace.create.create(requestOf({ store: join(lab.folder, 'objects') }));
  const made = join(lab.folder, 'made.cfs');
  const image = join(lab.folder, 'again.cfs');
  const store = join(lab.folder, 'elsewhere/store');
  const again = await lab.workspace.create.create(requestOf({ sources: [made], image, store }));
  expect(again).toMatchObject({ kind: 'made', made: { objects: { objects: 1, written: 1, writtenBytes: 100_000 } } });
  expect(readFileSync(image).equals(readFileSync(made))).toBe(true);
  rmSync(join(lab.folder, 'objects'), { recursive: true });
  const refused = lab.workspace.create.create(requestOf({ sources: [made], image, store: join(lab.folder, 'bare') }));
  await expect(refused).rejects.toThrow('attached in the window');
});

test('a run that fails leaves no empty store, nor the folders that were made for it', async () => {
  await lab.workspace.create.create(requestOf());
  rmSync(join(lab.folder, 'store'), { recursive: true });
  const store = join(lab.folder, 'deep/er/store');
  const request = requestOf({ sources: [join(lab.folder, 'made.cfs')], store, image: join(lab.folder, 'again.cfs') });
  await expect(lab.workspace.create.create(request)).rejects.toThrow('attached in the window');
  expect(existsSync(join(lab.folder, 'deep'))).toBe(false);
  mkdirSync(join(lab.folder, 'deep/er'), { recursive: true });
  await expect(lab.workspace.create.create(request)).rejects.toThrow('attached in the window');
  expect(readdirSync(join(lab.folder, 'deep/er'))).toEqual([]);
  mkdirSync(store); // one that was there stays
  await expect(lab.workspace.create.create(request)).rejects.toThrow('attached in the window');
  expect(readdirSync(store)).toEqual([]);
});

test('xattrs are counted as they are kept, those of the tree and not those of the format', async () => {
  const dump = join(lab.folder, 'xattrs.dump');
  const digest = 'a'.repeat(64);
  writeFileSync(
    dump,
    '/ 0 40755 3 0 0 0 5.0 - - -\n' +
      '/both 0 100644 1 0 0 0 5.0 - - - security.b=1 user.a=1\n' +
      '/d 0 40755 2 0 0 0 5.0 - - - trusted.overlay.opaque=y\n' +
      '/linked 0 100644 2 0 0 0 5.0 - - - user.a=1\n' +
      '/link 0 @100644 - - - - 0.0 /linked - -\n' +
      `/object 9 100644 1 0 0 0 5.0 aa/${digest.slice(2)} - ${digest}\n`,
  );
  const upper = join(lab.folder, 'upper');
  mkdirSync(upper);
  const image = join(lab.folder, 'xattrs.cfs');
  writeFileSync(image, writeImage(openDump(readFileSync(dump)), { minVersion: 1, maxVersion: 1 }));
  const countOf = async (sources: string[], xattrs: TreeOptions['xattrs']) =>
    (await lab.handlers.sourceSummary({ sources, tree: { ...tree, xattrs } })).withXattrs;
  for (const sources of [[dump], [image]]) {
    expect(await countOf(sources, 'all')).toBe(4);
    expect(await countOf(sources, 'user')).toBe(3);
    expect(await countOf(sources, 'none')).toBe(0);
  }
  expect(await countOf([image, upper], 'user')).toBe(3);
});

test('never writes over a source, nor into one', async () => {
  for (const [sources, image] of [
    [[lab.image], lab.image],
    [[source], join(source, 'made.cfs')],
  ] as const) {
    const before = readFileSync(lab.image);
    await expect(lab.workspace.create.create(requestOf({ sources: [...sources], image }))).rejects.toThrow(image);
    expect(readFileSync(lab.image).equals(before)).toBe(true);
  }
  expect(existsSync(join(source, 'made.cfs'))).toBe(false);
});

test('cancelled, it leaves no image', async () => {
  const making = lab.workspace.create.create(requestOf());
  const timer = setInterval(() => {
    for (let id = 0; id < 10; id += 1) lab.handlers.cancelJob({ job: id });
  }, 0);
  await expect(making).rejects.toMatchObject({ name: 'AbortError' });
  clearInterval(timer);
  expect(existsSync(join(lab.folder, 'made.cfs'))).toBe(false);
});
