import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validImage } from '../../../shared/testing/images.ts';
import { countObjects } from './count-objects.ts';
import { openStore } from './open-store.ts';
import { MAX_IMAGES } from './store-found.ts';
import { asUser, digits, objectPath, plant, split, type Planted, type TestFolder } from './testing/folder.ts';

const IMAGE = validImage('everything-v1.cfs');
const CORE = (mode: string): string => `[core]\nrepo_version=1\nmode=${mode}\n`;
const META = JSON.stringify({
  version: 1,
  algorithm: 'fsverity-sha512-12',
  features: { compatible: [], 'read-only-compatible': ['v1_erofs'], incompatible: [] },
  erofs_formats: { default: 1 },
});

/** Some objects whose names have nothing to do with their content, as far as this test is concerned. */
function objects(prefix: string, suffix = '', length: 64 | 128 = 64): Record<string, Planted> {
  const names = ['a', 'b', 'c', 'd', 'e'].map((seed) => `${prefix}${objectPath(seed, length)}${suffix}`);
  return Object.fromEntries(names.map((name) => [name, 'content']));
}

/** Paths below the test's folder instead of on the machine. */
const relative = (folder: TestFolder, path: string | undefined): string | undefined => path?.replace(folder.path, '.');

const sha256Path = (content: string): string => split(createHash('sha256').update(content).digest('hex'));

/** Id of a containers-storage layer. */
const id = (seed: string): string => digits(seed, 64);

/** The images of the first store that a folder is. */
const images = async (folder: TestFolder, path = folder.path): Promise<readonly (string | undefined)[]> =>
  ((await openStore(path))[0]?.images ?? []).map((image) => relative(folder, image));

