import { spawnSync } from 'node:child_process';
import { chmodSync, lutimesSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompareCause } from '../../../shared/contract/compare-values.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { writeImage } from '../../../shared/composefs/writer/write-image.ts';
import { finish } from '../../../shared/steps.ts';
import { Random } from '../../../shared/testing/random.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { compareTrees } from '../../../shared/tree/diff/compare-trees.ts';
import { explainDiff } from '../../../shared/tree/diff/explain/explain-diff.ts';
import { aloneWithMounts } from '../../kernel/testing/alone-with-mounts.ts';
import { imageOfDirectory } from '../create/create-image.ts';
import { ObjectRun } from '../create/object-run.ts';
import type { ScanOptions } from '../create/scan-directory.ts';
import { makeRealTree } from '../create/testing/random-real-tree.ts';
import { setXattr } from '../layers/testing/random-layers.ts';
import { readDirectory } from '../layers/read-directory.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { referenceTool } from '../testing/reference-tools.ts';

aloneWithMounts();

const mkcomposefs = referenceTool('mkcomposefs');
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const SEEDS = [3, 5, 20];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-explain-'));
  // a tmpfs takes trusted and user attributes, and can be the upper directory of an overlay
  if (isRoot) expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
});
afterAll(() => {
  if (isRoot) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** A directory as an image file, opened; by mkcomposefs where it is here, whose images ours are byte for byte. */
async function scan(source: string, options: ScanOptions = {}): Promise<Image> {
  if (mkcomposefs !== undefined) {
    const flags = Object.keys(options).map((name) => `--${name.replaceAll(/[A-Z]/g, (x) => `-${x.toLowerCase()}`)}`);
    const made = spawnSync(mkcomposefs, [...flags, source, '-'], { maxBuffer: 2 ** 30 });
    if (made.status !== 0) throw new Error(made.stderr.toString());
    return openImage(new Uint8Array(made.stdout));
  }
  const run = await ObjectRun.open({ worker: await bundledStoreWorker(), store: undefined, threads: 2 });
  try {
    const { image } = await imageOfDirectory(source, options, run);
    await run.finish();
    return openImage(writeImage(image, { minVersion: 0, maxVersion: 1 }));
  } finally {
    await run.close();
  }
}

const causesOf = (a: Image, b: Image): readonly CompareCause[] => finish(explainDiff(compareTrees(a, b))).causes;
const idsOf = (a: Image, b: Image): readonly string[] => {
  const [there, back] = [causesOf(a, b), causesOf(b, a)].map((causes) => causes.map(({ id }) => id));
  expect(back).toEqual(there);
  return there ?? [];
};

function realTree(seed: number): string {
  const source = join(folder, `source-${seed}`);
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source);
  makeRealTree(source, new Random(seed));
  // whatever the seed made, there is something of each kind
  const file = join(source, 'sure');
  writeFileSync(file, 'sure');
  for (const name of ['security.selinux', 'trusted.note', 'user.mark']) setXattr(file, name, Buffer.from('x'));
  spawnSync('mknod', [join(source, 'null'), 'c', '1', '3']);
  spawnSync('ln', [file, join(source, 'linked')]);
  lutimesSync(source, 1_700_000_000, 1_700_000_000);
  return source;
}

describe.skipIf(!isRoot)('real directories, scanned in the ways that mkcomposefs has', () => {
  it.each(SEEDS)('each option is the one cause that is named: seed %i', async (seed) => {
    const source = realTree(seed);
    const all = await scan(source);
    expect(idsOf(all, await scan(source))).toEqual([]);
    const none = await scan(source, { skipXattrs: true });
    const user = await scan(source, { userXattrs: true });
    expect(idsOf(all, none)).toEqual(['D04']);
    expect(causesOf(all, none)[0]?.sentence).toContain('none: --skip-xattrs');
    expect(idsOf(all, user)).toEqual(['D04']);
    expect(causesOf(all, user)[0]?.sentence).toContain('user.* alone: --user-xattrs');
    expect(idsOf(user, none)).toEqual(['D04']);
    expect(idsOf(all, await scan(source, { useEpoch: true }))).toEqual(['D35']);
    const devices = idsOf(all, await scan(source, { skipDevices: true }));
    // where one of them was a whiteout, mkcomposefs took another format, in which an opaque directory has lost its mark
    expect(devices.filter((id) => id !== 'D13' && id !== 'D14')).toEqual(['D29']);
    const bare = await scan(source, { skipXattrs: true, useEpoch: true });
    expect(idsOf(all, bare).toSorted()).toEqual(['D04', 'D35']);
  });

  it('a directory has the hard links that its image has not', async () => {
    const source = realTree(1);
    const directory = await readDirectory(source, {});
    const causes = causesOf(directory, await scan(source));
    expect(causes[0]).toMatchObject({ id: 'D12', confidence: 'strong' });
    // an opaque directory with a whiteout in it has lost its own mark
    expect(causes.slice(1).filter(({ id }) => id !== 'D14')).toEqual([]);
  });

  it('an upper directory, against what the overlay shows', async () => {
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    for (const path of [lower, upper, work, merged]) mkdirSync(path);
    mkdirSync(join(lower, 'etc'));
    for (const name of ['one', 'two', 'three', 'four', 'five']) writeFileSync(join(lower, 'etc', name), name);
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    expect(spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, merged]).status).toBe(0);
    try {
      chmodSync(join(merged, 'etc', 'one'), 0o600);
      renameSync(join(merged, 'etc', 'two'), join(merged, 'etc', 'second'));
      rmSync(join(merged, 'etc', 'three'));
      const shown = await scan(merged);
      const [format, cause, ...more] = causesOf(shown, await scan(upper));
      expect(more).toEqual([]);
      // whiteouts, for which mkcomposefs takes format 1
      expect(format).toMatchObject({ id: 'D13' });
      expect(cause).toMatchObject({ id: 'D34', confidence: 'likely' });
      expect(cause?.sentence).toMatch(/as an upper directory has; 2 whiteouts .*; 2 of A are not in it/);
    } finally {
      spawnSync('umount', [merged]);
    }
  });
});
