import { describe, expect, it } from 'vitest';
import { MountPlanSchema } from '../../shared/contract/mount-calls.ts';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { completeDraft, emptyDraft, tidyPath, type DraftContext, type MountDraft } from './plan.ts';

const image = (path: string, change: Partial<ImageInfo> = {}): ImageInfo => ({
  image: 0,
  path,
  name: path.split('/').at(-1) ?? '',
  kind: 'composefs',
  title: '',
  formatVersion: 1,
  bytes: 4096,
  counts: {
    entries: 9,
    directories: 1,
    files: 8,
    inlineFiles: 1,
    backedFiles: 7,
    emptyFiles: 0,
    symlinks: 0,
    devices: 0,
    fifos: 0,
    sockets: 0,
    whiteouts: 0,
    hardLinks: 0,
    objects: 7,
    objectBytes: 700,
    apparentBytes: 710,
  },
  noDigest: undefined,
  digest: undefined,
  algorithm: 'sha256',
  expected: undefined,
  digestFinding: undefined,
  signature: undefined,
  digestProblems: [],
  facts: [],
  problems: 0,
  statuses: {},
  openedInMs: 1,
  ...change,
});

const usr = image('/images/usr.cfs');
const digest = '4'.repeat(64);
const context = (change: Partial<DraftContext> = {}): DraftContext => ({
  images: [usr],
  selected: usr,
  stores: ['/srv/objects', '/srv/more'],
  mountpoints: [],
  canVerify: true,
  ...change,
});
const complete = (draft: Partial<MountDraft> = {}, change: Partial<DraftContext> = {}) =>
  completeDraft({ ...emptyDraft, ...draft }, context(change));

describe('a stack that is looked at', () => {
  const stack = image('/images/low.cfs', { kind: 'stack' });
  const low = { kind: 'composefs', path: '/images/low.cfs', isOn: true } as const;
  const upper = { kind: 'directory', path: '/upper', isOn: true } as const;

  it('is mounted by its layers that are on', () => {
    const off = { kind: 'tar', path: '/layer.tar', isOn: false } as const;
    expect(complete({}, { selected: stack, stack: [low, off, upper] }).plan?.layers).toEqual([
      { type: 'image', path: '/images/low.cfs' },
      { type: 'directory', path: '/upper' },
    ]);
  });

  it('cannot be where one of them is a tar, and says what to do', () => {
    const tar = { kind: 'tar', path: '/layer.tar', isOn: true } as const;
    const { plan, faults } = complete({}, { selected: stack, stack: [low, tar] });
    expect(plan).toBeUndefined();
    expect(faults).toEqual([expect.stringContaining('no tars')]);
  });
});

const named = (path: string, mountpoints: readonly string[] = []) =>
  complete(
    {
      layers: [
        { type: 'directory', path: '/low' },
        { type: 'image', path },
      ],
    },
    { mountpoints },
  ).name;

