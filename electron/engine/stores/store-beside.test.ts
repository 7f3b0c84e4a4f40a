import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validImage } from '../../../shared/testing/images.ts';
import { findStoresBeside } from './store-beside.ts';
import { digits, objectPath, plant, split, type Planted } from './testing/folder.ts';

const IMAGE = validImage('everything-v1.cfs');
const OBJECT = objectPath('object');
const META = '{"version":1,"algorithm":"fsverity-sha256-12"}';

describe('the store beside an image', () => {
  it.each<[string, Record<string, Planted>, string, string]>([
    ['in objects/', { 'a.cfs': IMAGE, [`objects/${OBJECT}`]: 'x' }, 'a.cfs', 'objects'],
    ['in objects/ that is still empty', { 'a.cfs': IMAGE, objects: { folder: true } }, 'a.cfs', 'objects'],
    ['in objects/ of a shape of its own', { 'a.cfs': IMAGE, 'objects/f1': 'x' }, 'a.cfs', 'objects'],
    ['in NAME.objects', { 'a.cfs': IMAGE, 'a.objects/x': 'x', 'b.objects/x': 'x' }, 'a.cfs', 'a.objects'],
    ['in its own folder', { 'a.cfs': IMAGE, [OBJECT]: 'x' }, 'a.cfs', '.'],
    ['one folder up', { 'images/a.cfs': IMAGE, [`objects/${OBJECT}`]: 'x' }, 'images/a.cfs', 'objects'],
    [
      'in the repository around it',
      { 'r/meta.json': META, [`r/objects/${OBJECT}`]: IMAGE, [`r/images/refs/os/now`]: IMAGE },
      'r/images/refs/os/now',
      'r/objects',
    ],
    [
      'that it is an object of',
      { 'r/meta.json': META, [`r/objects/${OBJECT}`]: IMAGE },
      `r/objects/${OBJECT}`,
      'r/objects',
    ],
    [
      'of the ostree system that deployed it',
      {
        [`ostree/deploy/os/deploy/${digits('c', 64)}.0/.ostree.cfs`]: IMAGE,
        'ostree/repo/config': '[core]\nmode=bare\n',
        [`ostree/repo/objects/${OBJECT}.file`]: 'x',
      },
      `ostree/deploy/os/deploy/${digits('c', 64)}.0/.ostree.cfs`,
      'ostree/repo/objects',
    ],
    [
      'of its containers-storage layer',
      { 'overlay/1/composefs-data/composefs.blob': IMAGE, [`overlay/1/diff/${OBJECT}`]: 'x' },
      'overlay/1/composefs-data/composefs.blob',
      'overlay/1/diff',
    ],
  ])('is found %s', async (_, tree, image, dataRoot) => {
    const folder = plant(tree);
    const stores = await findStoresBeside(folder.at(image));
    expect(stores.map((store) => store.dataRoot)).toEqual([folder.at(dataRoot)]);
    expect(stores[0]?.images).toEqual([]);
  });

  it('is found beside what a link leads to', async () => {
    const folder = plant({ 'there/a.cfs': IMAGE, [`there/objects/${OBJECT}`]: 'x' });
    mkdirSync(folder.at('here'));
    symlinkSync('../there/a.cfs', folder.at('here/now'));
    expect((await findStoresBeside(folder.at('here/now')))[0]?.dataRoot).toBe(folder.at('there/objects'));
  });

  it('is none where a folder far above merely looks like one, or nothing does', async () => {
    const digest = split(digits('object', 64));
    const folder = plant({ [digest]: 'x', 'a/b/c/d.cfs': IMAGE });
    expect(await findStoresBeside(folder.at('a/b/c/d.cfs'))).toEqual([]);
    expect(await findStoresBeside(folder.at('not/there.cfs'))).toEqual([]);
  });
});
