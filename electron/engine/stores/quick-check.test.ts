import { chmodSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import { dir, file, imageOf, type NodeAttributes } from '../../../shared/testing/table-of.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { indexObjects } from '../../../shared/tree/objects.ts';
import { lookup, pathOf } from '../../../shared/tree/path.ts';
import { bytesOfText } from '../../../shared/tree/text.ts';
import { openStore } from './open-store.ts';
import { NO_ROOT, quickCheck, type QuickCheckOptions, type QuickResult } from './quick-check.ts';
import { asUser, digits, objectPath, plant } from './testing/folder.ts';

const DIGEST = digits('any', 64);
const object = (redirect: string, size: number, more: NodeAttributes = {}) => ({
  redirect,
  size,
  digest: DIGEST,
  ...more,
});

/** Looks at every file of a one-folder image; gives status by name and the whole result. */
async function look(
  files: Readonly<Record<string, NodeAttributes>>,
  dataRoots: readonly string[],
  options?: QuickCheckOptions,
): Promise<{ readonly result: QuickResult; readonly status: (path: string) => VerityStatus | undefined }> {
  const image = imageOf(
    dir(Object.fromEntries(Object.entries(files).map(([name, attributes]) => [name, file(attributes)]))),
  );
  return lookAt(image, dataRoots, options);
}

async function lookAt(image: Image, dataRoots: readonly string[], options?: QuickCheckOptions) {
  const objects = indexObjects(image);
  const result = await quickCheck(image, objects, dataRoots, options);
  const status = (path: string): VerityStatus | undefined => {
    const entry = lookup(image.table, bytesOfText(path)) ?? -1;
    return verityStatuses[result.status[objects.ofEntry[entry] ?? -1] ?? -1];
  };
  return {
    result,
    status,
    objectAt: (path: string) => objects.ofEntry[lookup(image.table, bytesOfText(path)) ?? -1] ?? -1,
  };
}

describe('a look at all objects', () => {
  it('tells what a look can tell', async () => {
    const folder = plant({
      'aa/right': 'four',
      'aa/short': 'fo',
      'aa/long': 'fours',
      'aa/bare': 'four',
      'aa/folder': { folder: true },
      'aa/link': { link: 'right' },
      bb: 'no folder',
    });
    const { result, status } = await look(
      {
        right: object('aa/right', 4),
        short: object('aa/short', 4),
        long: object('aa/long', 4),
        bare: { redirect: 'aa/bare', size: 4 },
        gone: object('aa/gone', 4),
        goneBare: { redirect: 'aa/gone-too', size: 4 },
        nowhere: object('cc/gone', 4),
        folder: object('aa/folder', 4),
        link: object('aa/link', 4),
        below: object('bb/x', 4),
        up: object('../x', 4),
      },
      [folder.path],
    );
    expect(
      Object.fromEntries(
        ['right', 'short', 'long', 'bare', 'gone', 'goneBare', 'nowhere', 'folder', 'link', 'below', 'up'].map(
          (name) => [name, status(`/${name}`)],
        ),
      ),
    ).toEqual({
      right: 'unchecked',
      short: 'size-mismatch',
      long: 'size-mismatch',
      bare: 'no-digest',
      gone: 'missing',
      goneBare: 'missing',
      nowhere: 'missing',
      folder: 'unreadable',
      link: 'unreadable',
      below: 'missing',
      up: 'unreadable',
    });
    expect(result.counts).toEqual({ unchecked: 1, 'size-mismatch': 2, 'no-digest': 1, missing: 4, unreadable: 3 });
    expect([...result.reasons.values()].map(({ errno }) => errno).toSorted()).toEqual(['EISDIR', 'ELOOP', 'EXDEV']);
    expect(result.rootProblems.size).toBe(0);
  });

  it('searches the data roots in order, and says which one has an object and with what size', async () => {
    const folder = plant({ 'one/aa/x': 'in one', 'two/aa/x': 'in two!', 'two/aa/y': 'y' });
    const image = imageOf(dir({ x: file(object('aa/x', 6)), y: file(object('aa/y', 1)), z: file(object('aa/z', 1)) }));
    const roots = [folder.at('one'), folder.at('two')];
    const forth = await lookAt(image, roots);
    expect([...forth.result.root]).toEqual([0, 1, NO_ROOT]);
    expect([...forth.result.size]).toEqual([6, 1, Number.NaN]);
    expect(forth.status('/x')).toBe('unchecked');
    const back = await lookAt(image, roots.toReversed());
    expect([...back.result.root]).toEqual([0, 0, NO_ROOT]);
    expect(back.status('/x')).toBe('size-mismatch'); // the first that has the path has it, right or wrong
  });

  it('looks once at an object that two files share', async () => {
    const folder = plant({ 'aa/x': 'four' });
    const { result, status } = await look({ a: object('aa/x', 4), b: object('aa/x', 4) }, [folder.path]);
    expect(result.status).toHaveLength(1);
    expect([status('/a'), status('/b')]).toEqual(['unchecked', 'unchecked']);
  });

  it('finds nothing bad where no store is attached, for nobody looked', async () => {
    const { result } = await look({ a: object('aa/x', 4), b: { redirect: 'aa/y', size: 4 } }, []);
    expect(result.counts).toEqual({ unchecked: 1, 'no-digest': 1 });
  });

  it('says of a data root that is not there', async () => {
    const folder = plant({ 'one/aa/x': 'four', file: 'x' });
    const roots = ['none', 'file', 'one'].map(folder.at);
    const { result, status } = await look({ a: object('aa/x', 4) }, roots);
    expect(status('/a')).toBe('unchecked');
    expect([...result.rootProblems].map(([root, { errno }]) => [root, errno])).toEqual([
      [0, 'ENOENT'],
      [1, 'ENOTDIR'],
    ]);
  });

  it('says that an object may not be read, but not of one whose size is wrong anyway', async () => {
    const folder = plant({ 'aa/x': 'four', 'aa/y': 'four', 'store/aa/z': 'z' });
    for (const name of ['aa/x', 'aa/y', 'store']) chmodSync(folder.at(name), 0o000);
    await asUser(async () => {
      if (process.geteuid?.() === 0) return; // nothing is forbidden to root
      const files = { x: object('aa/x', 4), y: object('aa/y', 5), z: object('aa/z', 1) };
      const { result, status } = await look(files, [folder.path, folder.at('store')]);
      expect([status('/x'), status('/y'), status('/z')]).toEqual(['unreadable', 'size-mismatch', 'unreadable']);
      expect(result.rootProblems.get(1)).toMatchObject({ errno: 'EACCES' });
    });
    chmodSync(folder.at('store'), 0o700); // so that it can be removed
  });

  it('ends with the reason of its signal', async () => {
    const folder = plant({ 'aa/x': 'four' });
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, object(`aa/${i}`, 4)]));
    const control = new AbortController();
    const running = look(files, [folder.path], { signal: control.signal });
    control.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('tells how far it is, and leaves the event loop to others', async () => {
    // Every look-up here is answered from memory, the case that never waits for the disk.
    const folder = plant();
    const files = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, object(`aa/${i}`, 4)]));
    let turns = 0;
    const beat = setInterval(() => (turns += 1), 1);
    const told: number[] = [];
    await look(files, [folder.path], { onProgress: (done, total) => told.push(done, total) });
    clearInterval(beat);
    expect(told.slice(-2)).toEqual([20_000, 20_000]);
    expect(turns).toBeGreaterThan(1);
  });

  it('takes a store of many objects in a moment', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => objectPath(`many ${i}`));
    const folder = plant(Object.fromEntries(names.slice(0, 1000).map((name) => [name, 'four'])));
    const files = Object.fromEntries(names.map((name) => [name.replace('/', '-'), object(name, 4)]));
    const { result } = await look(files, [folder.path]);
    expect(result.counts).toEqual({ unchecked: 1000, missing: 1000 });
  });
});