describe('completing the form of a mount', () => {
  it('mounts the selected image over all attached stores, in their order', () => {
    expect(complete().plan).toEqual({
      kind: 'overlay',
      layers: [{ type: 'image', path: '/images/usr.cfs' }],
      stores: ['/srv/objects', '/srv/more'],
      verity: 'require',
      writable: undefined,
      at: { name: 'usr' },
      allow: { suid: false, dev: false, exec: true },
    });
  });

  it('demands seals only where the kernel can hold objects to them, or where it is told to', () => {
    expect(complete({}, { canVerify: false }).plan?.verity).toBe('off');
    expect(complete({}, { canVerify: undefined }).plan?.verity).toBe('off');
    expect(complete({ verity: 'require' }, { canVerify: false }).plan?.verity).toBe('require');
  });

  it('takes the digest that the session expects, unless another is typed, or none', () => {
    const expected = { digest, algorithm: 'sha256', source: 'typed', optional: false } as const;
    const images = [image(usr.path, { expected })];
    const of = (digests: Readonly<Record<string, string>>) => complete({ digests }, { images }).plan?.layers[0]?.digest;
    expect(of({})).toBe(digest);
    expect(of({ [usr.path]: `sha256:${'A'.repeat(64)}` })).toBe('a'.repeat(64));
    expect(of({ [usr.path]: '' })).toBeUndefined();
  });

  it('mounts a plain EROFS image, and one that needs no object where no store is attached, as EROFS alone', () => {
    const plain = image('/images/plain.erofs', { kind: 'erofs' });
    expect(complete({}, { images: [plain], selected: plain }).plan).toMatchObject({
      kind: 'erofs',
      stores: [],
      verity: 'off',
    });
    const small = image('/images/small.cfs', { counts: { ...usr.counts, backedFiles: 0 } });
    expect(complete({}, { images: [small], selected: small, stores: [] }).kind).toBe('erofs');
    expect(complete({}, { images: [small], selected: small }).kind).toBe('overlay');
  });

  it('leaves out what an EROFS mount has not', () => {
    const writable = { upper: '/srv/upper', work: '/srv/work' };
    expect(complete({ kind: 'erofs', verity: 'require', writable }).plan).toMatchObject({
      stores: [],
      verity: 'off',
      writable: undefined,
    });
  });

  it('names the folder after the uppermost layer, in letters that need no care, and as no other mount', () => {
    expect(named('/a/usr.cfs', ['/run/x/usr', '/run/x/usr-2'])).toBe('usr-3');
    expect(named('/a/..my, image:1.EROFS')).toBe('my-image-1');
    expect(named('/a/日本.cfs')).toBe('image');
    expect(named(`/a/${'x'.repeat(255)}`)).toHaveLength(90);
  });

  it.each<readonly [string, Partial<MountDraft>, Partial<DraftContext>, RegExp]>([
    ['no image', {}, { images: [], selected: undefined }, /Choose an image/],
    ['an image that no kernel mounts', {}, { selected: image('/a', { kind: 'cfs' }) }, /Choose an image/],
    ['an overlay of one layer', { without: ['/srv/objects', '/srv/more'] }, {}, /needs a store, a second layer/],
    ['a digest cut off', { digests: { [usr.path]: '12ab' } }, {}, /Expected digest: It has 4 digits/],
    ['an upper without a work directory', { writable: { upper: '/up', work: '' } }, {}, /two folders/],
    ['a name with a slash', { name: 'a/b' }, {}, /folder’s name/],
    ['a name that is ..', { name: '..' }, {}, /folder’s name/],
    ['no folder', { place: 'directory' }, {}, /empty folder/],
    ['a relative folder', { place: 'directory', directory: 'mnt' }, {}, /empty folder/],
    ['a folder with ..', { place: 'directory', directory: '/mnt/../etc' }, {}, /empty folder/],
    [
      'several layers as EROFS',
      { kind: 'erofs', layers: [usr, image('/b')].map(({ path }) => ({ type: 'image', path })) },
      {},
      /one image/,
    ],
  ])('says what is wrong with %s', (_name, draft, change, words) => {
    const { plan, faults } = complete(draft, change);
    expect(plan).toBeUndefined();
    expect(faults.join(' ')).toMatch(words);
  });

  it('makes no plan that main refuses', () => {
    const layers = [undefined, [], [usr], [usr, image('/b')]].map((list) =>
      list?.map(({ path }) => ({ type: 'image' as const, path })),
    );
    let plans = 0;
    for (const kind of [undefined, 'overlay', 'erofs'] as const)
      for (const some of layers)
        for (const stores of [[], ['/srv/objects']])
          for (const writable of [undefined, { upper: '/u', work: '/w' }, { upper: '', work: '/w' }])
            for (const text of ['', digest, digest.repeat(2), 'zz'])
              for (const directory of [undefined, '', '/mnt/', '/mnt//a', 'mnt', '/a/./b', '/mnt\u0000']) {
                const place = directory === undefined ? 'own' : 'directory';
                const digests = { [usr.path]: text };
                const { plan } = complete(
                  { kind, layers: some, writable, digests, place, directory: directory ?? '' },
                  { stores },
                );
                if (plan === undefined) continue;
                plans += 1;
                expect(MountPlanSchema.safeParse(plan).error?.message).toBeUndefined();
              }
    expect(plans).toBeGreaterThan(100);
  });

  it('tidies a typed path', () => {
    expect(tidyPath(' /mnt//a/ ')).toBe('/mnt/a');
    expect(tidyPath('/')).toBe('/');
  });
});
