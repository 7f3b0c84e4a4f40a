import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Random, randomBytes } from '../../../shared/testing/random.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { fsVerityDigest, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { bundledWorker } from '../testing/bundled-worker.ts';
import { HashPool, type PoolOutcome } from './hash-pool.ts';
import type { VerifySource } from './targets.ts';
import { VerifiedCache } from './verified-cache.ts';
import { verify, type Verdict, type VerifyProgress } from './verify-run.ts';

// megabytes are hashed, and on a busy machine that takes its time
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let store: string;
let pool: HashPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'composcope-verify-'));
  pool = new HashPool({ worker: await bundledWorker(), threads: 2 });
});
afterAll(async () => {
  pool.close();
  await rm(folder, { recursive: true });
});
let number = 0;
beforeEach(() => {
  store = join(folder, `store-${number++}`);
  mkdirSync(store);
});

const digestOf = (bytes: Uint8Array, algorithm: VerityAlgorithm = 'sha256'): Uint8Array =>
  fsVerityDigest(bytes, { algorithm, hash: nativeHash(algorithm) });

interface Item {
  readonly name: string;
  readonly right: Uint8Array;
  /** undefined: none. */
  readonly found?: Uint8Array | undefined;
}

const put = (name: string, bytes: Uint8Array): void => {
  mkdirSync(dirname(join(store, name)), { recursive: true });
  writeFileSync(join(store, name), bytes);
};

/** Somebody that wants these files, and notes what becomes of them. */
function sourceOf(items: readonly Item[]): { readonly source: VerifySource<Verdict>; readonly verdicts: Verdict[] } {
  const verdicts: Verdict[] = [];
  const source: VerifySource<Verdict> = {
    count: items.length,
    redirect: (object) => Buffer.from(items[object]?.name ?? '').toString('latin1'),
    measure: () => 'verity-sha256',
    size: (object) => items[object]?.right.length,
    want: (object) => {
      const right = items[object]?.right ?? new Uint8Array(0);
      return { size: right.length, algorithm: 'sha256', digest: digestOf(right), measure: 'verity-sha256' };
    },
    note: (object, verdict) => (verdicts[object] = verdict),
  };
  return { source, verdicts };
}

async function run(
  items: readonly Item[],
  options: { readonly cache?: VerifiedCache; readonly full?: boolean; readonly roots?: readonly string[] } = {},
): Promise<{
  readonly statuses: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly progress: VerifyProgress;
}> {
  for (const { name, found } of items) if (found !== undefined) put(name, found);
  const { source, verdicts } = sourceOf(items);
  const { cache, full = false, roots = [store] } = options;
  const progress = await verify({ sources: [source], roots, pool, caches: [cache], full });
  return { statuses: verdicts.map(({ status }) => status), verdicts, progress };
}

describe('statuses', () => {
  test('of what is there, wrong, missing, or no file', async () => {
    const right = randomBytes(1, 10_000);
    const items: readonly Item[] = [
      { name: 'aa/right', right, found: right },
      { name: 'aa/other', right, found: randomBytes(2, 10_000) },
      { name: 'aa/short', right, found: right.subarray(0, 5000) },
      { name: 'aa/none', right },
      { name: 'bb/none', right },
      { name: 'cc/link', right },
      { name: 'cc/folder', right },
      { name: '../out', right },
      { name: 'empty', right: new Uint8Array(0), found: new Uint8Array(0) },
    ];
    mkdirSync(join(store, 'cc/folder'), { recursive: true });
    symlinkSync('../aa/right', join(store, 'cc/link'));
    const { statuses, verdicts, progress } = await run(items);
    expect(statuses).toEqual([
      'ok',
      'digest-mismatch',
      'size-mismatch',
      'missing',
      'missing',
      'unreadable',
      'unreadable',
      'unreadable',
      'ok',
    ]);
    expect(verdicts.map(({ errno }) => errno)).toEqual([
      undefined,
      undefined,
      undefined,
      'ENOENT',
      'ENOENT',
      'ELOOP',
      'EISDIR',
      'EXDEV',
      undefined,
    ]);
    expect(progress).toMatchObject({ objects: 9, totalObjects: 9, counts: { ok: 2, missing: 2, unreadable: 3 } });
  });

  test('a folder that is a symlink is followed by no mount', async () => {
    const right = randomBytes(1, 100);
    put('real/file', right);
    symlinkSync('real', join(store, 'linked'));
    expect((await run([{ name: 'linked/file', right }])).verdicts[0]).toMatchObject({
      status: 'unreadable',
      errno: 'ELOOP',
    });
  });

  test('two that want different things of one file are both told, and it is read once', async () => {
    const right = randomBytes(1, 100);
    const { statuses, progress } = await run([
      { name: 'one', right, found: right },
      { name: 'one', right: randomBytes(2, 100) },
    ]);
    expect(statuses).toEqual(['ok', 'digest-mismatch']);
    expect(progress).toMatchObject({ objects: 1, totalObjects: 1, counts: { 'digest-mismatch': 1 } });
    // whichever of the two digests the worker was told to expect
    const turned = await run([
      { name: 'one', right: randomBytes(2, 100) },
      { name: 'one', right, found: right },
    ]);
    expect(turned.statuses).toEqual(['digest-mismatch', 'ok']);
    expect(turned.progress).toMatchObject({ objects: 1, totalObjects: 1, counts: { 'digest-mismatch': 1 } });
  });

  test('the second store has what the first has not', async () => {
    const right = randomBytes(3, 5000);
    const first = store;
    store = join(folder, 'second');
    const { verdicts } = await run([{ name: 'aa/file', right, found: right }], { roots: [first, store] });
    expect(verdicts[0]).toMatchObject({ status: 'ok', root: 1 });
  });

  test.skipIf(process.getuid?.() !== 0)('a file that may not be read says so', async () => {
    const right = randomBytes(3, 5000);
    put('aa/file', right);
    chmodSync(join(store, 'aa/file'), 0);
    process.seteuid?.(65_534);
    try {
      chmodOpen(folder);
      expect((await run([{ name: 'aa/file', right }])).verdicts[0]).toMatchObject({
        status: 'unreadable',
        errno: 'EACCES',
      });
    } finally {
      process.seteuid?.(0);
    }
  });
});

