import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run, validImage } from './testing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-create-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['everything-v0.cfs', '--max-version=0'],
  ['everything-v1.cfs', '--min-version=1'],
])('the dump of %s makes it again, and says its digest', async (name, version) => {
  const dump = join(folder, `${name}.dump`);
  const image = join(folder, name);
  writeFileSync(dump, (await run('dump', validImage(name))).out, 'latin1');
  expect(await run('create', '--from-file', version, dump, image)).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(image).equals(readFileSync(validImage(name)))).toBe(true);
  const { out } = await run('create', '--from-file', version, '--print-digest-only', dump);
  expect(out).toBe((await run('measure-file', image)).out);
});

test('format 2 is written as composefs-rs writes it, and says how sure that is', async () => {
  const dump = join(folder, 'empty.dump');
  const image = join(folder, 'empty-v2.cfs');
  writeFileSync(dump, '/ 0 40755 2 0 0 0 0.0 - - -\n');
  const { out, status } = await run('create', '--from-file', '--erofs-version=2', dump, image);
  expect(status).toBe(0);
  // pinned in the tests of composefs-rs
  expect(out).toContain('086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5');
  expect(out).toMatch(/format 2[^]*composefs-rs 0\.5 to 0\.9/);
  const json = await run('create', '--from-file', '--erofs-version=2', '--json', dump, image);
  expect(JSON.parse(json.out)).toMatchObject({
    image: { format: 2, note: expect.stringContaining('byte for byte with its own writer') },
  });
  const both = await run('create', '--from-file', '--erofs-version=2', '--min-version=1', dump, image);
  expect(both).toMatchObject({ status: 2, err: expect.stringContaining('--erofs-version') });
});

test('the digest of an image with SHA-512 objects is SHA-512, as composefs-rs has it', async () => {
  const dump = join(folder, 'long.dump');
  const object = `5a/${'5a'.repeat(63)} - ${'5a'.repeat(64)}`;
  writeFileSync(dump, `/ 0 40755 2 0 0 0 0.0 - - -\n/x 1234 100000 1 0 0 0 0.0 ${object}\n`);
  const { out } = await run('create', '--from-file', '--erofs-version=2', '--print-digest-only', dump);
  expect(out.slice(0, 16)).toBe('6d8585e0b6a68492');
});

test('a dump that is none is refused with its line, and nothing is written', async () => {
  const dump = join(folder, 'wrong.dump');
  const image = join(folder, 'wrong.cfs');
  writeFileSync(dump, '/ 0 40755 2 0 0 0 0.0 - - -\n/a nonsense\n');
  const { status, err } = await run('create', '--from-file', dump, image);
  expect(status).toBe(3);
  expect(err).toContain('line 2');
  expect(existsSync(image)).toBe(false);
});

test('options of trees are not for dumps', async () => {
  const { status, err } = await run('create', '--from-file', '--use-epoch', 'a.dump', 'a.cfs');
  expect(status).toBe(2);
  expect(err).toContain('--use-epoch');
});
