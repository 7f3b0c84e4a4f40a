import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_NOISE } from '../../../shared/contract/compare-values.ts';
import { writtenAs } from '../../../shared/tree/diff/explain/testing/written.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { Comparison } from './comparison.ts';
import { compareSides } from './file-digests.ts';
import { openSide } from './open-side.ts';

let folder: string;
let serial = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-evidence-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const job = { signal: new AbortController().signal, progress: () => undefined };
const hash = nativeHash('sha256');
const digestOf = (bytes: Uint8Array): string => hexOfBytes(fsVerityDigest(bytes, { algorithm: 'sha256', hash }));
const nameOf = (digest: string): string => `${digest.slice(0, 2)}/${digest.slice(2)}`;

function put(path: string, bytes: Uint8Array | string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** A store with these objects, each under the name that it is given. */
function storeOf(...objects: readonly (readonly [digest: string, bytes: Uint8Array])[]): string {
  const root = join(folder, `store-${serial++}`);
  mkdirSync(root);
  for (const [digest, bytes] of objects) put(join(root, nameOf(digest)), bytes);
  return root;
}

/** An image file with one file of that size and digest. */
const imageOf = (size: number, digest: string): string =>
  put(
    join(folder, `image-${serial++}.cfs`),
    writtenAs(['/ 0 40755 2 0 0 0 5.0 - - -', `/f ${size} 100644 1 0 0 0 6.0 ${nameOf(digest)} - ${digest}`], 1),
  );

async function causes(a: string, b: string, dataRoots: readonly string[]) {
  const sides = {
    a: { session: await openSide([a], job), isOpenImage: false },
    b: { session: await openSide([b], job), isOpenImage: false },
  };
  const { diff } = await compareSides(sides.a.session, sides.b.session, job);
  return (await new Comparison(0, sides, diff, NO_NOISE).explain(dataRoots, job)).causes;
}
const ids = async (a: string, b: string, roots: readonly string[]) => {
  const [there, back] = [await causes(a, b, roots), await causes(b, a, roots)];
  expect(back.map(({ id }) => id)).toEqual(there.map(({ id }) => id));
  return there.map(({ id }) => id);
};

const content = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);

/** As composefs-rs 0.7.0: what a read gives is hashed as a block, however short it is. */
function hashedInPieces(bytes: Uint8Array, piece: number): string {
  const blocks = new Uint8Array(Math.ceil(bytes.length / piece) * 4096);
  for (let at = 0, block = 0; at < bytes.length; at += piece, block += 4096) {
    blocks.set(bytes.subarray(at, at + piece), block);
  }
  return digestOf(blocks);
}

test('an object that is named by what streamed hashing made of its bytes', async () => {
  const [right, wrong] = [digestOf(content), hashedInPieces(content, 1500)];
  const [a, b] = [imageOf(content.length, wrong), imageOf(content.length, right)];
  const store = storeOf([wrong, content]);
  expect(await ids(a, b, [store])).toEqual(['D28']);
  expect(await causes(a, b, [store])).toMatchObject([
    { count: 1, confidence: 'certain', sentence: expect.stringContaining('object of A') },
  ]);
  expect(await ids(a, b, [])).toEqual(['unexplained']);
  // a store with the right one alone says nothing of the other
  expect(await ids(a, b, [storeOf([right, content])])).toEqual(['unexplained']);
});

test('an object whose bytes are of neither digest is damage, and no cause', async () => {
  const [a, b] = [
    imageOf(5000, digestOf(content.subarray(0, 5000))),
    imageOf(5000, digestOf(content.subarray(1, 5001))),
  ];
  const store = storeOf([digestOf(content.subarray(0, 5000)), content.subarray(2, 5002)]);
  expect(await ids(a, b, [store])).toEqual(['unexplained']);
});

test('a file of which only the first bytes were pulled', async () => {
  const short = content.subarray(0, 100_000);
  const [a, b] = [imageOf(short.length, digestOf(short)), imageOf(content.length, digestOf(content))];
  const whole = storeOf([digestOf(content), content]);
  expect(await ids(a, b, [whole])).toEqual(['D37']);
  expect(await causes(a, b, [whole])).toMatchObject([
    { sentence: 'A has 1 file of which only the first bytes are there.', attributes: ['size', 'digest'] },
  ]);
  expect(await ids(a, b, [])).toEqual(['unexplained']);
});

test('a file that is shorter, and has other bytes', async () => {
  const other = content.subarray(1, 100_001);
  const [a, b] = [imageOf(other.length, digestOf(other)), imageOf(content.length, digestOf(content))];
  expect(await ids(a, b, [storeOf([digestOf(content), content], [digestOf(other), other])])).toEqual(['unexplained']);
});

test('a file with zeros where chunks were lost', async () => {
  const holed = content.slice();
  holed.fill(0, 8192, 20_480);
  const [a, b] = [imageOf(content.length, digestOf(content)), imageOf(content.length, digestOf(holed))];
  const both = storeOf([digestOf(content), content], [digestOf(holed), holed]);
  expect(await ids(a, b, [both])).toEqual(['D37']);
  expect((await causes(a, b, [both]))[0]?.sentence).toBe('B has 1 file with zeros where the other side has content.');
});

test('a file of zeros alone is known without any store', async () => {
  const zeros = new Uint8Array(70_000);
  expect(await ids(imageOf(70_000, digestOf(zeros)), imageOf(70_000, 'ab'.repeat(32)), [])).toEqual(['D37']);
});

test('a repository that was given its meta.json when it had images of format 2 already', async () => {
  const repository = join(folder, 'repository');
  const lines = ['/ 0 40755 2 0 0 0 5.0 - - -', '/f 5 100644 1 0 0 0 6.0 - hello -'];
  const add = (version: 1 | 2): string => {
    const bytes = writtenAs(lines, version);
    const digest = digestOf(bytes);
    put(join(repository, 'objects', nameOf(digest)), bytes);
    mkdirSync(join(repository, 'images'), { recursive: true });
    symlinkSync(join('..', 'objects', nameOf(digest)), join(repository, 'images', digest));
    return join(repository, 'images', digest);
  };
  const [old, now] = [add(2), add(1)];
  const meta = (flags: readonly string[]): void => {
    const text = { version: 1, algorithm: 'fsverity-sha256-12', features: { 'read-only-compatible': flags } };
    put(join(repository, 'meta.json'), JSON.stringify(text));
  };
  expect(await ids(old, now, [])).toEqual(['D02']);
  meta(['v1_erofs']);
  utimesSync(join(repository, 'meta.json'), new Date(), new Date(Date.now() + 60_000));
  expect(await ids(old, now, [])).toEqual(['D27']);
  expect((await causes(old, now, []))[0]).toMatchObject({
    confidence: 'certain',
    sentence: expect.stringContaining('1 image of format 2 from before'),
    advice: expect.stringContaining('"default":2'),
  });
  // images that lie elsewhere, and the repository attached
  const [copyOld, copyNow] = [
    put(join(folder, 'old.cfs'), writtenAs(lines, 2)),
    put(join(folder, 'now.cfs'), writtenAs(lines, 1)),
  ];
  expect(await ids(copyOld, copyNow, [join(repository, 'objects')])).toEqual(['D27']);
  // it makes format 2 still, or was there first
  meta([]);
  expect(await ids(old, now, [])).toEqual(['D02']);
  meta(['v1_erofs']);
  utimesSync(join(repository, 'meta.json'), new Date(1000), new Date(1000));
  expect(await ids(old, now, [])).toEqual(['D02']);
});