/** The temporary folder is closed to others; nothing can be done about it as somebody else. */
const chmodOpen = (path: string): void => {
  process.seteuid?.(0);
  chmodSync(path, 0o755);
  process.seteuid?.(65_534);
};

describe('files that change while they are read', () => {
  test('one that is written to all the time is called busy, and does not hold up the run', async () => {
    const right = randomBytes(4, 24 << 20);
    put('busy', right);
    const path = join(store, 'busy');
    let at = 0;
    const writer = setInterval(() => utimesSync(path, 1, (at += 1)), 1);
    try {
      const { verdicts } = await run([{ name: 'busy', right }]);
      expect(verdicts[0]).toMatchObject({ status: 'unreadable', errno: 'EBUSY' });
    } finally {
      clearInterval(writer);
    }
  });

  test('one that vanishes is missing', async () => {
    const right = randomBytes(4, 24 << 20);
    put('gone', right);
    const timer = setTimeout(() => rmSync(join(store, 'gone')), 8);
    const { verdicts } = await run([{ name: 'gone', right }]);
    clearTimeout(timer);
    expect(['missing', 'ok']).toContain(verdicts[0]?.status); // it may have been read before
    expect((await run([{ name: 'gone', right }])).verdicts[0]).toMatchObject({ status: 'missing', errno: 'ENOENT' });
  });
});

describe('what was found right before', () => {
  const right = randomBytes(5, 9000);

  test('is not read again, until it changes or everything is to be read', async () => {
    const cache = await VerifiedCache.load(store, join(folder, 'cache'));
    // ctime cannot be set back: it is as old as the record wants it once two seconds have gone
    put('aa/file', right);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const read = async (full = false) => (await run([{ name: 'aa/file', right }], { cache, full })).progress.cached;
    expect(await read()).toBe(0);
    expect(await read()).toBe(1);
    expect(await read(true)).toBe(0);
    await cache.save();
    const again = await VerifiedCache.load(store, join(folder, 'cache'));
    expect((await run([{ name: 'aa/file', right }], { cache: again })).progress).toMatchObject({
      cached: 1,
      counts: { ok: 1 },
    });
    put('aa/file', randomBytes(6, 9000));
    utimesSync(join(store, 'aa/file'), 1000, 1000);
    expect((await run([{ name: 'aa/file', right }], { cache: again })).statuses).toEqual(['digest-mismatch']);
  });

  test('is not noted of a file that was just written: clocks of file systems are coarse', async () => {
    const cache = await VerifiedCache.load(store, join(folder, 'cache'));
    const items = [{ name: 'aa/new', right, found: right }];
    await run(items, { cache });
    expect((await run([{ name: 'aa/new', right }], { cache })).progress.cached).toBe(0);
  });

  test('a record that is cut off is read as far as it goes', async () => {
    const place = join(folder, 'cut');
    const cache = await VerifiedCache.load(store, place);
    const state = { dev: 1, ino: 2, size: 3, mtimeMs: 4, ctimeMs: 5 };
    cache.note('a', state, 'verity-sha256', digestOf(right));
    cache.note('b', state, 'verity-sha256', digestOf(right));
    await cache.save();
    const [name = ''] = execFileSync('ls', [place], { encoding: 'utf8' }).trim().split('\n');
    execFileSync('truncate', ['-s', '-1', join(place, name)]);
    const cut = await VerifiedCache.load(store, place);
    expect(cut.find('a', 'verity-sha256', digestOf(right))).toEqual(state);
    expect(cut.find('b', 'verity-sha256', digestOf(right))).toBeUndefined();
  });
});

