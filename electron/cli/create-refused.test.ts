import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomBytes } from '../../shared/testing/random.ts';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';

aloneWithMounts();

/** `create` for who may not read all, or not write where it is told to: the command line as it is built. */

const isRoot = process.getuid?.() === 0;
/** Root without its capabilities may no more than its files' modes say, and still reads the program. */
const withoutRights = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
const isAble = process.platform === 'linux' && (!isRoot || spawnSync('setpriv', ['--version']).status === 0);
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder = '';
let source = '';
let store = '';
let image = '';

beforeAll(() => {
  expect(spawnSync(process.execPath, [join(root, 'electron/setup/build.mjs')]).status).toBe(0);
  folder = mkdtempSync(join(tmpdir(), 'composcope-refused-'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let cases = 0;
beforeEach(() => {
  const here = join(folder, String(cases++));
  source = join(here, 'source');
  store = join(here, 'objects');
  image = join(here, 'made.cfs');
  mkdirSync(join(source, 'etc'), { recursive: true });
  writeFileSync(join(source, 'etc', 'a'), randomBytes(1, 20_000));
  writeFileSync(join(source, 'etc', 'b'), randomBytes(2, 20_000));
});

/** One sentence on standard error is all that it says. @returns it */
function refused(...more: readonly string[]): string {
  const argv = [process.execPath, join(root, 'build/cli/composcope.mjs'), 'create', source, image, '--store', store];
  const [command = '', ...rest] = [...withoutRights, ...argv, ...more];
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([3, '', 1]);
  return stderr.trimEnd().replace('composcope: ', '');
}

/** Files in the store: objects, whole or not. */
const objects = (): readonly string[] =>
  existsSync(store)
    ? readdirSync(store, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []))
    : [];

/** Whatever a run begins beside the image has its name. */
const imageFiles = (): readonly string[] => readdirSync(join(image, '..')).filter((name) => name.includes('made.cfs'));

describe.skipIf(!isAble)('create without the rights it needs', () => {
  test.each([
    ['a file', 'etc/a'],
    ['a folder', 'etc'],
  ])('names %s that it may not read, and writes nothing', (_, name) => {
    const path = join(source, name);
    const { mode } = statSync(path);
    chmodSync(path, 0);
    expect(refused()).toBe(`${path}: permission denied (EACCES)`);
    chmodSync(path, mode);
    expect([...objects(), ...imageFiles()]).toEqual([]);
  });

  test('leaves an image that is protected as it is, and does no work before it says so', () => {
    writeFileSync(image, 'old', { mode: 0o444 });
    expect(refused()).toBe(`${image} is there already, and may not be written to (EACCES)`);
    expect(readFileSync(image, 'utf8')).toBe('old');
    expect([existsSync(store), imageFiles()]).toEqual([false, ['made.cfs']]);
  });

  test('names the folder that takes no image', () => {
    const closed = join(image, '..', 'closed');
    mkdirSync(closed, { mode: 0o555 });
    image = join(closed, 'made.cfs');
    expect(refused()).toBe(`${image} cannot be written: ${closed}: permission denied (EACCES)`);
    expect([existsSync(store), imageFiles()]).toEqual([false, []]);
  });

  test('names the store that takes no object', () => {
    mkdirSync(store, { mode: 0o555 });
    expect(refused()).toBe(`${store}: permission denied (EACCES)`);
    expect([...objects(), ...imageFiles()]).toEqual([]);
  });
});

test('a folder, or what is no regular file, is not replaced by an image; a file is no store', () => {
  mkdirSync(image);
  expect(refused()).toBe(`${image} is a folder: the image needs the name of a file`);
  rmSync(image, { recursive: true });
  expect(spawnSync('mkfifo', [image]).status).toBe(0);
  expect(refused()).toBe(`${image} is no regular file: an image would take its place`);
  expect(statSync(image).isFIFO()).toBe(true);
  rmSync(image);
  writeFileSync(store, 'mine');
  expect(refused()).toBe(`${store} is no folder`);
  expect(readFileSync(store, 'utf8')).toBe('mine');
  expect(imageFiles()).toEqual([]);
});

test('what the image is made of is not written over, by whatever name, nor gets the image into it', () => {
  const tar = `${source}.tar`;
  expect(spawnSync('tar', ['-cf', tar, '-C', source, '.']).status).toBe(0);
  const before = readFileSync(tar);
  const link = join(image, '..', 'made.cfs-link');
  symlinkSync(join(image, '..'), link);
  image = join(link, 'source.tar');
  const inside = join(link, 'source', 'etc', 'made.cfs');
  const folderSource = source;
  source = tar;
  expect(refused()).toBe(`${image} is what the image is made of: write it somewhere else`);
  expect(readFileSync(tar).equals(before)).toBe(true);
  [source, image] = [folderSource, inside];
  expect(refused()).toBe(`${inside} lies in ${source}, which the image is made of: write it somewhere else`);
  expect([existsSync(store), existsSync(inside)]).toEqual([false, false]);
});

describe.skipIf(process.platform !== 'linux' || !isRoot)('create on a disk that is full', () => {
  let disk = '';
  beforeEach(() => {
    disk = join(image, '..', 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status).toBe(0);
    for (let file = 0; file < 8; file += 1) writeFileSync(join(source, String(file)), randomBytes(file, 300_000));
  });
  afterEach(() => void spawnSync('umount', [disk]));

  test.each([
    ['a folder', () => {}],
    [
      'a tar',
      () => {
        const tar = `${source}.tar`;
        expect(spawnSync('tar', ['-cf', tar, '-C', source, '.']).status).toBe(0);
        source = tar;
      },
    ],
    ['a file larger than the disk', () => writeFileSync(join(source, 'large'), randomBytes(9, 3_000_000))],
  ])('says once that the store is full, and not of each file: %s', (_, prepare) => {
    prepare();
    store = join(disk, 'objects');
    expect(refused('--threads', '3')).toBe(`${store}: no space left on device (ENOSPC)`);
    expect(existsSync(store)).toBe(false);
    expect(imageFiles()).toEqual([]);
  });

  test('says that it is the image that has no room', () => {
    image = join(disk, 'made.cfs');
    writeFileSync(join(disk, 'full'), Buffer.alloc(1 << 20));
    expect(refused()).toBe(`${image}: no space left on device (ENOSPC)`);
    expect(imageFiles()).toEqual([]);
  });
});
