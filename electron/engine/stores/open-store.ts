import { createHash } from 'node:crypto';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HEAD_BYTES, recogniseBytes } from '../../../shared/store/recognise-bytes.ts';
import { objectName, recogniseFolder, TWO_DIGITS, type Recognition } from '../../../shared/store/recognise.ts';
import { bootcDeployments, imagesOfRepository } from './composefs-rs.ts';
import { findContainersStorage } from './containers-storage.ts';
import { kindAt, listFolder, listIfThere, readHead, readListing } from './folder-listing.ts';
import { ObjectResolver } from './object-resolver.ts';
import { imagesOfDeployments } from './ostree.ts';
import { capImages, noteOf, type ImageList, type StoreFound } from './store-found.ts';
import { StoreError, storeError } from './store-error.ts';
import { answerWithin } from './answer-within.ts';

/** Longest time until a folder is recognised or given up: some thousand small reads on a slow disk. */
const PATIENCE_MS = 30_000;
/** Files right in the folder whose first bytes are looked at for images. */
const MAX_LOOKED_AT = 512;
/** An object this small is hashed to tell whose name it bears. */
const MAX_HASHED = 1 << 20;

/** Where a store lies in folders that are more than a store: an ostree or bootc system, mounted or booted. */
const PLACES_BELOW = ['repo', 'ostree/repo', 'sysroot/ostree/repo', 'composefs', 'sysroot/composefs'];

/**
 * Tells what stores a folder is or holds, best first, by what is in it (spec stores.md, section 7). A folder of no known
 * layout is one too: a plain one, `certain: false`.
 *
 * @param path a folder
 * @throws StoreError: no such folder, no permission, `ETIMEDOUT`
 */
export function openStore(path: string): Promise<readonly StoreFound[]> {
  return answerWithin(PATIENCE_MS, path, () => findStores(resolve(path)));
}

async function findStores(folder: string): Promise<readonly StoreFound[]> {
  await assertFolder(folder);
  const stores: StoreFound[] = [...(await findContainersStorage(folder))];
  if (stores.length === 0) stores.push(...(await storesAt(folder)));
  const beside = await imagesIn(folder);
  const unique = await distinct(stores);
  const [first, ...others] = unique.length === 0 ? [plainFolder(folder)] : unique;
  if (first === undefined) return [];
  const { images, cautions } = capImages([...new Set([...first.images, ...beside.images])], beside.cautions);
  return Promise.all([{ ...first, images, note: noteOf(first.note, ...cautions) }, ...others].map(withRootProblem));
}

async function storesAt(folder: string): Promise<readonly StoreFound[]> {
  const stores: (StoreFound | undefined)[] = [await partOfRepository(folder), await storeIn(folder, folder)];
  for (const place of PLACES_BELOW) {
    const below = join(folder, place);
    if ((await kindAt(below)) === undefined) continue;
    stores.push(await storeIn(below, folder));
  }
  return stores.filter((store) => store !== undefined);
}

/** `REPO/objects`, `REPO/images` or `REPO/streams`: what it is stands beside it, not in it. */
async function partOfRepository(folder: string): Promise<StoreFound | undefined> {
  const part = basename(folder);
  if (part !== 'objects' && part !== 'images' && part !== 'streams') return undefined;
  const store = await storeIn(dirname(folder), folder).catch(() => undefined);
  if (store === undefined || basename(store.dataRoot) !== 'objects') return undefined;
  return part === 'images' ? store : { ...store, images: [] };
}

/**
 * The store that a folder is, nothing below or above it looked at; undefined: no known layout.
 * @param given what the user gave: the folder itself or one above it
 * @throws StoreError
 */
export async function storeIn(folder: string, given: string): Promise<StoreFound | undefined> {
  const recognition = recogniseFolder(await readListing(folder));
  if (recognition === undefined) return undefined;
  const dataRoot = recognition.dataRoot === '.' ? folder : join(folder, recognition.dataRoot);
  const { images, cautions } = await imagesOf(recognition, folder);
  const store = { path: given, dataRoot, note: noteOf(recognition.note, ...cautions), images, certain: true };
  if (recognition.ambiguous && (await namedBySha256(dataRoot))) {
    return { ...store, kind: 'containers-storage', title: 'objects named by SHA-256 (containers-storage)' };
  }
  return { ...store, kind: recognition.kind, title: recognition.title };
}