async function outcomes(
  files: readonly string[],
  sizes: readonly number[],
  wholeUpTo = 1 << 20,
): Promise<PoolOutcome[]> {
  const all: PoolOutcome[] = [];
  await pool.run({
    settings: { roots: [store], askKernel: false, full: false, wholeUpTo },
    count: files.length,
    bytes: 1 << 30,
    task: (index) => ({
      redirect: files[index] ?? '',
      folderLength: 0,
      root: 0,
      measures: ['verity-sha256', 'verity-sha512'],
      expected: undefined,
      known: undefined,
      size: sizes[index] ?? 0,
    }),
    onOutcome: (index, outcome) => (all[index] = outcome),
  });
  return all;
}

describe('the pool', () => {
  test('hashes small and large files, whole and in parts, by both algorithms', async () => {
    const random = new Random(7);
    const sizes = [
      0,
      1,
      4095,
      4096,
      4097,
      524_288,
      524_289,
      1 << 20,
      (1 << 20) + 1,
      8 << 20,
      (8 << 20) + 1,
      20_000_000,
    ];
    for (let index = 0; index < 150; index += 1) sizes.push(random.int(60_000));
    const contents = sizes.map((size, index) => randomBytes(index, size));
    contents.forEach((bytes, index) => put(`file-${index}`, bytes));
    const all = await outcomes(
      sizes.map((_, index) => `file-${index}`),
      sizes,
    );
    for (const [index, bytes] of contents.entries()) {
      const outcome = all[index];
      const digests = outcome?.kind === 'hashed' ? outcome.digests.map(hexOfBytes) : [];
      expect([index, ...digests]).toEqual([index, hexOfBytes(digestOf(bytes)), hexOfBytes(digestOf(bytes, 'sha512'))]);
    }
  });

  test('rests while it is paused, and goes on', async () => {
    for (let index = 0; index < 40; index += 1) put(`p-${index}`, randomBytes(index, 1 << 20));
    const names = Array.from({ length: 40 }, (_, index) => `p-${index}`);
    pool.paused = true;
    let ended = false;
    const work = outcomes(
      names,
      names.map(() => 1 << 20),
    ).then((all) => {
      ended = true;
      return all;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ended).toBe(false);
    pool.paused = false;
    expect((await work).every(({ kind }) => kind === 'hashed')).toBe(true);
  });

  test('ends at once when it is cancelled, and works again thereafter', async () => {
    put('large', new Uint8Array(300 << 20));
    const abort = new AbortController();
    const items = [{ name: 'large', right: randomBytes(1, 10) }];
    const { source } = sourceOf(items);
    setTimeout(() => abort.abort(), 20);
    const work = verify({ sources: [source], roots: [store], pool, caches: [], full: false, signal: abort.signal });
    await expect(work).rejects.toThrow('abort');
    appendFileSync(join(store, 'small'), 'x');
    expect((await outcomes(['small'], [1]))[0]?.kind).toBe('hashed');
  });
});

/** `fsverity digest` of fsverity-utils, where it is installed. */
const hasTool = spawnSync('fsverity', ['--version']).status === 0;

test.skipIf(!hasTool)('500 random files have the digests that fsverity-utils computes', async () => {
  const random = new Random(500);
  const groups = Array.from({ length: 20 }, (_, group) => {
    const algorithm: VerityAlgorithm = group % 2 === 0 ? 'sha256' : 'sha512';
    const blockSize = 2 ** (10 + random.int(7));
    const salt = randomBytes(group, group % 3 === 0 ? 0 : random.int(33));
    return { algorithm, blockSize, salt };
  });
  for (const [number_, { algorithm, blockSize, salt }] of groups.entries()) {
    const files = Array.from({ length: 25 }, (_, index) => {
      const bytes = randomBytes(number_ * 100 + index, random.chance(0.2) ? random.int(700_000) : random.int(20_000));
      put(`r-${number_}-${index}`, bytes);
      return { path: join(store, `r-${number_}-${index}`), bytes };
    });
    const options = [
      `--hash-alg=${algorithm}`,
      `--block-size=${blockSize}`,
      ...(salt.length > 0 ? [`--salt=${hexOfBytes(salt)}`] : []),
    ];
    const theirs = execFileSync('fsverity', ['digest', '--compact', ...options, ...files.map(({ path }) => path)], {
      encoding: 'utf8',
    });
    const ours = files.map(({ bytes }) =>
      hexOfBytes(fsVerityDigest(bytes, { algorithm, hash: nativeHash(algorithm), blockSize, salt })),
    );
    expect(theirs.trim().split('\n')).toEqual(ours);
  }
});
