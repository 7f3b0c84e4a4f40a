import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { Random } from '../../shared/testing/random.ts';
import { makeRealTree } from '../engine/create/testing/random-real-tree.ts';
import { setXattr } from '../engine/layers/testing/random-layers.ts';

aloneWithMounts();

/** What the kernel shows of our mounts is held against what our engine says of the same images: `diff`, entry by entry. */

const isAble =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  ['erofs', 'overlay'].every((type) => readFileSync('/proc/filesystems', 'utf8').includes(`\t${type}\n`));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command line as it is built: root's, with its helper. */
function run(...argv: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/cli/composcope.mjs'), ...argv]);
  return { status, out: stdout.toString('latin1'), err: stderr.toString() };
}

let folder = '';
let at = '';
let mountsBefore: readonly string[] = [];

beforeAll(() => {
  if (!isAble) return;
  expect(spawnSync(process.execPath, [join(root, 'electron/setup/build.mjs')]).status).toBe(0); // the helper is a file
  folder = mkdtempSync(join(tmpdir(), 'composcope-mounted-'));
  // a tmpfs takes trusted and user attributes, and is fast
  expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
  at = join(folder, 'at');
  mkdirSync(at);
  mountsBefore = mountLines();
}, 120_000);
afterEach(() => {
  if (isAble) expect(mountLines()).toEqual(mountsBefore);
});
afterAll(() => {
  if (!isAble) return;
  spawnSync('umount', ['-l', at]);
  spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true });
});

const mountLines = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));

/** A folder that is not there yet. */
let made = 0;
const fresh = (name: string): string => join(folder, `${name}-${(made += 1)}`);

/** An image of a random tree, with its objects in `store`. */
function imageOf(seed: number, store: string): string {
  const [source, image] = [fresh('source'), `${fresh('image')}.cfs`];
  mkdirSync(source);
  makeRealTree(source, new Random(seed));
  // what stands for a whiteout is one to the kernel, too, and hides
  for (const path of whiteoutsOf(Buffer.from(source))) unlinkSync(path);
  expect(run('create', source, image, '--store', store)).toMatchObject({ status: 0 });
  return image;
}

function whiteoutsOf(path: Buffer): readonly Buffer[] {
  return readdirSync(path, { encoding: 'buffer' }).flatMap((name) => {
    const child = Buffer.concat([path, Buffer.from('/'), name]);
    const stats = lstatSync(child);
    if (stats.isDirectory()) return whiteoutsOf(child);
    return stats.isCharacterDevice() && stats.rdev === 0 ? [child] : [];
  });
}

/** Mounts, looks, and unmounts, whatever is seen. */
function mounted(words: readonly string[], look: () => void): void {
  const { status, err } = run('mount', ...words);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  try {
    look();
  } finally {
    expect(run('umount', at)).toEqual({ status: 0, out: '', err: '' });
  }
}

/** That two sides are the same: no line, and nothing that could not be compared. */
function expectSame(a: string, b: string, ...more: readonly string[]): void {
  const { out, err, status } = run('diff', a, b, ...more);
  const first = out.split('\n').slice(0, 10);
  expect({ err, first, status }).toMatchObject({
    err: '',
    first: [expect.stringMatching(/^no differences/), ''],
    status: 0,
  });
}

describe.skipIf(!isAble)('what is mounted is what the engine says', () => {
  test.each([1, 2, 3, 4])('of an image: seed %i', { timeout: 60_000 }, (seed) => {
    const store = fresh('store');
    const image = imageOf(seed, store);
    mounted([image, at, '--store', store], () => expectSame(image, at, '--store', store));
  });

  test('and what differs is noticed', { timeout: 60_000 }, () => {
    const store = fresh('store');
    const image = imageOf(7, store);
    const other = imageOf(8, store);
    mounted([image, at, '--store', store], () => {
      expect(run('diff', other, at, '--store', store)).toMatchObject({ status: 1 });
    });
  });

  test.each([1, 2])('of a stack of images, with their stores: seed %i', { timeout: 60_000 }, (seed) => {
    const [one, two] = [fresh('store'), fresh('store')];
    const layers = [imageOf(10 + seed, one), imageOf(20 + seed, two), imageOf(30 + seed, one)];
    const merged = mergedOf(layers, '--store', one, '--store', two);
    mounted([...layers, at, '--store', one, '--store', two], () => {
      // merge takes an image for what its mount shows, where overlay's own attributes have one `overlay.` less
      expectSame(merged, at, '--store', one, '--store', two, '--ignore', 'overlay');
    });
  });

  test('of directories over each other, and below an image', () => {
    const [one, two, upper] = [fresh('layer'), fresh('layer'), fresh('upper')];
    for (const name of ['kept', 'whited', 'opaque', 'file']) {
      mkdirSync(join(one, name), { recursive: true });
      writeFileSync(join(one, name, 'lower'), `lower in ${name}`);
    }
    for (const name of ['kept', 'opaque']) mkdirSync(join(two, name), { recursive: true });
    expect(spawnSync('mknod', [join(two, 'whited'), 'c', '0', '0']).status).toBe(0);
    setXattr(join(two, 'opaque'), 'trusted.overlay.opaque', Buffer.from('y'));
    writeFileSync(join(two, 'file'), 'a file over a directory');
    writeFileSync(join(two, 'kept', 'upper'), 'upper');
    const merged = mergedOf([one, two]);
    mounted([one, two, at], () => {
      expectSame(merged, at);
      expect(readdirSync(at).toSorted()).toEqual(['file', 'kept', 'opaque']);
      expect(readdirSync(join(at, 'kept')).toSorted()).toEqual(['lower', 'upper']);
      expect(readdirSync(join(at, 'opaque'))).toEqual([]);
    });
    const [image, store] = [`${fresh('image')}.cfs`, fresh('store')];
    mkdirSync(join(upper, 'kept'), { recursive: true });
    writeFileSync(join(upper, 'kept', 'lower'), Buffer.alloc(10_000, 'image'));
    expect(run('create', upper, image, '--store', store)).toMatchObject({ status: 0 });
    const all = mergedOf([one, two, image], '--store', store);
    mounted([one, two, image, at, '--store', store], () => expectSame(all, at, '--store', store));
  });

  test('of a stack without stores', () => {
    const layers = ['lower', 'upper'].map((name) => {
      const source = fresh(name);
      mkdirSync(join(source, 'both'), { recursive: true });
      writeFileSync(join(source, 'both', name), `only in ${name}`);
      writeFileSync(join(source, 'same'), name);
      return { source, image: `${fresh(name)}.cfs` };
    });
    for (const { source, image } of layers) {
      expect(run('create', source, image, '--store', fresh('store'))).toMatchObject({ status: 0 });
    }
    mounted([...layers.map(({ image }) => image), at], () => {
      expect(readdirSync(join(at, 'both')).toSorted()).toEqual(['lower', 'upper']);
      expect(readFileSync(join(at, 'same'), 'utf8')).toBe('upper');
      expect(spawnSync('findmnt', ['-no', 'OPTIONS', at], { encoding: 'utf8' }).stdout).not.toContain('datadir');
    });
  });

  test('of EROFS alone: every name, and the whiteouts that hide a store', { timeout: 60_000 }, () => {
    const image = imageOf(9, fresh('store'));
    const listed = run('ls', image).out.trimEnd().split('\n');
    mounted([image, at, '--plain'], () => {
      const { stdout } = spawnSync('find', [at, '-mindepth', '1', '-printf', '.'], { encoding: 'utf8' });
      // 256 folders of whiteouts hide the store: nothing but a composefs mount hides them
      expect(stdout.length).toBe(listed.length + 256);
    });
  });
});

