import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { randomBytes } from '../../../shared/testing/random.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { imageOfDirectory, UnreadableFiles } from './create-image.ts';
import { ObjectRun, type ObjectRunOptions } from './object-run.ts';

let folder = '';
let source = '';
let store = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-objects-'));
  source = join(folder, 'source');
  store = join(folder, 'store');
  mkdirSync(source);
});
afterEach(() => rmSync(folder, { recursive: true }));

const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');
const pathIn = (bytes: Uint8Array): string => join(store, hexOf(bytes).slice(0, 2), hexOf(bytes).slice(2));
const openRun = async (options: Partial<ObjectRunOptions> = {}): Promise<ObjectRun> =>
  ObjectRun.open({ worker: await bundledStoreWorker(), store, threads: 2, ...options });
const leftovers = (): string[] => readdirSync(store).filter((name) => name.startsWith('.'));

async function createAll(options: Partial<ObjectRunOptions> = {}): Promise<ObjectRun['report']> {
  const run = await openRun(options);
  try {
    await imageOfDirectory(source, {}, run);
    await run.finish();
    return run.report;
  } finally {
    await run.close();
  }
}

it('writes each object once, readable for all, and says what was there when it is run again', async () => {
  const [a, b] = [randomBytes(1, 5000), randomBytes(2, 700_000)];
  for (const [name, bytes] of Object.entries({ a, b, again: a, small: a.subarray(0, 64) }))
    writeFileSync(join(source, name), bytes);
  expect(await createAll()).toMatchObject({ objects: 2, bytes: 705_000, written: 2, writtenBytes: 705_000 });
  for (const bytes of [a, b]) {
    expect(readFileSync(pathIn(bytes)).equals(bytes)).toBe(true);
    expect(statSync(pathIn(bytes)).mode & 0o7777).toBe(0o644);
  }
  expect(await createAll()).toMatchObject({ objects: 2, written: 0, writtenBytes: 0, replaced: [] });
  expect(leftovers()).toEqual([]);
});

it('replaces an object of another size, and keeps it; one of other content when it is asked to look', async () => {
  const bytes = randomBytes(3, 9000);
  writeFileSync(join(source, 'a'), bytes);
  await createAll();
  writeFileSync(pathIn(bytes), 'short');
  const [replaced] = (await createAll()).replaced;
  expect(replaced).toMatchObject({ path: pathIn(bytes), why: 'has 5 bytes, and not 9000' });
  expect(readFileSync(replaced?.keptAs ?? '', 'latin1')).toBe('short');
  expect(readFileSync(pathIn(bytes)).equals(bytes)).toBe(true);

  const other = randomBytes(4, 9000);
  writeFileSync(pathIn(bytes), other);
  expect((await createAll()).replaced).toEqual([]);
  const [found] = (await createAll({ checkContent: true })).replaced;
  expect(found?.why).toBe(`has the digest ${hexOf(other)}`);
  expect(readFileSync(pathIn(bytes)).equals(bytes)).toBe(true);
});

it('clears what a run left behind that was killed, and nothing of a run that lives', async () => {
  writeFileSync(join(source, 'a'), randomBytes(5, 9000));
  const dead = `.composcope-${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.tmp`;
  mkdirSync(join(store, dead), { recursive: true });
  writeFileSync(join(store, dead, 'half'), 'half');
  const alive = await openRun();
  const [ofAlive] = leftovers();
  expect(ofAlive).not.toBe(dead);
  await createAll();
  expect(leftovers()).toEqual([ofAlive]);
  await alive.close();
  expect(leftovers()).toEqual([]);
});

it('names nothing where a file cannot be read, and tells all that cannot', async () => {
  for (const name of ['good', 'gone-1', 'gone-2']) writeFileSync(join(source, name), randomBytes(6, 9000));
  const run = await openRun();
  try {
    const stats = statSync(join(source, 'good'));
    const task = { ino: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs };
    for (const name of ['gone-1', 'gone-2']) {
      rmSync(join(source, name));
      run.add({ ...task, path: join(source, name) }, () => {});
    }
    appendFileSync(join(source, 'good'), 'more'); // it grows between the listing and the reading
    run.add({ ...task, path: join(source, 'good') }, () => {});
    await run.drained();
    expect(run.faults.map(({ path, message }) => [path.slice(source.length), message]).toSorted()).toEqual([
      ['/gone-1', 'changed while it was read'],
      ['/gone-2', 'changed while it was read'],
      ['/good', 'changed while it was read'],
    ]);
  } finally {
    await run.close();
  }
  expect(existsSync(store)).toBe(false);
});

it('stops when it is told to, and leaves no half-written object', async () => {
  mkdirSync(store);
  for (let file = 0; file < 200; file += 1) writeFileSync(join(source, String(file)), randomBytes(file, 300_000));
  const run = await openRun();
  const abort = new AbortController();
  const created = imageOfDirectory(source, {}, run, {
    signal: abort.signal,
    onProgress: ({ bytes }) => bytes > 0 && abort.abort(),
  });
  abort.abort();
  await expect(created).rejects.toThrow('aborted');
  await run.close();
  expect(leftovers()).toEqual([]);
});

it('refuses a file in place of a store, and a source that is none', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(ObjectRun.open({ worker: await bundledStoreWorker(), store: join(folder, 'file') })).rejects.toThrow(
    'file',
  );
  const run = await openRun();
  await expect(imageOfDirectory(join(folder, 'none'), {}, run)).rejects.toThrow('cannot be read');
  await run.close();
});

it.skipIf(process.getuid?.() === 0)('says which files cannot be read, all at once, to who is not root', async () => {
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(join(source, name), 'x'.repeat(100));
    if (name !== 'b') chmodSync(join(source, name), 0);
  }
  const run = await openRun();
  const failed = await imageOfDirectory(source, {}, run).catch((error: unknown) => error);
  await run.close();
  expect(failed).toBeInstanceOf(UnreadableFiles);
  expect((failed as UnreadableFiles).faults.map(({ path, code }) => [path, code]).toSorted()).toEqual([
    [join(source, 'a'), 'EACCES'],
    [join(source, 'c'), 'EACCES'],
  ]);
  expect(readdirSync(store)).toEqual([]);
});
