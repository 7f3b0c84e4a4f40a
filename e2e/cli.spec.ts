import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { root } from './app.ts';

/** The command line as it is built, in a process of its own: its threads are part of it. */
const run = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/cli/composcope.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  return { status, out: stdout, err: stderr };
};

const demo = join(root, 'assets', 'demo', 'demo.cfs');
let folder: string;
let cache: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-cli-'));
  cache = join(folder, 'cache');
});
test.afterEach(() => rmSync(folder, { recursive: true }));

interface Verified {
  readonly counts: Readonly<Record<string, number>>;
  readonly objects: number;
  readonly cached: number;
  readonly images: readonly { readonly digest: string; readonly matches: boolean }[];
  readonly results: readonly { readonly status: string; readonly path: string }[];
  readonly failures: readonly { readonly status: string; readonly kernel: { readonly seen: string } }[];
}
const json = (out: string): Verified => JSON.parse(out) as Verified;

test('verify says which objects fail, and why; its status is 1', () => {
  const { status, out, err } = run('verify', demo, '--json');
  expect([status, err]).toEqual([1, '']);
  const { counts, objects, results, failures } = json(out);
  expect(objects).toBe(29);
  expect(counts).toMatchObject({ 'digest-mismatch': 2, missing: 1, 'no-digest': 1, 'size-mismatch': 1, unreadable: 2 });
  expect(results).toHaveLength(29);
  expect(results.filter(({ status: one }) => one === 'missing').map(({ path }) => path)).toEqual([
    '/usr/lib/firmware/radar.bin',
  ]);
  expect(failures.map(({ kernel }) => kernel.seen).every((seen) => seen.length > 0)).toBe(true);
  const text = run('verify', demo);
  expect(text.status).toBe(1);
  expect(text.out).toContain('6 of 29 objects are wrong.');
  expect(text.out).toContain('It is zeros from block 1 to its end');
});

test('verify is 0 where all is right, and knows it the next time; --no-cache and --full read again', async () => {
  const { image, store } = sound();
  await new Promise((resolve) => setTimeout(resolve, 2100)); // what was just written may change again unseen
  const cached = (...args: readonly string[]): readonly [number | null, number] => {
    const { status, out } = run('verify', image, '--store', store, '--json', ...args);
    return [status, json(out).cached];
  };
  expect(cached()).toEqual([0, 0]);
  expect(cached()).toEqual([0, 2]);
  expect(cached('--no-cache')).toEqual([0, 0]);
  expect(cached('--full', '--jobs', '1')).toEqual([0, 0]);
});

/** An image of the composefs-rs repository among the fixtures, where nothing is wrong; its name is its digest. */
function sound(): { readonly image: string; readonly store: string } {
  const store = join(folder, 'repository');
  cpSync(join(root, 'e2e', 'fixtures', 'repository'), store, { recursive: true, verbatimSymlinks: true });
  const name = readdirSync(join(store, 'images')).find((one) => one.length === 128) ?? '';
  return { image: join(store, 'images', name), store };
}

test('a wrong image digest is 1, a malformed one 2, an unreadable image 3', () => {
  const { images } = json(run('verify', demo, '--json').out);
  expect(images[0]?.matches).toBe(true);
  const wrong = run('verify', demo, '--json', '--digest', '0'.repeat(64));
  expect([wrong.status, json(wrong.out).images[0]?.matches]).toEqual([1, false]);
  const plain = createHash('sha256').update(readFileSync(demo)).digest('hex');
  expect(run('verify', demo, '--digest', plain).out).toContain('It is the plain SHA-256 of the image file');
  const malformed = run('verify', demo, '--digest', 'abc');
  expect([malformed.status, malformed.err]).toEqual([
    2,
    'composcope: --digest: It has 3 digits; a digest has 64 (SHA-256) or 128 (SHA-512)\n',
  ]);
  expect(run('verify', join(folder, 'none')).status).toBe(3);
  expect(run('verify').status).toBe(2);
  expect(run('verify', demo, '--report', 'report.doc').status).toBe(2);
});

test('reports of all formats are written', () => {
  for (const extension of ['md', 'html', 'json', 'sarif']) {
    const path = join(folder, `report.${extension}`);
    expect(run('verify', demo, '--report', path).status).toBe(1);
    expect(readFileSync(path, 'utf8').replaceAll('\\', '')).toContain('radar.bin');
    expect(run('verify', demo, '--report', path, '--no-paths').status).toBe(1);
    const text = readFileSync(path, 'utf8').replaceAll('\\', '');
    for (const secret of ['radar.bin', 'demo.cfs', root])
      expect([extension, secret, text.includes(secret)]).toEqual([extension, secret, false]);
  }
});

test('a whole store is checked by its names', () => {
  const store = join(folder, 'store');
  mkdirSync(join(store, 'ab'), { recursive: true });
  writeFileSync(join(store, 'ab', 'c'.repeat(62)), 'not of that name');
  const { status, out } = run('verify', '--store', store);
  expect(status).toBe(1);
  expect(out).toContain('1 of 1 objects are not what their names say.');
});

test('explain takes a path or a digest', () => {
  const byPath = run('explain', demo, '/usr/lib/libheron-legacy.so.3.9.1');
  expect(byPath.status).toBe(1);
  expect(byPath.out).toContain('Zero-filled (lost writes) (likely)');
  expect(byPath.out).toContain('has no fs-verity digest');
  const digest = /sha256:([0-9a-f]{64})/.exec(byPath.out)?.[1] ?? '';
  expect(run('explain', demo, digest).out).toBe(byPath.out);
  expect(run('explain', demo, '/none').status).toBe(3);
});

test('repair puts good copies in place, keeps the bad ones, and touches nothing with --dry-run', () => {
  const store = join(folder, 'objects');
  const from = join(folder, 'good');
  cpSync(join(root, 'assets', 'demo', 'objects'), store, { recursive: true, verbatimSymlinks: true });
  cpSync(join(root, 'assets', 'demo', 'objects'), from, { recursive: true, verbatimSymlinks: true });
  const name = '6f/1321e031987fd52c3f37cd2164caa42f61f23b9f887af7cec5d3391e1a162f';
  const right = readFileSync(join(from, name));
  writeFileSync(join(store, name), 'wrong');
  const repair = (...args: readonly string[]) =>
    run('repair', demo, name.replace('/', ''), '--store', store, '--from', from, ...args);
  expect(repair('--dry-run')).toMatchObject({ status: 0 });
  expect(readFileSync(join(store, name), 'utf8')).toBe('wrong');
  const { status, out } = repair();
  expect([status, out.split('\n').at(-2)]).toEqual([0, '1 of 1 objects repaired.']);
  expect(readFileSync(join(store, name)).equals(right)).toBe(true);
  expect(readFileSync(join(store, `${name}.bad`), 'utf8')).toBe('wrong');
  expect(repair().out).toBe('Nothing to repair.\n');
});
