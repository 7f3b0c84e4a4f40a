import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeImage } from '../../shared/composefs/writer/write-image.ts';
import { validImage } from '../../shared/testing/images.ts';
import { backed, dir, file, imageOf } from '../../shared/testing/table-of.ts';
import { FilteredImage } from '../../shared/tree/filtered-image.ts';
import type { Image } from '../../shared/tree/image.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { fsVerityDigest, type VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { triageDigest, type Surroundings } from './digest-triage.ts';
import { ImageSession, openImageFile } from './image-session.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-triage-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const job = { signal: new AbortController().signal, progress: () => {} };
const alone: Surroundings = { others: [], dataRoots: [] };
const measure = (bytes: Uint8Array, algorithm: VerityAlgorithm = 'sha256', blockSize = 4096): string =>
  hexOfBytes(fsVerityDigest(bytes, { algorithm, hash: nativeHash(algorithm), blockSize }));

async function sessionOf(name: string, bytes: Uint8Array): Promise<ImageSession> {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  return new ImageSession(0, path, await openImageFile(path, job));
}

/** Some hundred files, each third with xattrs, as our writer writes them. */
const tree = imageOf(
  dir({
    usr: dir(
      Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [
          `file ${n}`,
          backed(n % 250, 100 + n, n % 3 === 0 ? { xattrs: { 'user.n': `${n}`, 'security.selinux': 'x' } } : {}),
        ]),
      ),
    ),
    note: file({ content: 'short' }),
  }),
  { kind: 'directory' },
);
const written = (image: Image, version: 0 | 1 | 2): Uint8Array =>
  writeImage(image, { minVersion: version, maxVersion: version });

