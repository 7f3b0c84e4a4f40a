import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aloneWithMounts } from '../../kernel/testing/alone-with-mounts.ts';
import { Random } from '../../../shared/testing/random.ts';
import { displayBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { readXattrs } from '../layers/xattr-calls.ts';
import { bundledStoreWorker } from '../testing/bundled-worker.ts';
import { referenceTool } from '../testing/reference-tools.ts';
import { writeBytes } from '../save-content.ts';
import { createImage } from './create-job.ts';
import { makeRealTree } from './testing/random-real-tree.ts';

aloneWithMounts();

/** An image and its store are right when the kernel shows of them what they were made of. */

const mountComposefs = referenceTool('mount.composefs');
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const SEEDS = Number(process.env['COMPOSCOPE_MOUNT_SEEDS'] ?? 12);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-mounted-'));
  // a tmpfs takes trusted and user attributes, and is fast
  if (isRoot) expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
});
afterAll(() => {
  if (isRoot) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** A tree as text, an entry a line: type and mode, owner, time, device, target, attributes, bytes. Names are bytes. */
function seen(root: string): readonly string[] {
  const lines: string[] = [];
  const visit = (path: Buffer, shown: string): void => {
    const stats = lstatSync(path, { bigint: true });
    const parts = [stats.mode.toString(8), `${stats.uid}:${stats.gid}`, String(stats.mtimeNs), String(stats.rdev)];
    const xattrs = readXattrs(path).map(({ name, value }) => `${displayBytes(name)}=${hexOfBytes(value)}`);
    parts.push(...xattrs.toSorted());
    if (stats.isSymbolicLink()) parts.push(readlinkSync(path, 'latin1'));
    if (stats.isFile()) parts.push(readFileSync(path, 'latin1'));
    lines.push(`${shown} ${parts.join(' ')}`);
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(path, { encoding: 'buffer' })) {
      visit(Buffer.concat([path, Buffer.from('/'), name]), `${shown}/${name.toString('latin1')}`);
    }
  };
  visit(Buffer.from(root), '');
  return lines.toSorted();
}

async function check(seed: number): Promise<number> {
  const base = join(folder, String(seed));
  const source = join(base, 'source');
  const at = join(base, 'mount');
  for (const path of [source, at]) mkdirSync(path, { recursive: true });
  makeRealTree(source, new Random(seed));
  // what stands for a whiteout is one to the kernel, too, and hides
  for (const path of whiteoutsOf(Buffer.from(source))) unlinkSync(path);
  const store = join(base, 'store');
  const { image } = await createImage({
    sources: [source],
    store,
    threads: 2,
    openImage: () => {
      throw new Error('a directory is no image');
    },
    worker: await bundledStoreWorker(),
  });
  const file = join(base, 'image.cfs');
  await writeBytes(file, image.bytes);
  const mounted = spawnSync(mountComposefs ?? '', ['-o', `basedir=${store}`, file, at], { encoding: 'utf8' });
  expect(`seed ${seed}: ${mounted.stderr}`).toBe(`seed ${seed}: `);
  try {
    const entries = seen(source);
    expect([`seed ${seed}`, ...seen(at)]).toEqual([`seed ${seed}`, ...entries]);
    return entries.length;
  } finally {
    spawnSync('umount', [at]);
    rmSync(base, { recursive: true });
  }
}

function whiteoutsOf(folderPath: Buffer): readonly Buffer[] {
  return readdirSync(folderPath, { encoding: 'buffer' }).flatMap((name) => {
    const path = Buffer.concat([folderPath, Buffer.from('/'), name]);
    const stats = lstatSync(path);
    if (stats.isDirectory()) return whiteoutsOf(path);
    return stats.isCharacterDevice() && stats.rdev === 0 ? [path] : [];
  });
}

describe.skipIf(!isRoot || mountComposefs === undefined)('an image that was made, mounted by mount.composefs', () => {
  it(`shows all that it was made of: ${SEEDS} seeds`, { timeout: SEEDS * 5000 }, async () => {
    let entries = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) entries += await check(seed);
    expect(entries).toBeGreaterThan(SEEDS * 10);
  });
});
