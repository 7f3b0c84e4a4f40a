import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseComposefsHeader } from '../../../shared/composefs/header.ts';
import { ImageError } from '../../../shared/erofs/image-error.ts';
import { parseMetaJson } from '../../../shared/store/meta-json.ts';
import type { UpgradedRepository } from '../../../shared/tree/diff/explain/evidence.ts';
import { imagesOfRepository } from '../stores/composefs-rs.ts';
import { readHead, readText } from '../stores/folder-listing.ts';
import { StoreError } from '../stores/store-error.ts';

/** Images of a repository that are looked at. */
const MAX_IMAGES = 1000;
const HEADER = 32;

/**
 * A composefs-rs repository whose meta.json is newer than images of format 2 in it: the one that an image lies in, or that a
 * store belongs to.
 *
 * @param paths of images. @param dataRoots of stores
 * @returns undefined where there is none, or it cannot be read
 * @see repository.md, section 3
 */
export async function upgradedRepository(
  paths: readonly string[],
  dataRoots: readonly string[],
): Promise<UpgradedRepository | undefined> {
  for (const path of await repositoriesOf(paths, dataRoots)) {
    try {
      const found = await lookAt(path);
      if (found !== undefined) return found;
    } catch (error) {
      // who attached it was told; and what goes away meanwhile says nothing
      if (!(error instanceof StoreError || (error instanceof Error && 'code' in error))) throw error;
    }
  }
  return undefined;
}

async function repositoriesOf(paths: readonly string[], dataRoots: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    for (const one of [path, await realpath(path).catch(() => path)]) {
      const parent = dirname(one);
      if (basename(parent) === 'images') found.add(dirname(parent));
      if (/^[0-9a-f]{2}$/.test(basename(parent)) && basename(dirname(parent)) === 'objects') {
        found.add(dirname(dirname(parent)));
      }
    }
  }
  for (const root of dataRoots) if (basename(root) === 'objects') found.add(dirname(root));
  return found;
}

async function lookAt(repository: string): Promise<UpgradedRepository | undefined> {
  const file = join(repository, 'meta.json');
  const text = await readText(file);
  const meta = text === undefined ? undefined : parseMetaJson(text);
  if (meta === undefined) return undefined;
  const { mtimeMs } = await lstat(file);
  const { images } = await imagesOfRepository(repository);
  let olderImages = 0;
  for (const image of images.slice(0, MAX_IMAGES)) if (await isOlder(image, mtimeMs)) olderImages += 1;
  return olderImages === 0 ? undefined : { path: repository, imageFormat: meta.imageFormat, olderImages };
}

/** Whether it is an image of format 2 that was there before. */
async function isOlder(image: string, before: number): Promise<boolean> {
  const head = await readHead(image, HEADER, { follow: true });
  if (head === undefined) return false;
  try {
    if (parseComposefsHeader(head)?.composefsVersion !== 2) return false;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
  const real = await realpath(image).catch(() => image);
  return (await lstat(real)).mtimeMs < before;
}