/** What the engine makes of layers, as a dump. */
function mergedOf(layers: readonly string[], ...more: readonly string[]): string {
  const dump = `${fresh('merged')}.dump`;
  const { out, status } = run('merge', ...layers, ...more);
  expect(status).toBe(0);
  writeFileSync(dump, out, 'latin1');
  return dump;
}

describe.skipIf(!isAble)('a mount', () => {
  test('with upper and work is written to, and the image and its store are not', { timeout: 60_000 }, () => {
    const store = fresh('store');
    const image = fresh('image');
    const source = fresh('source');
    mkdirSync(join(source, 'folder'), { recursive: true });
    const content = Buffer.alloc(100_000, 'lower');
    writeFileSync(join(source, 'folder', 'file'), content);
    writeFileSync(join(source, 'folder', 'gone'), 'gone');
    run('create', source, image, '--store', store);
    const [upper, work] = [fresh('upper'), fresh('work')];
    for (const path of [upper, work]) mkdirSync(path);
    const below = readFileSync(image);
    const words = [image, at, '--store', store, '--upper', upper, '--work', work];
    mounted(words, () => {
      appendFileSync(join(at, 'folder', 'file'), 'and more');
      writeFileSync(join(at, 'new'), 'new');
      unlinkSync(join(at, 'folder', 'gone'));
    });
    expect(readFileSync(join(upper, 'folder', 'file'), 'latin1')).toBe(`${content.toString()}and more`);
    mounted(words, () => {
      expect(readFileSync(join(at, 'folder', 'file')).length).toBe(100_008);
      expect(readFileSync(join(at, 'new'), 'utf8')).toBe('new');
      expect(existsSync(join(at, 'folder', 'gone'))).toBe(false);
    });
    mounted([image, at, '--store', store], () => expectSame(image, at, '--store', store));
    expect(readFileSync(image).equals(below)).toBe(true);
    expect(run('verify', '--store', store)).toMatchObject({ status: 0 });
    const writing = join(at, 'x');
    mounted([image, at, '--store', store], () => expect(() => writeFileSync(writing, '')).toThrow('EROFS'));
  });

  test('is refused with what its digest is, where that is another kind', { timeout: 60_000 }, () => {
    const store = fresh('store');
    const image = imageOf(4, store);
    const plain = createHash('sha256').update(readFileSync(image)).digest('hex');
    const refused = run('mount', image, at, '--store', store, '--digest', plain);
    expect(refused.err).toMatch(/is not the image that is expected: .* It is the plain SHA-256 of the image file/);
    expect(refused.status).toBe(1);
  });

  test('by a digest does not change with its image; without one it ends well', { timeout: 60_000 }, () => {
    const store = fresh('store');
    const image = imageOf(3, store);
    const copy = `${fresh('copy')}.cfs`;
    copyFileSync(image, copy);
    const digest = run('measure-file', image).out.trim();
    const overwrite = (): void => {
      const fd = openSync(copy, 'r+');
      writeSync(fd, Buffer.alloc(readFileSync(image).length, 0xee), 0);
      closeSync(fd);
      spawnSync('sync');
      writeFileSync('/proc/sys/vm/drop_caches', '3');
    };
    mounted([copy, at, '--store', store, '--digest', digest, '--verity', 'off'], () => {
      overwrite();
      expectSame(image, at, '--store', store);
    });
    copyFileSync(image, copy);
    mounted([copy, at, '--store', store], () => {
      overwrite();
      spawnSync('find', [at, '-type', 'f', '-exec', 'cat', '{}', '+']); // errors or garbage: nothing else
    });
    const refused = run('mount', copy, at, '--store', store, '--digest', digest);
    expect(refused.err).toContain('is not the image that is expected');
  });
});