async function imagesOf(recognition: Recognition, folder: string): Promise<ImageList> {
  if (recognition.kind === 'ostree') return imagesOfDeployments(folder);
  if (recognition.kind !== 'composefs-rs' || recognition.dataRoot !== 'objects') return { images: [], cautions: [] };
  const deployments = basename(folder) === 'composefs' ? await bootcDeployments(dirname(folder)) : [];
  const list = await imagesOfRepository(folder, deployments);
  let lost = 0;
  for (const id of deployments) if ((await kindAt(join(folder, 'images', id))) === undefined) lost += 1;
  const caution = `${lost} of ${deployments.length} bootc deployments have no image of their name`;
  return lost === 0 ? list : { ...list, cautions: [...list.cautions, caution] };
}

/** Whether the smallest of a few objects bears the plain SHA-256 of its content, as containers-storage names them. */
async function namedBySha256(dataRoot: string): Promise<boolean> {
  let smallest: { path: string; name: string; size: number } | undefined;
  const folders = [...(await listIfThere(dataRoot)).entries.keys()].filter((name) => TWO_DIGITS.test(name));
  for (const folder of folders.slice(0, 16)) {
    for (const name of (await listIfThere(join(dataRoot, folder), 8).catch(() => undefined))?.entries.keys() ?? []) {
      const path = join(dataRoot, folder, name);
      const size = await sizeOf(path);
      if (objectName(name) !== 'sha256' || size === undefined || size > MAX_HASHED) continue;
      if (smallest === undefined || size < smallest.size) smallest = { path, name: folder + name, size };
    }
  }
  if (smallest === undefined) return false;
  const bytes = await readHead(smallest.path, smallest.size).catch(() => undefined);
  return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === smallest.name;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    return undefined;
  }
}

/** Image files right in the folder, by their first bytes: images that lie beside their store. */
async function imagesIn(folder: string): Promise<ImageList> {
  const { entries, more } = await listFolder(folder);
  const images: string[] = [];
  const files = [...entries].filter(([, kind]) => kind === 'file').map(([name]) => name);
  for (const name of files.toSorted().slice(0, MAX_LOOKED_AT)) {
    const path = join(folder, name);
    const head = await readHead(path, HEAD_BYTES).catch(() => undefined);
    if (head !== undefined && ['composefs', 'erofs', 'cfs'].includes(recogniseBytes(head))) images.push(path);
  }
  const all = !more && files.length <= MAX_LOOKED_AT;
  return { images, cautions: all ? [] : [`only ${MAX_LOOKED_AT} of its files were looked at for images`] };
}

function plainFolder(folder: string): StoreFound {
  return {
    path: folder,
    dataRoot: folder,
    kind: 'plain',
    title: 'folder',
    note: 'no known layout: redirects are taken as paths below this folder',
    images: [],
    certain: false,
  };
}

/** `/ostree` and `/sysroot/ostree` are one on a running system. */
async function distinct(stores: readonly StoreFound[]): Promise<readonly StoreFound[]> {
  const byRoot = new Map<string, StoreFound>();
  for (const store of stores) {
    const real = await realpath(store.dataRoot).catch(() => store.dataRoot);
    if (!byRoot.has(real)) byRoot.set(real, store);
  }
  return [...byRoot.values()];
}

async function withRootProblem(store: StoreFound): Promise<StoreFound> {
  const problem = await new ObjectResolver([store.dataRoot]).rootProblem(0);
  if (problem === undefined) return store;
  return { ...store, note: noteOf(`${problem.reason} (${problem.errno})`, store.note) };
}

async function assertFolder(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    throw storeError(error, path);
  }
  throw new StoreError('ENOTDIR', path, `${path}: not a folder (ENOTDIR)`);
}
