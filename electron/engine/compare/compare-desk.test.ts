import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NO_NOISE } from '../../../shared/contract/compare-values.ts';
import { openLab, putObject, type Lab } from '../testing/lab.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const noise = { attributes: [...NO_NOISE.attributes], xattrs: [...NO_NOISE.xattrs], paths: '' };
const paths = (...all: string[]) => ({ kind: 'paths' as const, paths: all, userXattrs: false });

/** Two directories: a file of other content, one of another mode, one removed, one moved, one added. */
async function twoDirectories(): Promise<readonly [string, string]> {
  const [a, b] = [join(lab.folder, 'a'), join(lab.folder, 'b')];
  for (const side of [a, b]) await mkdir(join(side, 'etc'), { recursive: true });
  await writeFile(join(a, 'etc/changed'), 'one\n'.repeat(50));
  await writeFile(join(b, 'etc/changed'), 'two\n'.repeat(50));
  await writeFile(join(a, 'etc/same'), 'same');
  await writeFile(join(b, 'etc/same'), 'same');
  await writeFile(join(a, 'gone'), 'gone');
  await writeFile(join(b, 'new'), 'quite new');
  return [a, b];
}

test('what differs between two directories is told by name and by attribute, and contents can be read', async () => {
  const [a, b] = await twoDirectories();
  const state = await lab.handlers.compare({
    a: paths(a),
    b: paths(b),
    noise: { ...noise, attributes: ['mtime', 'uid', 'gid'] },
  });
  expect(state.counts.statuses).toMatchObject({ changed: 1, added: 1, removed: 1, moved: 0 });
  expect(state.counts.attributes).toEqual({ content: 1 });
  const { comparison, total } = state;
  const rows = await lab.handlers.compareRows({ comparison, from: 0, to: total });
  expect(rows.map(({ name, status }) => [name, status])).toEqual([
    ['/', 'equal'],
    ['etc', 'equal'],
    ['changed', 'changed'],
    ['gone', 'removed'],
    ['new', 'added'],
  ]);
  const row = rows[2]?.row ?? -1;
  const contents = await Promise.all(
    (['a', 'b'] as const).map((side) => lab.handlers.compareContent({ comparison, row, side, offset: 0, length: 4 })),
  );
  expect(contents.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['one\n', 'two\n']);
  const pair = await lab.handlers.comparePair({ comparison, row });
  expect(pair).toMatchObject({ pathA: '/etc/changed', pathB: '/etc/changed', row: { attributes: ['content'] } });
  const swapped = await lab.handlers.swapComparison({ comparison });
  expect(swapped.counts.statuses).toMatchObject({ changed: 1, added: 1, removed: 1 });
  expect((await lab.handlers.compareRows({ comparison: swapped.comparison, from: 3, to: 4 }))[0]).toMatchObject({
    name: 'gone',
    status: 'added',
  });
});

test('an open image is a side; its objects that lie in a store need not be fetched', async () => {
  await putObject(join(lab.folder, 'objects'), 'good');
  const { images } = await lab.handlers.open({ path: lab.image });
  const empty = join(lab.folder, 'empty');
  await mkdir(empty);
  const { comparison } = await lab.handlers.compare({
    a: paths(empty),
    b: { kind: 'image', image: images[0] ?? -1 },
    noise,
  });
  const { download } = await lab.handlers.compareSummary({ comparison });
  expect(download).toMatchObject({
    wanted: { objects: 4 },
    shared: { objects: 0 },
    inStores: { objects: 1, bytes: 100 },
    missing: { objects: 3 },
  });
  await lab.handlers.closeImage({ image: images[0] ?? -1 });
  expect(() => lab.handlers.compareRows({ comparison, from: 0, to: 1 })).toThrow('no comparison');
});

test('the differences as text: JSON that parses, CSV, both dumps’ lines', async () => {
  const [a, b] = await twoDirectories();
  const { comparison } = await lab.handlers.compare({ a: paths(a), b: paths(b), noise });
  const job = { signal: new AbortController().signal, progress: () => undefined };
  const text = (format: 'json' | 'csv' | 'dump') => lab.workspace.compare.get(comparison).export(format, [], job);
  const json = JSON.parse(await text('json')) as { differences: { path: string; status: string }[] };
  expect(json.differences).toContainEqual(expect.objectContaining({ path: '/gone', status: 'removed' }));
  expect(await text('csv')).toContain('/etc/changed');
  expect(await text('dump')).toMatch(/^-\/gone /m);
});

test('an unknown row, a side without the name, and noise that is no filter are told', async () => {
  const copy = join(lab.folder, 'copy.cfs');
  await copyFile(lab.image, copy);
  const state = await lab.handlers.compare({ a: paths(lab.image), b: paths(copy), noise });
  const { comparison } = state;
  expect(state).toMatchObject({ counts: { bytesEqual: true, ignored: 0 }, matches: 0 });
  await expect(lab.handlers.comparePair({ comparison, row: 99_999 })).rejects.toThrow('no row');
  const wrong = await lab.handlers.setCompareNoise({ comparison, noise: { ...noise, paths: 'size:x' } });
  expect(wrong.fault).toMatchObject({ in: 'noise' });
  expect(await lab.handlers.setCompareNoise({ comparison, noise })).toMatchObject({ fault: undefined });
});

test('why they differ is looked for once, however often it is asked; what is closed is looked at no more', async () => {
  const [a, b] = await twoDirectories();
  const { comparison } = await lab.handlers.compare({ a: paths(a), b: paths(b), noise });
  const [first, second] = await Promise.all([
    lab.handlers.compareExplain({ comparison }),
    lab.handlers.compareExplain({ comparison }),
  ]);
  expect(first).toBe(second);
  expect(first.causes.at(-1)).toMatchObject({ id: 'unexplained' });
});

test('a tree is written in each way once, in the place of the other side’s, and anew where that was cancelled', async () => {
  const image = join(lab.folder, 'other.cfs');
  await copyFile(lab.image, image);
  const { comparison } = await lab.handlers.compare({ a: paths(lab.image), b: paths(image), noise });
  const matrixOf = (side: 'a' | 'b') => lab.handlers.compareMatrix({ comparison, side });
  const run = vi.spyOn(lab.workspace.jobs, 'run');
  const ofA = matrixOf('a');
  const [, ofB] = await Promise.allSettled([ofA, matrixOf('b')]);
  await expect(ofA).rejects.toMatchObject({ name: 'AbortError' });
  expect(ofB).toMatchObject({ status: 'fulfilled', value: { side: 'b' } });
  const first = matrixOf('a');
  const again = matrixOf('a');
  expect((await first).cells.length).toBeGreaterThan(0);
  expect(await again).toBe(await first);
  expect(run).toHaveBeenCalledTimes(3);
  const cancelled = matrixOf('b');
  for (let job = 0; job < 20; job += 1) await lab.handlers.cancelJob({ job });
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
  expect((await matrixOf('b')).side).toBe('b');
});

test('a search for causes stops where it is cancelled, and can be begun anew', async () => {
  const [a, b] = await twoDirectories();
  const { comparison } = await lab.handlers.compare({ a: paths(a), b: paths(b), noise });
  const abort = new AbortController();
  const job = { signal: abort.signal, progress: () => abort.abort() };
  await expect(lab.workspace.compare.get(comparison).explain([], job)).rejects.toThrow('aborted');
  expect((await lab.handlers.compareExplain({ comparison })).causes.length).toBeGreaterThan(0);
});
