import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aloneWithMounts } from '../../kernel/testing/alone-with-mounts.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { Random } from '../../../shared/testing/random.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { readDirectory } from '../layers/read-directory.ts';
import { makeLayer } from '../layers/testing/random-layers.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { referenceTool } from '../testing/reference-tools.ts';
import { createImage } from './create-job.ts';

aloneWithMounts();

/** What mkcomposefs makes of the kernel's own mount of the layers is right; of the same layers ours must be that, byte for byte. */

const mkcomposefs = referenceTool('mkcomposefs');
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const SEEDS = Number(process.env['COMPOSCOPE_MERGE_IMAGES'] ?? 40);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-merge-image-'));
  // a tmpfs takes trusted and user attributes, and is fast
  if (isRoot) expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
});
afterAll(() => {
  if (isRoot) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

const mount = (...args: readonly string[]): string => {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  return status === 0 ? '' : stderr;
};

/** @returns the image; undefined: the tool could not read the tree */
function theirsOf(source: string, target: string): Buffer | undefined {
  const { status } = spawnSync(mkcomposefs ?? '', [source, target]);
  return status === 0 ? readFileSync(target) : undefined;
}

/** @returns whether there was an image to compare with: data that is not there makes the tool give up, and us */
async function check(seed: number): Promise<boolean> {
  const random = new Random(seed);
  const family = random.int(5) === 0 ? 'user' : 'trusted';
  const base = join(folder, String(seed));
  const at = join(base, 'mount');
  mkdirSync(at, { recursive: true });
  const layers = Array.from({ length: 2 + random.int(3) }, (_, layer) => join(base, `layer${layer + 1}`));
  for (const layer of layers) {
    mkdirSync(layer);
    makeLayer(layer, random, { family, metacopy: seed % 4 === 0 });
  }
  const follow = family === 'user' ? 'userxattr' : 'redirect_dir=follow,metacopy=on';
  expect(mount('-t', 'overlay', 'overlay', '-o', `ro,lowerdir=${layers.toReversed().join(':')},${follow}`, at)).toBe(
    '',
  );
  const merged = theirsOf(at, join(base, 'merged.cfs'));
  spawnSync('umount', [at]);
  if (merged === undefined) return false;
  const images = layers.map((layer) => `${layer}.cfs`);
  for (const layer of layers) expect(theirsOf(layer, `${layer}.cfs`)).toBeDefined();
  // names that cannot be looked up are in no listing, so that the tool leaves them out; ours says so
  const { faults } = new StackImage(await Promise.all(layers.map((layer) => readDirectory(layer))), { family }).merged;
  for (const sources of [layers, images]) {
    const made = createImage({
      sources,
      merge: family,
      openImage: (path) => openImage(readFileSync(path)),
      worker: await bundledStoreWorker(),
      threads: 1,
    });
    if (faults.size > 0) await expect(made).rejects.toMatchObject({ code: 'unsupported' });
    else {
      const name = `seed ${seed} ${sources[0]}`;
      expect(`${name}: ${Buffer.compare((await made).image.bytes, merged)}`).toBe(`${name}: 0`);
    }
  }
  rmSync(base, { recursive: true });
  return faults.size === 0;
}

describe.skipIf(!isRoot || mkcomposefs === undefined)('the image of merged layers', () => {
  it(`is the one of the kernel's mount of them: ${SEEDS} seeds`, { timeout: SEEDS * 2000 }, async () => {
    let made = 0;
    for (let seed = 0; made < SEEDS && seed < SEEDS * 10; seed += 1) if (await check(seed)) made += 1;
    expect(made).toBe(SEEDS);
  });
});
