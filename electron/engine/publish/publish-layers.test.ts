import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { createImage } from '../create/create-job.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { checkPublication, type PublicationCheck } from './check-publication.ts';
import { readManifest } from './manifest-file.ts';
import { publish, type Published, type PublishRequest } from './publish.ts';

let folder = '';
const at = (...names: string[]): string => join(folder, ...names);
const write = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-publish-layers-'));
  write(at('lower', 'etc', 'one'), 'one'.repeat(1000));
  write(at('lower', 'etc', 'two'), 'two'.repeat(1000));
  write(at('pack', 'etc', 'two'), 'another two'.repeat(1000));
  write(at('pack', 'three'), 'three'.repeat(100_000));
  execFileSync('tar', ['-C', at('pack'), '-cf', at('upper.tar'), '.']);
});
afterEach(() => rmSync(folder, { recursive: true }));

const layers = (): string[] => [at('lower'), at('upper.tar')];
const publishLayers = async (change: Partial<PublishRequest> = {}): Promise<Published> =>
  publish({
    images: [],
    layers: layers(),
    from: [],
    folder: at('out'),
    worker: await bundledStoreWorker(),
    ...change,
  });
const check = async (paths = layers()): Promise<PublicationCheck> =>
  checkPublication({
    folder: at('out'),
    sources: { images: [], layers: paths },
    worker: await bundledStoreWorker(),
  });
const openFile = (path: string) => openImage(readFileSync(path));
const filesIn = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .toSorted();

it('publishes an image of each layer and one of all: those that merging them makes', async () => {
  const { manifest, objects } = await publishLayers();
  expect(manifest.images.map(({ name }) => name)).toEqual(['merged', 'layer1', 'layer2']);
  expect(objects).toMatchObject({ objects: 4, written: 4 });
  const made = await createImage({ sources: layers(), openImage: openFile, worker: await bundledStoreWorker() });
  expect(manifest.images[0]?.digest).toBe(made.image.digest);
  expect(manifest.updates).toContainEqual({ have: 'layer1', want: 'merged', objects: 2, bytes: 11_000 + 500_000 });
  expect(await check()).toMatchObject({ faults: [], objects: 4, compared: 3 });
});

it('publishes image layers as the files that they are, and finds their objects in stores', async () => {
  await publishLayers();
  const images = ['layer1', 'layer2'].map((name) => at('out', 'images', `${name}.cfs`));
  const { manifest } = await publishLayers({ layers: images, from: [at('out', 'objects')], folder: at('again') });
  expect(manifest.images).toEqual((await readManifest(at('out'))).images);
  expect(filesIn(at('again'))).toEqual(filesIn(at('out')));
});

it('says that a source is not any more what was published', async () => {
  await publishLayers();
  appendFileSync(at('lower', 'etc', 'one'), 'x');
  const { faults } = await check();
  expect(faults.map(({ part, images }) => `${part} ${images.join()}`)).toEqual(['source merged', 'source layer1']);
  expect((await check([at('lower')])).faults).toMatchObject([
    { part: 'source', message: expect.stringContaining('gives an image of digest') },
  ]);
});

it('leaves nothing of a publication that is cancelled, and what was there before as it was', async () => {
  const abort = new AbortController();
  const run = publishLayers({ signal: abort.signal, folder: at('new', 'out') });
  abort.abort();
  await expect(run).rejects.toThrow('aborted');
  expect(existsSync(at('new'))).toBe(false);

  await publishLayers();
  const before = filesIn(at('out'));
  write(at('lower', 'etc', 'four'), 'four'.repeat(1000));
  for (const wait of [0, 5, 20]) {
    const later = new AbortController();
    const again = publishLayers({ signal: later.signal });
    setTimeout(() => later.abort(), wait);
    const ended = await again.then(
      () => true,
      () => false,
    );
    if (ended) break; // it was past where it can be cancelled
    expect(filesIn(at('out'))).toEqual(before);
    expect((await check([])).faults).toEqual([]);
  }
});

it('keeps the files of the publication before whole: another image of the same name gets another file', async () => {
  const before = await publishLayers();
  write(at('lower', 'etc', 'one'), 'changed'.repeat(1000));
  const { manifest } = await publishLayers();
  const [old, now] = [before.manifest.images[0], manifest.images[0]];
  expect(now?.file).toBe(`images/merged.${now?.digest.slice(0, 12) ?? ''}.cfs`);
  expect(statSync(at('out', old?.file ?? '')).size).toBe(old?.size);
  expect((await check()).faults).toEqual([]);
});

it('replaces a wrong object of the same size where the contents are read, and keeps it', async () => {
  const { manifest } = await publishLayers();
  const path = at('out', manifest.objects[0]?.path ?? '');
  const bytes = readFileSync(path);
  const { atime, mtime } = statSync(path);
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  const wrong = (await check()).faults;
  expect(wrong).toMatchObject([{ part: 'object', path, message: expect.stringContaining('has the digest') }]);
  expect(wrong[0]?.images).toContain('merged');
  const { objects } = await publishLayers({ checkContent: true });
  expect(objects.replaced).toMatchObject([{ path }]);
  expect((await check()).faults).toEqual([]);
});

it('refuses two images of one name, and an object in place of a link is no regular file', async () => {
  const { manifest } = await publishLayers();
  const image = at('out', 'images', 'layer1.cfs');
  mkdirSync(at('other'));
  writeFileSync(at('other', 'layer1.cfs'), readFileSync(image));
  const both = publishLayers({ images: [image, at('other', 'layer1.cfs')], layers: [], folder: at('both') });
  await expect(both).rejects.toThrow('two of the images are called layer1');
  expect(existsSync(at('both'))).toBe(false);
  const path = at('out', manifest.objects[1]?.path ?? '');
  rmSync(path);
  execFileSync('ln', ['-s', '/dev/zero', path]);
  expect((await check()).faults).toMatchObject([{ path, message: 'is no regular file' }]);
});
