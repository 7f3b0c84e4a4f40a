import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aloneWithMounts } from '../../kernel/testing/alone-with-mounts.ts';
import { writeDump } from '../../../shared/composefs/dump-text.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { Random } from '../../../shared/testing/random.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { referenceTool } from '../testing/reference-tools.ts';
import { imageOfDirectory } from './create-image.ts';
import { ObjectRun } from './object-run.ts';
import type { ScanOptions } from './scan-directory.ts';
import { makeRealTree } from './testing/random-real-tree.ts';

aloneWithMounts();

const mkcomposefs = referenceTool('mkcomposefs');
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const SEEDS = Number(process.env['COMPOSCOPE_CREATE_SEEDS'] ?? 40);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-create-'));
  // a tmpfs takes trusted and user attributes, and is fast
  if (isRoot) expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
});
afterAll(() => {
  if (isRoot) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** Objects of a store by path, with their bytes. */
function objectsOf(store: string): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  for (const name of readdirSync(store, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    objects.set(path.slice(store.length), readFileSync(path, 'latin1'));
  }
  return objects;
}

/** The image that mkcomposefs makes of our dump of it. */
function viaDump(image: Image): Buffer {
  const parts: Uint8Array[] = [];
  writeDump(image, (bytes) => parts.push(bytes.slice()));
  const made = spawnSync(mkcomposefs ?? '', ['--from-file', '-', '-'], {
    input: Buffer.concat(parts),
    maxBuffer: 2 ** 30,
  });
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return made.stdout;
}

const flags = (options: ScanOptions): string[] =>
  Object.entries(options).map(([name]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);

async function check(seed: number): Promise<void> {
  const random = new Random(seed);
  const source = join(folder, `source-${seed}`);
  mkdirSync(source);
  makeRealTree(source, random);
  const options: ScanOptions = {
    ...(random.chance(0.3) && { useEpoch: true }),
    ...(random.chance(0.3) && { skipDevices: true }),
    ...random.pick([{}, {}, { skipXattrs: true }, { userXattrs: true }]),
  };
  const theirs = join(folder, `theirs-${seed}`);
  const wanted = spawnSync(mkcomposefs ?? '', [...flags(options), `--digest-store=${theirs}`, source, '-'], {
    maxBuffer: 2 ** 30,
  });
  expect(wanted.stderr.toString()).toBe('');
  const store = join(folder, `ours-${seed}`);
  const run = await ObjectRun.open({ worker: await bundledStoreWorker(), store, threads: 2 });
  try {
    const { image } = await imageOfDirectory(source, options, run);
    await run.finish();
    expect(viaDump(image).equals(wanted.stdout)).toBe(true);
  } finally {
    await run.close();
  }
  mkdirSync(theirs, { recursive: true });
  expect([`seed ${seed}`, ...objectsOf(store)]).toEqual([`seed ${seed}`, ...objectsOf(theirs)]);
  for (const path of [source, theirs, store]) rmSync(path, { recursive: true });
}

describe.skipIf(!isRoot || mkcomposefs === undefined)('an image of a directory', () => {
  for (let from = 0; from < SEEDS; from += 10) {
    it(
      `is the one that mkcomposefs makes, with the same objects: seeds ${from} to ${from + 9}`,
      { timeout: 60_000 },
      async () => {
        for (let seed = from; seed < from + 10; seed += 1) await check(seed);
      },
    );
  }
});
