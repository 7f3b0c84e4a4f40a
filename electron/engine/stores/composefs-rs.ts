import { readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { kindAt, listIfThere, readText } from './folder-listing.ts';
import { capImages, plural, type ImageList } from './store-found.ts';

/** Depth and number of names below `images/refs` that are followed. */
const MAX_REF_DEPTH = 8;
const MAX_REFS = 1000;

const IMAGE_NAME = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;
const OBJECT_LINK = /^\.\.\/objects\/([0-9a-f]{2})\/([0-9a-f]{62}|[0-9a-f]{126})$/;

/**
 * The images of a composefs-rs repository: those with a name under `images/refs` first, by that name, then the others
 * by digest. A link that leads anywhere but into the repository's own objects is left out and told.
 *
 * @param preferred digests that come before all others, such as those of bootc's deployments
 * @throws StoreError where `images/` cannot be listed
 */
export async function imagesOfRepository(repository: string, preferred: readonly string[] = []): Promise<ImageList> {
  const folder = join(repository, 'images');
  const { entries } = await listIfThere(folder);
  const byDigest = new Map<string, string>();
  const counts = { broken: 0, foreign: 0, renamed: 0 };
  for (const name of [...entries.keys()].filter((entry) => IMAGE_NAME.test(entry)).toSorted()) {
    const path = join(folder, name);
    const target = await linkTarget(path);
    const [, digits, rest] = OBJECT_LINK.exec(target ?? '') ?? [];
    if (digits === undefined || rest === undefined) {
      counts.foreign += 1;
      continue;
    }
    const object = join(repository, 'objects', digits, rest);
    if ((await kindAt(object)) !== 'file') counts.broken += 1;
    else {
      if (digits + rest !== name) counts.renamed += 1;
      // On a copy whose links became text files, only the object itself can be opened.
      byDigest.set(name, (await kindAt(path)) === 'symlink' ? path : object);
    }
  }
  const named = new Map<string, string>();
  for (const { digest, path } of await namesBelow(join(folder, 'refs'))) {
    const image = byDigest.get(digest);
    // The path with the better name is given only where it really leads there: what is opened follows the whole link.
    if (image !== undefined && !named.has(digest)) named.set(digest, (await sameFile(path, image)) ? path : image);
  }
  const order = new Set([...preferred.filter((digest) => byDigest.has(digest)), ...named.keys(), ...byDigest.keys()]);
  const images = [...order].map((digest) => named.get(digest) ?? byDigest.get(digest) ?? '');
  const cautions: string[] = [];
  if (counts.broken > 0) cautions.push(`${plural(counts.broken, 'link')} under images/ without an object`);
  if (counts.foreign > 0) cautions.push(`${plural(counts.foreign, 'name')} under images/ leading elsewhere`);
  if (counts.renamed > 0) cautions.push(`${plural(counts.renamed, 'link')} under images/ to an object of another name`);
  return capImages(images, cautions);
}

interface Reference {
  readonly digest: string;
  readonly path: string;
}

/** A reader goes by the last name of a reference's target alone (spec repository.md, section 1). */
async function namesBelow(folder: string): Promise<readonly Reference[]> {
  const found: Reference[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    const { entries } = await listIfThere(path, MAX_REFS);
    for (const [name, kind] of [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (found.length >= MAX_REFS) return;
      const child = join(path, name);
      if (kind === 'directory') {
        if (depth < MAX_REF_DEPTH) await visit(child, depth + 1);
        continue;
      }
      const digest = /^(?:\.\.\/)+(?:[^/]+\/)*([0-9a-f]+)$/.exec((await linkTarget(child)) ?? '')?.[1];
      if (digest !== undefined && IMAGE_NAME.test(digest)) found.push({ digest, path: child });
    }
  };
  await visit(folder, 0);
  return found;
}

async function sameFile(one: string, other: string): Promise<boolean> {
  try {
    return (await realpath(one)) === (await realpath(other));
  } catch {
    return false;
  }
}

/** Target of a symlink, or of a text file that an archiver made of one; undefined: neither. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    try {
      return (await readText(path))?.trimEnd();
    } catch {
      return undefined;
    }
  }
}

/** Deployment ids below `state/deploy` of a bootc system's physical root, newest name last. @throws StoreError */
export async function bootcDeployments(physicalRoot: string): Promise<readonly string[]> {
  const { entries } = await listIfThere(join(physicalRoot, 'state', 'deploy'));
  return [...entries.keys()].filter((name) => IMAGE_NAME.test(name)).toSorted();
}