async function triage(session: ImageSession, text: string, around: Surroundings = alone) {
  const parsed = parseDigest(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return triageDigest(session, { ...parsed, source: 'typed', text }, around, job);
}

describe('a digest that is expected of an image and is not its own', () => {
  const bytes = written(tree, 1);
  let session: ImageSession;
  beforeAll(async () => {
    session = await sessionOf('tree.cfs', bytes);
  });

  test.each(['sha256', 'sha512'] as const)('the plain hash of the file: %s', async (algorithm) => {
    const plain = createHash(algorithm).update(readFileSync(session.path)).digest('hex');
    for (const text of [plain, `${algorithm}:${plain}`]) {
      expect(await triage(session, text)).toMatchObject({ kind: 'plain-hash', certainty: 'certain' });
    }
  });

  test('fs-verity by the other hash', async () => {
    expect(await triage(session, measure(bytes, 'sha512'))).toMatchObject({
      kind: 'other-algorithm',
      sentence: expect.stringMatching(/by SHA-512; its own is by SHA-256/),
    });
  });

  test.each([1024, 2048, 8192, 16_384, 32_768, 65_536])('fs-verity over blocks of %i', async (blockSize) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      expect(await triage(session, measure(bytes, algorithm, blockSize))).toMatchObject({
        kind: 'other-block-size',
        sentence: expect.stringContaining(blockSize.toLocaleString('en')),
      });
    }
  });

  test('an object of the image, with the first path that refers to it', async () => {
    expect(await triage(session, '00000007'.repeat(8))).toMatchObject({
      kind: 'object',
      where: '/usr/file 257',
      sentence: expect.stringContaining('2 files'),
    });
  });

  test('the digest of another open image', async () => {
    const around = { ...alone, others: [{ name: 'b.cfs', digest: 'ab'.repeat(32) }] };
    expect(await triage(session, 'ab'.repeat(32), around)).toMatchObject({ kind: 'other-image', where: 'b.cfs' });
  });

  test.each([
    [0, undefined],
    [2, undefined],
    [1, 'none'],
    [0, 'security.selinux only'],
  ] as const)('the same tree in format %i, xattrs kept: %s', async (version, xattrs) => {
    const keeps = (name: string): boolean => xattrs === undefined || (xattrs !== 'none' && name === 'security.selinux');
    const other = measure(written(new FilteredImage(tree, keeps), version));
    const finding = await triage(session, other);
    expect(finding).toMatchObject({
      kind: 'other-writing',
      sentence: expect.stringContaining(`in format ${version}`),
    });
    if (xattrs !== undefined) expect(finding.sentence).toContain(xattrs);
    else expect(finding.sentence).not.toContain('xattrs');
  });

  test('nothing of this: what was looked for is said, and of sha256: in front what it may be', async () => {
    const text = randomBytes(32).toString('hex');
    expect(await triage(session, text)).toMatchObject({ kind: 'unknown', certainty: 'possible' });
    expect(await triage(session, `sha256:${text}`)).toMatchObject({ kind: 'oci', certainty: 'possible' });
    expect((await triage(session, text + text)).sentence).toContain('its objects have digests by another hash');
  });

  test('it can be cancelled', async () => {
    const expected = { digest: 'ab'.repeat(32), algorithm: 'sha256', source: 'typed', optional: false } as const;
    const cancelled = triageDigest(session, expected, alone, { ...job, signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('the digest of what mkcomposefs made of the same tree in format 1', async () => {
  const [v0, v1] = [validImage('everything-v0.cfs'), validImage('everything-v1.cfs')];
  const session = await sessionOf('v0.cfs', v0);
  expect((await triage(session, measure(v1))).sentence).toContain('format 1; this file has format 0');
});

test('the plain hash of a dump’s text', async () => {
  const text = '/ 0 40755 2 0 0 0 5.0 - - -\n';
  const session = await sessionOf('text.dump', Buffer.from(text));
  const plain = createHash('sha256').update(text).digest('hex');
  expect(await triage(session, plain)).toMatchObject({
    kind: 'plain-hash',
    sentence: expect.stringContaining('of the dump file'),
  });
  rmSync(session.path);
  expect(await triage(session, plain)).toMatchObject({ kind: 'unknown' });
});

test('a file that is smaller than the block', async () => {
  const small = written(imageOf(dir({}), { kind: 'directory' }), 1);
  const session = await sessionOf('small.cfs', small);
  expect(await triage(session, measure(small, 'sha256', 65_536))).toMatchObject({ kind: 'other-block-size' });
});

test('the checksum of the ostree commit that it was deployed from, or that lies in a store', async () => {
  const checksum = 'cd'.repeat(32);
  const deployed = await sessionOf(`ostree/deploy/os/deploy/${checksum}.0/.ostree.cfs`, written(tree, 0));
  expect(await triage(deployed, checksum)).toMatchObject({ kind: 'ostree-commit', where: deployed.path });
  const objects = join(folder, 'repo', 'objects');
  mkdirSync(join(objects, 'ef'), { recursive: true });
  const commit = join(objects, 'ef', `${'ef'.repeat(31)}.commit`);
  writeFileSync(commit, '');
  const around = { ...alone, dataRoots: ['/nonexistent', objects] };
  expect(await triage(deployed, 'ef'.repeat(32), around)).toMatchObject({ kind: 'ostree-commit', where: commit });
});

test('what bootc calls by a digest: a deployment, its kernel and initrd, the manifest', async () => {
  const session = await sessionOf('sysroot/composefs/image.cfs', written(tree, 1));
  const objects = join(folder, 'sysroot', 'composefs', 'objects');
  const [id, boot, manifest] = ['1a', '2b', '3c'].map((byte) => byte.repeat(32)) as [string, string, string];
  const deployment = join(folder, 'sysroot', 'state', 'deploy', id);
  mkdirSync(deployment, { recursive: true });
  mkdirSync(join(deployment, '..', 'without origin'));
  const origin = join(deployment, `${id}.origin`);
  writeFileSync(origin, `[boot]\nboot_type=uki\ndigest=${boot}\n[image]\nmanifest_digest=sha256:${manifest}\n`);
  const around = { ...alone, dataRoots: [objects] };
  expect(await triage(session, id, around)).toMatchObject({ kind: 'bootc', where: deployment });
  expect(await triage(session, boot, around)).toMatchObject({
    where: origin,
    sentence: expect.stringMatching(/initrd/),
  });
  expect(await triage(session, `sha256:${manifest}`, around)).toMatchObject({
    where: origin,
    sentence: expect.stringContaining('manifest'),
  });
  expect(await triage(session, '4d'.repeat(32), around)).toMatchObject({ kind: 'unknown' });
});