describe('a folder that is given as a store', () => {
  it.each<[string, Record<string, Planted>, string, string, string]>([
    ['a digest store of mkcomposefs', objects(''), '.', 'mkcomposefs', 'mkcomposefs digest store'],
    [
      'one in objects/',
      { ...objects('objects/'), readme: 'x' },
      './objects',
      'mkcomposefs',
      'mkcomposefs digest store',
    ],
    [
      'a composefs-rs repository',
      { 'meta.json': META, ...objects('objects/', '', 128) },
      './objects',
      'composefs-rs',
      'composefs-rs repository (SHA-512, image format 1)',
    ],
    [
      'one from before meta.json',
      { 'images/refs': { folder: true }, streams: { folder: true }, ...objects('objects/', '', 128) },
      './objects',
      'composefs-rs',
      'composefs-rs repository without meta.json (SHA-512)',
    ],
    [
      'an empty composefs-rs repository',
      { 'meta.json': META, objects: { folder: true } },
      './objects',
      'composefs-rs',
      'composefs-rs repository (SHA-512, image format 1)',
    ],
    [
      'a bare ostree repository',
      { config: CORE('bare'), 'refs/heads': { folder: true }, ...objects('objects/', '.file') },
      './objects',
      'ostree',
      'ostree repository (bare)',
    ],
    [
      'a bare-user one in repo/',
      { 'repo/config': CORE('bare-user'), ...objects('repo/objects/', '.file') },
      './repo/objects',
      'ostree',
      'ostree repository (bare-user)',
    ],
    [
      'the sysroot of an ostree system',
      { 'ostree/repo/config': CORE('bare'), ...objects('ostree/repo/objects/', '.file') },
      './ostree/repo/objects',
      'ostree',
      'ostree repository (bare)',
    ],
    [
      'the root of an ostree system',
      { 'sysroot/ostree/repo/config': CORE('bare'), ...objects('sysroot/ostree/repo/objects/', '.file') },
      './sysroot/ostree/repo/objects',
      'ostree',
      'ostree repository (bare)',
    ],
  ])('%s is recognised', async (_, tree, dataRoot, kind, title) => {
    const folder = plant(tree);
    const [store, ...others] = await openStore(folder.path);
    expect(others).toEqual([]);
    expect(store).toMatchObject({ path: folder.path, kind, title, note: undefined, images: [], certain: true });
    expect(relative(folder, store?.dataRoot)).toBe(dataRoot);
  });

  it.each([
    ['ostree', { config: CORE('bare'), ...objects('objects/', '.file') }, 'ostree repository (bare)'],
    [
      'composefs-rs',
      { 'meta.json': META, ...objects('objects/', '', 128) },
      'composefs-rs repository (SHA-512, image format 1)',
    ],
  ])('objects/ of a repository itself is told by what lies beside it: %s', async (kind, tree, title) => {
    const folder = plant(tree);
    const [store] = await openStore(folder.at('objects'));
    expect(store).toMatchObject({ kind, title, path: folder.at('objects'), dataRoot: folder.at('objects') });
  });

  it('an archive repository says that it cannot back a mount', async () => {
    const folder = plant({ config: CORE('archive-z2'), ...objects('objects/', '.filez') });
    expect((await openStore(folder.path))[0]?.note).toMatch(/archive repository cannot back a mount/);
  });

  it('a repository with an unknown feature says so', async () => {
    const meta = { version: 1, algorithm: 'fsverity-sha256-12', features: { incompatible: ['teleport'] } };
    const folder = plant({ 'meta.json': JSON.stringify(meta), ...objects('objects/') });
    expect((await openStore(folder.path))[0]?.note).toMatch(/unknown incompatible feature “teleport”/);
  });

  it('objects that bear the SHA-256 of their content are those of containers-storage', async () => {
    const contents = ['one', 'two and more'];
    const folder = plant(Object.fromEntries(contents.map((content) => [sha256Path(content), content])));
    const title = 'objects named by SHA-256 (containers-storage)';
    expect((await openStore(folder.path))[0]).toMatchObject({ kind: 'containers-storage', title });
  });

  it('any other folder is a plain store, with a word about it', async () => {
    const folder = plant({ 'etc/motd': 'hello', '00/photo.jpg': 'x' });
    const [store] = await openStore(folder.path);
    expect(store).toMatchObject({ kind: 'plain', dataRoot: folder.path, certain: false });
    expect(store?.note).toMatch(/no known layout/);
  });

  it('what is no folder, or not there, is an error that says so', async () => {
    const folder = plant({ file: 'x', pipe: { fifo: true } });
    await expect(openStore(folder.at('file'))).rejects.toMatchObject({ code: 'ENOTDIR', path: folder.at('file') });
    await expect(openStore(folder.at('pipe'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(openStore(folder.at('none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('a folder that may not be listed is an error, one whose objects may not be entered has a note', async () => {
    const folder = plant({ 'closed/a': 'x', 'repo/config': CORE('bare'), ...objects('repo/objects/', '.file') });
    chmodSync(folder.at('closed'), 0o700);
    chmodSync(folder.at('repo/objects'), 0o700);
    await asUser(async () => {
      if (process.geteuid?.() === 0 || process.getuid?.() === process.geteuid?.()) return; // the owner may
      await expect(openStore(folder.at('closed'))).rejects.toMatchObject({ code: 'EACCES' });
      expect((await openStore(folder.at('repo')))[0]?.note).toMatch(/objects: permission denied \(EACCES\)/);
    });
  });

  it('a FIFO in place of a config or an object is not waited for', async () => {
    const folder = plant({
      config: { fifo: true },
      'meta.json': { fifo: true },
      [objectPath('a')]: { fifo: true },
      'b.cfs': { fifo: true },
    });
    expect((await openStore(folder.path))[0]).toMatchObject({ dataRoot: folder.path, images: [] });
  });
});

describe('the images that a folder holds', () => {
  it('are those that lie in it, by their content', async () => {
    const tree = { 'b.img': IMAGE, 'a.cfs': IMAGE, 'no.cfs': 'text', 'plain.erofs': validImage('plain.erofs') };
    const folder = plant({ ...tree, 'link.cfs': { link: '/etc/passwd' }, ...objects('objects/') });
    expect(await images(folder)).toEqual(['./a.cfs', './b.img', './plain.erofs']);
    expect(await images(folder, folder.at('objects'))).toEqual([]);
  });

  it('of a composefs-rs repository are those under images/, named ones first', async () => {
    // In the order of their digits, since that is the order of what has no name.
    const [one = '', two = '', three = ''] = ['one', 'two', 'three'].map((seed) => digits(seed, 128)).toSorted();
    const gone = digits('gone', 128);
    const folder = plant({
      'meta.json': META,
      [`objects/${split(one)}`]: IMAGE,
      [`objects/${split(two)}`]: IMAGE,
      [`objects/${split(three)}`]: IMAGE,
      [`images/${one}`]: { link: `../objects/${split(one)}` },
      [`images/${two}`]: { link: `../objects/${split(two)}` },
      [`images/${three}`]: `../objects/${split(three)}\n`, // an archiver made text of the link
      [`images/${gone}`]: { link: `../objects/${split(gone)}` },
      [`images/${digits('evil', 128)}`]: { link: '/etc/passwd' },
      [`images/${digits('up', 128)}`]: { link: `../../../objects/${split(one)}` },
      'images/refs/os/current': { link: `../../${two}` },
      'images/refs/os/foreign': { link: `../../../elsewhere/${three}` },
      [`elsewhere/${three}`]: IMAGE,
      'images/refs/loop': { link: '.' },
    });
    const [store] = await openStore(folder.path);
    expect(store?.images.map((image) => relative(folder, image))).toEqual([
      './images/refs/os/current',
      `./objects/${split(three)}`, // its name leads elsewhere, so the object itself
      `./images/${one}`,
    ]);
    expect(store?.note).toBe('1 link under images/ without an object; 2 names under images/ leading elsewhere');
    expect(await images(folder, folder.at('images'))).toHaveLength(3);
  });

  it('of ostree deployments are their .ostree.cfs', async () => {
    const [first, second] = [0, 1].map((n) => `ostree/deploy/heron/deploy/${digits('commit', 64)}.${n}`);
    const folder = plant({
      'ostree/repo/config': CORE('bare'),
      ...objects('ostree/repo/objects/', '.file'),
      [`${first}/.ostree.cfs`]: IMAGE,
      [`${second}/usr/bin/x`]: 'no image',
      [`${first}.origin`]: '[origin]',
    });
    const expected = [`./${first}/.ostree.cfs`];
    expect(await images(folder)).toEqual(expected);
    expect(await images(folder, folder.at('ostree/repo'))).toEqual(expected);
  });

  it('of a bootc system are those of its deployments first', async () => {
    const [early = '', late = ''] = ['early', 'late'].map((seed) => digits(seed, 128)).toSorted();
    const folder = plant({
      'composefs/meta.json': META,
      [`composefs/objects/${split(early)}`]: IMAGE,
      [`composefs/objects/${split(late)}`]: IMAGE,
      [`composefs/images/${early}`]: { link: `../objects/${split(early)}` },
      [`composefs/images/${late}`]: { link: `../objects/${split(late)}` },
      [`state/deploy/${late}/etc`]: { folder: true },
      [`state/deploy/${digits('lost', 128)}/etc`]: { folder: true },
    });
    const [store] = await openStore(folder.path);
    expect(store).toMatchObject({ kind: 'composefs-rs', dataRoot: folder.at('composefs/objects') });
    expect(store?.images.map((image) => relative(folder, image))).toEqual([
      `./composefs/images/${late}`,
      `./composefs/images/${early}`,
    ]);
    expect(store?.note).toBe('1 of 2 bootc deployments have no image of their name');
  });

  it(`are listed up to ${MAX_IMAGES}, and the note says that there are more`, async () => {
    const names = Array.from({ length: MAX_IMAGES + 3 }, (_, i) => `${i}.cfs`);
    const folder = plant(Object.fromEntries(names.map((name) => [name, IMAGE])));
    const [store] = await openStore(folder.path);
    expect(store?.images).toHaveLength(MAX_IMAGES);
    expect(store?.note).toMatch(/holds 67 images: the first 64 are listed/);
  });
});

/** Three composefs layers, `top` on `middle` on `base`, and one that was never converted. */
function graphRoot(): TestFolder {
  const layer = (seed: string, short: string): Record<string, Planted> => ({
    [`overlay/${id(seed)}/composefs-data/composefs.blob`]: IMAGE,
    [`overlay/${id(seed)}/link`]: short,
    [`overlay/l/${short}`]: { link: `../${id(seed)}/diff` },
    ...objects(`overlay/${id(seed)}/diff/`),
  });
  return plant({
    ...layer('top', 'TTTT'),
    ...layer('middle', 'MMMM'),
    ...layer('base', 'BBBB'),
    [`overlay/${id('plain')}/diff/etc/motd`]: 'hello',
    [`overlay/${id('top')}/lower`]: 'l/MMMM:l/BBBB:l/GONE',
    'overlay-layers/layers.json': '[]',
  });
}

describe('containers-storage', () => {
  it.each(['', '/composefs-data', '/diff'])(
    'gives a layer%s its own objects first, then its parents’',
    async (part) => {
      const folder = graphRoot();
      const stores = await openStore(folder.at(`overlay/${id('top')}${part}`));
      expect(stores.map((store) => relative(folder, store.dataRoot))).toEqual(
        ['top', 'middle', 'base'].map((seed) => `./overlay/${id(seed)}/diff`),
      );
      expect(stores.map((store) => store.images.map((image) => relative(folder, image)))).toEqual([
        [`./overlay/${id('top')}/composefs-data/composefs.blob`],
        [],
        [],
      ]);
      expect(stores[0]?.note).toBe('1 of its 3 parent layers are not there');
    },
  );

  it('finds the parents by their own short names where the links are lost', async () => {
    const folder = graphRoot();
    execFileSync('rm', ['-r', folder.at('overlay/l')]);
    const stores = await openStore(folder.at(`overlay/${id('top')}`));
    expect(stores).toHaveLength(3);
  });

  it('does not follow a short link that leads elsewhere', async () => {
    const folder = graphRoot();
    execFileSync('rm', [folder.at('overlay/l/MMMM'), folder.at(`overlay/${id('middle')}/link`)]);
    symlinkSync('/etc', folder.at('overlay/l/MMMM'));
    const stores = await openStore(folder.at(`overlay/${id('top')}`));
    expect(stores.map((store) => relative(folder, store.dataRoot))).toEqual(
      ['top', 'base'].map((seed) => `./overlay/${id(seed)}/diff`),
    );
  });

  it.each(['.', 'overlay'])('as a whole (%s) is every layer with its image', async (part) => {
    const folder = graphRoot();
    const stores = await openStore(folder.at(part));
    expect(stores.map((store) => store.images.length)).toEqual([1, 1, 1]);
    expect(stores.every((store) => store.kind === 'containers-storage')).toBe(true);
    expect(stores[0]?.note).toBe('1 of 4 layers have no composefs image');
  });
});

it('counts the objects of a store, and nothing else in it', async () => {
  const folder = plant({
    ...objects('objects/', '.file'),
    [`objects/${objectPath('m')}.dirtree`]: 'metadata',
    'objects/aa/.tmpX1': 'left over',
    'objects/zz/x': 'x',
  });
  expect(await countObjects(folder.at('objects'))).toBe(5);
  expect(await countObjects(folder.at('none'))).toBe(0);
});
