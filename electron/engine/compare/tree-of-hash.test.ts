import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_NOISE } from '../../../shared/contract/compare-values.ts';
import { portableHash } from '../../../shared/verity/portable-hash.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { contentOf, openLab, putObject, type Lab } from '../testing/lab.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const noise = { attributes: [...NO_NOISE.attributes], xattrs: [...NO_NOISE.xattrs], paths: '' };
const paths = (...all: string[]) => ({ kind: 'paths' as const, paths: all, userXattrs: false });

/** A dump of two files: one with a digest by that hash, one so small that it is in the image. */
async function dumpOf(algorithm: 'sha256' | 'sha512'): Promise<string> {
  const content = Buffer.from(contentOf('good'));
  const hex = Buffer.from(fsVerityDigest(content, { algorithm, hash: portableHash(algorithm) })).toString('hex');
  const { uid, gid } = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const path = join(lab.folder, `${algorithm}.dump`);
  await writeFile(
    path,
    `/ 0 40755 2 ${uid} ${gid} 0 5.0 - - -\n` +
      `/file ${content.length} 100644 1 ${uid} ${gid} 0 5.0 ${hex.slice(0, 2)}/${hex.slice(2)} - ${hex}\n` +
      `/small 5 100644 1 ${uid} ${gid} 0 5.0 - hello -\n`,
  );
  return path;
}

/** The same as a directory. */
async function directory(): Promise<string> {
  const folder = join(lab.folder, 'tree');
  const file = join(folder, 'file');
  await mkdir(folder);
  const small = join(folder, 'small');
  await writeFile(file, contentOf('good'));
  await writeFile(small, 'hello');
  await chmod(folder, 0o755);
  for (const one of [file, small]) await chmod(one, 0o644);
  for (const one of [file, small, folder]) await utimes(one, 5, 5);
  return folder;
}

/** Digests, or why there is none, by format and hash. */
async function digestsOf(path: string): Promise<Readonly<Record<string, string | undefined>>> {
  const { comparison } = await lab.handlers.compare({ a: paths(path), b: paths(path), noise });
  const { cells } = await lab.handlers.compareMatrix({ comparison, side: 'a' });
  return Object.fromEntries(
    cells.map(({ algorithm, formatVersion, digest, why }) => [`${algorithm} ${formatVersion}`, digest ?? why]),
  );
}

test('digests by the other hash are those of a tree that has them: of contents in stores, and of a directory', async () => {
  const [short, long] = [await dumpOf('sha256'), await dumpOf('sha512')];
  const without = await digestsOf(short);
  expect(without['sha512 2']).toMatch(/^SHA-512 digests need the contents: \/file: .* no store is attached/);
  await putObject(join(lab.folder, 'objects'), 'good');
  await lab.handlers.attachStore({ path: join(lab.folder, 'objects') });
  const all = await digestsOf(short);
  const [short256, long512] = [without, await digestsOf(long)];
  for (const format of [0, 1, 2]) {
    expect(all[`sha256 ${format}`]).toBe(short256[`sha256 ${format}`]);
    expect(all[`sha512 ${format}`]).toBe(long512[`sha512 ${format}`]);
    expect(all[`sha512 ${format}`]).toMatch(/^[0-9a-f]{128}$/);
  }
  expect(await digestsOf(await directory())).toEqual(all);
});
