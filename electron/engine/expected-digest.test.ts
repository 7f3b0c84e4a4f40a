import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findExpectedDigests } from './expected-digest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-expected-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const digest = 'ab'.repeat(32);

test.each(['image.cfs.digest', 'image.digest'])('a file beside it: %s', async (name) => {
  writeFileSync(join(folder, 'image.cfs'), '');
  writeFileSync(join(folder, name), `sha256:${digest}\n`);
  expect(await findExpectedDigests(join(folder, 'image.cfs'))).toEqual({
    found: [{ digest, algorithm: 'sha256', optional: false, source: name }],
    problems: [],
  });
});

test('a file beside it that holds no digest is told', async () => {
  writeFileSync(join(folder, 'image.cfs'), '');
  writeFileSync(join(folder, 'image.digest'), 'tomorrow\n');
  const { found, problems } = await findExpectedDigests(join(folder, 'image.cfs'));
  expect(found).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('no hexadecimal digit');
});

test('the name of an image in a composefs-rs repository, also through a reference', async () => {
  mkdirSync(join(folder, 'objects', 'ab'), { recursive: true });
  mkdirSync(join(folder, 'images', 'refs'), { recursive: true });
  writeFileSync(join(folder, 'objects', 'ab', digest.slice(2)), '');
  symlinkSync(`../objects/ab/${digest.slice(2)}`, join(folder, 'images', digest));
  symlinkSync(`../${digest}`, join(folder, 'images', 'refs', 'latest'));
  for (const path of [`images/${digest}`, 'images/refs/latest']) {
    expect((await findExpectedDigests(join(folder, path))).found).toMatchObject([
      { digest, source: 'its name in the repository' },
    ]);
  }
});

test('an image that nothing is said of', async () => {
  writeFileSync(join(folder, 'image.cfs'), '');
  expect(await findExpectedDigests(join(folder, 'image.cfs'))).toEqual({ found: [], problems: [] });
});

test('the ostree commit of a deployment', async () => {
  // see shared/store/ostree-commit.test.ts
  const commit = Buffer.from(
    'dmVyc2lvbgAxAABzCAAAAG9zdHJlZS5jb21wb3NlZnMuZGlnZXN0LnYwAAAAAAAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AYXkbAAAAAG9zdHJlZS5yZWYtYmluZGluZwAAAAAAAHgAAgBhcxMNVHcAAAAAAAAAAAAAaVW5AKpxSaDrSh25iqoorlWhtniHTYVEKtWX0i+TIzEXvQupRGoO8Rt8wWfztgPlhcfu7rZ1+qQS1exz9imI6wtsVIiofHt6eno=',
    'base64',
  );
  const checksum = 'cd'.repeat(32);
  const ostree = join(folder, 'ostree');
  const deployment = join(ostree, 'deploy', 'os', 'deploy', `${checksum}.0`);
  mkdirSync(deployment, { recursive: true });
  mkdirSync(join(ostree, 'repo', 'objects', 'cd'), { recursive: true });
  writeFileSync(join(ostree, 'repo', 'objects', 'cd', `${checksum.slice(2)}.commit`), commit);
  writeFileSync(join(deployment, '.ostree.cfs'), '');
  expect((await findExpectedDigests(join(deployment, '.ostree.cfs'))).found).toEqual([
    {
      digest: Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''),
      algorithm: 'sha256',
      source: 'ostree commit cdcdcdcd…',
      optional: false,
    },
  ]);
});
