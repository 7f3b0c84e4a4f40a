import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peOf } from '../../shared/store/testing/pe.ts';
import { searchCases, type SearchCase } from '../../shared/tree/diff/explain/search/testing/cases.ts';
import { writtenAs } from '../../shared/tree/diff/explain/testing/written.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { fsVerityDigest } from '../../shared/verity/fs-verity.ts';
import { referenceTool } from '../engine/testing/reference-tools.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { run } from './testing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const digestOf = (bytes: Uint8Array): string =>
  hexOfBytes(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') }));
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const options = (algorithm: 'sha256' | 'sha512') => ({ algorithm, hash: nativeHash(algorithm) });

const root = '/ 0 40755 2 0 0 0 5.5 - - - user.a=1';
const f = '/f 5 100644 1 0 0 0 6.5 - hello - user.a=1';

test('what must be done to the tree, what it comes from, and what to do', async () => {
  const image = file('a.cfs', writtenAs([root, f], 1));
  const other = digestOf(writtenAs([root.replace('5.5', '5.0'), f.replace('6.5', '6.0')], 1));
  const { status, out } = await run('explain', image, '--digest', `composefs=?${other}`);
  expect(status).toBe(1);
  const text = Buffer.from(out, 'latin1').toString();
  expect(text).toContain('with nanoseconds set to 0. This is certain');
  expect(text).toContain('nanoseconds set to 0  (D05 Nanoseconds were dropped)');
  expect(text).toMatch(/^→ /m);
  const json = JSON.parse(
    Buffer.from((await run('explain', image, '--digest', other, '--json')).out, 'latin1').toString(),
  );
  expect(json).toMatchObject({
    expected: { digest: other },
    finding: { kind: 'unknown' },
    search: { found: { steps: [{ transform: 'T2', cause: 'D05' }], formatVersion: 1 } },
  });
});

test('its own digest, another kind of digest, and one that nothing makes', async () => {
  const bytes = writtenAs([root, f], 1);
  const image = file('b.cfs', bytes);
  const own = await run('explain', image, '--digest', digestOf(bytes));
  expect([own.status, own.out]).toEqual([0, expect.stringContaining('It is as expected.')]);
  const other = await run('explain', image, '--digest', digestOf(writtenAs([root, f], 2)));
  expect([other.status, other.out]).toEqual([1, expect.stringContaining('in format 2')]);
  const none = await run('explain', image, '--digest', 'ab'.repeat(32));
  expect([none.status, none.out]).toEqual([1, expect.stringContaining('none has the digest')]);
  expect(none.out).toContain('proves nothing');
});

test('of a directory, which has no digest of its own; from a .digest file beside an image', async () => {
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  writeFileSync(join(tree, 'hello'), 'hello');
  const ofEpoch = (path: string, size: number, content: string): string => {
    const { mode, uid, gid } = statSync(join(tree, path));
    return `${path} ${size} ${mode.toString(8)} 1 ${uid} ${gid} 0 0.0 - ${content} -`;
  };
  const wanted = digestOf(writtenAs([ofEpoch('/', 0, '-'), ofEpoch('/hello', 5, 'hello')], 0));
  const found = await run('explain', tree, '--digest', wanted);
  expect(found.out).toContain('no image file');
  expect([found.status, found.out]).toEqual([1, expect.stringContaining('all times set to 0')]);
  for (const path of [join(tree, 'hello'), tree]) utimesSync(path, 0, 0);
  const same = await run('explain', tree, '--digest', wanted);
  expect([same.status, same.out]).toEqual([0, expect.stringContaining('It is the right tree')]);
  file('c.cfs', writtenAs([root, f], 1));
  file('c.cfs.digest', `${digestOf(writtenAs([root.replace('5.5', '0.0'), f.replace('6.5', '0.0')], 1))}\n`);
  expect((await run('explain', join(folder, 'c.cfs'))).out).toContain('all times set to 0');
});

test('a SHA-512 digest, as of bootc: of an image that has such objects, and of one whose contents must be read', async () => {
  const content = Buffer.from('content\n'.repeat(100));
  const [short, long] = (['sha256', 'sha512'] as const).map((algorithm) =>
    hexOfBytes(fsVerityDigest(content, options(algorithm))),
  ) as [string, string];
  const lines = (digest: string, time: string): readonly string[] => [
    `/ 0 40755 2 0 0 0 ${time} - - -`,
    `/x ${content.length} 100644 1 0 0 0 ${time} ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`,
  ];
  const sealed = writtenAs(lines(long, '0.0'), 2);
  const wanted = hexOfBytes(fsVerityDigest(sealed, options('sha512')));
  const own = await run(
    'explain',
    file('long.cfs', writtenAs(lines(long, '5.5'), 1)),
    '--digest',
    `composefs=${wanted}`,
  );
  expect(own.out).toContain('all times set to 0');
  const store = join(folder, 'short');
  mkdirSync(join(store, short.slice(0, 2)), { recursive: true });
  writeFileSync(join(store, short.slice(0, 2), short.slice(2)), content);
  const image = file('short.cfs', writtenAs(lines(short, '5.5'), 1));
  expect((await run('explain', image, '--digest', wanted, '--store', store)).out).toContain('all times set to 0');
  const without = await run('explain', image, '--digest', wanted);
  expect([without.status, without.out]).toEqual([
    1,
    expect.stringMatching(/Nothing could be tried: SHA-512 digests need/),
  ]);
});

test('a file that says it: a UKI, by its kernel command line, and any other, by its first line', async () => {
  const image = file('f.cfs', writtenAs([root, f], 1));
  const wanted = digestOf(writtenAs([root, f], 2));
  const uki = file('linux.efi', peOf({ '.osrel': 'ID=x', '.cmdline': `ro composefs=?${wanted} quiet`, '.linux': 'x' }));
  const found = await run('explain', image, '--digest', uki);
  expect(found).toMatchObject({ status: 1, out: expect.stringContaining('in format 2') });
  expect(found.out).toContain(`${wanted} (linux.efi)`);
  const beside = file('some.digest', `${wanted}\n`);
  expect((await run('verify', image, '--digest', beside, '--json')).out).toContain('other-writing');
  const bare = await run('explain', image, '--digest', file('bare.efi', peOf({ '.linux': 'x' })));
  expect(bare).toMatchObject({ status: 3, err: expect.stringContaining('no section .cmdline') });
  expect(await run('explain', image, '--digest', file('text', 'nothing\n'))).toMatchObject({ status: 3 });
});

test('a message that is pasted in place of a digest, with one in it and without', async () => {
  const image = file('e.cfs', writtenAs([root, f], 1));
  const sealed = await run('explain', image, '--digest', "overlayfs: lower file '00d9' has no fs-verity digest");
  expect(sealed).toMatchObject({ status: 0, out: expect.stringContaining('not sealed with fs-verity') });
  const wanted = digestOf(writtenAs([root, f], 2));
  const uki = `The UKI has the wrong composefs= parameter (is 'sha256:${wanted}, should be sha256:${'ab'.repeat(32)})`;
  const { status, out } = await run('explain', image, '--digest', uki);
  expect(status).toBe(1);
  expect(Buffer.from(out, 'latin1').toString()).toMatch(/The UKI was sealed .*[\s\S]*in format 2/);
});

test('nothing says which digest is expected; no digest at all', async () => {
  const image = file('d.cfs', writtenAs([root, f], 1));
  expect(await run('explain', image)).toMatchObject({ status: 2, err: expect.stringContaining('--digest') });
  expect(await run('explain', image, '--digest', 'abc')).toMatchObject({ status: 2 });
  expect(await run('explain', image, '/f', '--digest', 'ab'.repeat(32))).toMatchObject({ status: 2 });
  expect(await run('explain', join(folder, 'nowhere'), '--digest', 'ab'.repeat(32))).toMatchObject({ status: 3 });
});

const make = referenceTool('mkcomposefs');

/** An image that mkcomposefs makes of lines. */
const made = (name: string, { content = '' }: SearchCase, lines: readonly string[], version: number): string => {
  const digest = digestOf(Buffer.from(content));
  const text = lines
    .map((line) => line.replace('PATH', `${digest.slice(0, 2)}/${digest.slice(2)}`).replace('DIGEST', digest))
    .map((line) => `${line}\n`)
    .join('');
  const image = join(folder, name);
  const versions = [`--min-version=${version}`, `--max-version=${version}`];
  execFileSync(make ?? '', [...versions, '--from-file', file(`${name}.dump`, text), image]);
  return image;
};

describe.skipIf(make === undefined)('of what mkcomposefs makes of the tree before and after', () => {
  const byC = searchCases.filter(({ versions }) => versions.every((version) => version < 2));

  test.each(byC.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const image = made('before.cfs', one, one.before, one.versions[0]);
    const wanted = digestOf(readFileSync(made('after.cfs', one, one.after, one.versions[1])));
    const store = join(folder, 'store');
    const digest = digestOf(Buffer.from(one.content ?? ''));
    mkdirSync(join(store, digest.slice(0, 2)), { recursive: true });
    writeFileSync(join(store, digest.slice(0, 2), digest.slice(2)), one.content ?? '');
    const { out, err } = await run('explain', image, '--digest', wanted, '--store', store, '--json');
    expect(err).toBe('');
    const { search, finding } = JSON.parse(Buffer.from(out, 'latin1').toString()) as {
      readonly search?: { readonly found: { readonly steps: readonly { readonly transform: string }[] } };
      readonly finding?: { readonly kind: string };
    };
    // what is another format or other xattrs alone is told before anything is searched
    const named = search?.found.steps.map(({ transform }) => transform);
    expect(named ?? finding?.kind).toEqual(search === undefined ? 'other-writing' : one.found);
  });
});
