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
