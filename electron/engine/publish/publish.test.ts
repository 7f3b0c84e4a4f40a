import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { updatesOf } from '../../../shared/store/publish-manifest.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { objectPath, putObject, words } from '../testing/lab.ts';
import { fetchPlan, imageObjects } from './image-objects.ts';
import { checkPublication } from './check-publication.ts';
import { readManifest } from './manifest-file.ts';
import { publish, type Published } from './publish.ts';

let folder = '';
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-publish-'));
  copyFileSync(join(import.meta.dirname, '..', 'testdata', 'sound.cfs'), at('sound.cfs'));
  for (const word of words) await putObject(at('store'), word);
});
afterEach(() => rmSync(folder, { recursive: true }));

const publishAll = async (): Promise<Published> =>
  publish({
    images: [at('sound.cfs')],
    layers: [],
    from: [at('store')],
    folder: at('out'),
    worker: await bundledStoreWorker(),
  });
const faults = async (): Promise<readonly string[]> => {
  const checked = await checkPublication({ folder: at('out'), worker: await bundledStoreWorker() });
  return checked.faults.map(({ path, message }) => `${path.slice(at('out').length)} ${message}`);
};

it('holds the image, its objects and nothing else, and is right when it is read again', async () => {
  const { manifest, objects } = await publishAll();
  expect(objects).toMatchObject({ objects: words.length, written: words.length });
  expect(manifest).toEqual(await readManifest(at('out')));
  const [image] = manifest.images;
  expect(image).toMatchObject({ name: 'sound', file: 'images/sound.cfs', format: 0, objects: [...words.keys()] });
  expect(readFileSync(at('out', 'images', 'sound.cfs')).equals(readFileSync(at('sound.cfs')))).toBe(true);
  expect(manifest.objects.map(({ path }) => path)).toEqual(
    words.map((word) => `objects/${objectPath(word)}`).toSorted(),
  );
  expect(await faults()).toEqual([]);
  expect((await publishAll()).objects.written).toBe(0);
});

it('tells what is wrong with it: an object that grew, one that is gone, an image with a flipped bit', async () => {
  await publishAll();
  appendFileSync(at('out', 'objects', objectPath('good')), 'x');
  rmSync(at('out', 'objects', objectPath('plain')));
  const image = readFileSync(at('out', 'images', 'sound.cfs'));
  image[image.length - 1] = (image.at(-1) ?? 0) ^ 1;
  writeFileSync(at('out', 'images', 'sound.cfs'), image);
  const found = await faults();
  expect(found).toContainEqual(expect.stringContaining(`/objects/${objectPath('good')} has 101 bytes, and not 100`));
  expect(found).toContainEqual(`/objects/${objectPath('plain')} no such file or folder (ENOENT)`);
  expect(found).toContainEqual(expect.stringMatching(/^\/images\/sound\.cfs has the digest [0-9a-f]{64}, and not /));
});

it('writes no manifest where an object is nowhere, or is not what its name says', async () => {
  rmSync(at('store', objectPath('plain')));
  await expect(publishAll()).rejects.toThrow(`${objectPath('plain')} is not in`);
  await putObject(at('store'), 'plain', 'something else that is long enough\n'.repeat(3));
  await expect(publishAll()).rejects.toThrow('has the digest');
  await expect(readManifest(at('out'))).rejects.toThrow('no such file');
});

it('refuses a manifest that leads out of its folder, is of another version, or is none', async () => {
  await publishAll();
  const manifest = await readManifest(at('out'));
  const [object] = manifest.objects;
  const bad: readonly [unknown, string][] = [
    [{ ...manifest, version: 2 }, 'version'],
    [{ ...manifest, objects: [{ ...object, path: '../store/x' }] }, 'leads out of the folder'],
    [[], 'is no manifest'],
  ];
  for (const [value, why] of bad) {
    writeFileSync(at('out', 'manifest.json'), JSON.stringify(value));
    await expect(readManifest(at('out'))).rejects.toThrow(why);
  }
  writeFileSync(at('out', 'manifest.json'), '{"composcope": ');
  await expect(readManifest(at('out'))).rejects.toThrow('is no JSON');
});

it('counts what an update must fetch', () => {
  const objects = imageObjects(openImage(readFileSync(at('sound.cfs'))), 'sound.cfs');
  const [first, second, ...others] = objects;
  if (first === undefined || second === undefined) throw new Error('there are more');
  const plan = fetchPlan([[first], [second]], objects);
  expect(plan).toMatchObject({ fetch: others, kept: 2, keptBytes: first.size + second.size });
  const image = { file: 'x', size: 1, format: 0, digest: '', objectBytes: 0 };
  const images = [
    { ...image, name: 'a', objects: [0] },
    { ...image, name: 'b', objects: [0, 2] },
  ];
  const sized = [1, 20, 300].map((size) => ({ path: '', digest: '', size }));
  expect(updatesOf(images, sized)).toEqual([
    { have: 'a', want: 'b', objects: 1, bytes: 300 },
    { have: 'b', want: 'a', objects: 0, bytes: 0 },
  ]);
});