const demo = (name: string): string => fileURLToPath(new URL(`../../../assets/demo/${name}`, import.meta.url));

it('shows every wound of the demo', async () => {
  const image = openImage(await readFile(demo('demo.cfs')));
  const { result, status } = await lookAt(image, [demo('objects')]);
  expect(status('/usr/lib/firmware/radar.bin')).toBe('missing');
  expect(status('/var/lib/heron/observations.db')).toBe('size-mismatch');
  expect(status('/etc/ssl/heron-root.pem')).toBe('unreadable');
  expect(status('/usr/share/heron/gallery/egret.txt')).toBe('unreadable');
  expect(status('/usr/lib/firmware/blink.fw')).toBe('no-digest');
  expect(status('/usr/share/heron/birds.json')).toBe('unchecked'); // its bits are flipped: only a hash finds out
  expect(status('/usr/lib/libheron-legacy.so.3.9.1')).toBe('unchecked');
  expect(result.counts).toEqual({ unchecked: 24, 'no-digest': 1, missing: 1, 'size-mismatch': 1, unreadable: 2 });
});

const fixture = (name: string): string => fileURLToPath(new URL(`../../../e2e/fixtures/${name}`, import.meta.url));

describe('the fixtures of the end-to-end tests', () => {
  it('hold a store with a missing and a truncated object', async () => {
    const image = openImage(await readFile(fixture('wounded/wounded.cfs')));
    const { status, result } = await lookAt(image, [fixture('wounded/objects')]);
    expect([status('/missing'), status('/cut-short')]).toEqual(['missing', 'size-mismatch']);
    expect(result.counts).toEqual({ missing: 1, 'size-mismatch': 1, unchecked: 2 });
  });

  it('hold a composefs-rs repository with SHA-512, whose images find all objects', async () => {
    const [store] = await openStore(fixture('repository'));
    expect(store?.title).toBe('composefs-rs repository (SHA-512, image format 2)');
    expect(store?.images).toHaveLength(2);
    expect(store?.images[0]).toBe(fixture('repository/images/refs/os/current'));
    for (const path of store?.images ?? []) {
      const image = openImage(await readFile(path));
      expect([image.formatVersion, image.problems]).toEqual([2, []]);
      const { result } = await lookAt(image, [store?.dataRoot ?? '']);
      expect(result.counts).toEqual({ unchecked: 2 });
    }
  });

  it('hold an image of which a part is broken and the rest is not', async () => {
    const image = openImage(await readFile(fixture('broken.cfs')));
    const broken = image.problems
      .filter(({ severity }) => severity === 'error')
      .map(({ entry }) => pathOf(image.table, entry ?? 0));
    expect(broken).toEqual(['/etc/broken-layout', '/etc/loop/around', '/etc/shadowless']);
    const { result } = await lookAt(image, [fixture('store-elsewhere')]);
    expect(result.counts).toEqual({ unchecked: 3, 'no-digest': 1 });
  });
});
