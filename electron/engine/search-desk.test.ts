import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_NOISE } from '../../shared/contract/compare-values.ts';
import { SEARCH_JOB } from '../../shared/contract/search-values.ts';
import { writtenAs } from '../../shared/tree/diff/explain/testing/written.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { fsVerityDigest } from '../../shared/verity/fs-verity.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { openLab, type Lab } from './testing/lab.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const digestOf = (bytes: Uint8Array): string =>
  hexOfBytes(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') }));
const lines = ['/ 0 40755 2 0 0 0 5.5 - - -', '/f 5 100644 1 0 0 0 6.5 - hello -'];
const whole = writtenAs(['/ 0 40755 2 0 0 0 5.0 - - -', '/f 5 100644 1 0 0 0 6.0 - hello -'], 1);

const many = Array.from({ length: 3000 }, (_, n) => `/g${1000 + n} 0 100644 1 0 0 0 6.5 - - -`);

async function opened(all = lines): Promise<number> {
  const path = join(lab.folder, 'image.cfs');
  await writeFile(path, writtenAs(all, 1));
  const { images } = await lab.handlers.open({ path });
  return images[0] ?? -1;
}

test('what must be done to an image’s tree is found once, and remembered', async () => {
  const image = await opened();
  const [first, second] = await Promise.all([
    lab.handlers.searchDigest({ image, digest: digestOf(whole) }),
    lab.handlers.searchDigest({ image, digest: digestOf(whole) }),
  ]);
  expect(first).toMatchObject({ found: { steps: [{ transform: 'T2' }], formatVersion: 1 } });
  expect(second).toBe(first);
});

test('a search is cancelled by its job, and can be begun anew', async () => {
  const all = [...lines, ...many];
  const image = await opened(all);
  const cancelled = lab.handlers.searchDigest({ image, digest: 'ab'.repeat(32) });
  const job = await lab.until(() =>
    lab.events.flatMap((event) => (event[0] === 'job' && event[1].title === SEARCH_JOB ? [event[1]] : [])).at(0),
  );
  await lab.handlers.cancelJob({ job: job.job });
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  const digest = digestOf(writtenAs(all, 2));
  expect(await lab.handlers.searchDigest({ image, digest })).toMatchObject({
    found: { formatVersion: 2, steps: [{}] },
  });
});

test('a search ends where its image is closed, or its comparison', async () => {
  const image = await opened();
  const ofImage = lab.handlers.searchDigest({ image, digest: 'cd'.repeat(32) });
  await lab.handlers.closeImage({ image });
  await expect(ofImage).rejects.toMatchObject({ name: 'AbortError' });
  const paths = { kind: 'paths' as const, paths: [join(lab.folder, 'image.cfs')], userXattrs: false };
  const noise = { attributes: [...NO_NOISE.attributes], xattrs: [...NO_NOISE.xattrs], paths: '' };
  const { comparison } = await lab.handlers.compare({ a: paths, b: paths, noise });
  expect(await lab.handlers.compareSearch({ comparison, side: 'a', digest: digestOf(whole) })).toMatchObject({
    found: { steps: [{ transform: 'T2' }] },
  });
  const ofSide = lab.handlers.compareSearch({ comparison, side: 'b', digest: 'cd'.repeat(32) });
  await lab.handlers.closeComparison({ comparison });
  await expect(ofSide).rejects.toMatchObject({ name: 'AbortError' });
});
