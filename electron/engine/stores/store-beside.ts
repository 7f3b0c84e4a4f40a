import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { answerWithin } from './answer-within.ts';
import { kindAt } from './folder-listing.ts';
import { openStore, storeIn } from './open-store.ts';
import type { StoreFound } from './store-found.ts';

/** Folders upwards that are looked at: from `ostree/deploy/NAME/deploy/CHECKSUM.N/` it is four to `ostree/`. */
const MAX_UP = 6;
const PATIENCE_MS = 10_000;

/**
 * The store that lies beside an image, found without asking: `objects` (or `NAME.objects`) in its folder, the folder
 * itself, the repository around it, or the `diff` folders of a containers-storage layer and its parents. The first
 * place that has one is the answer; where no place has, or none can be looked at, there is no store to be found.
 *
 * @returns in the order of search; more than one for a layer with parents alone
 */
export async function findStoresBeside(image: string): Promise<readonly StoreFound[]> {
  try {
    return await answerWithin(PATIENCE_MS, image, async () => {
      const given = resolve(image);
      const real = await realpath(given);
      for (const path of new Set([given, real])) {
        const stores = await besideOne(path);
        if (stores.length > 0) return stores.map(withoutImages);
      }
      return [];
    });
  } catch {
    return [];
  }
}

/** One was asked for its image: the others are not opened along with it. */
const withoutImages = (store: StoreFound): StoreFound => ({ ...store, images: [] });

async function besideOne(image: string): Promise<readonly StoreFound[]> {
  const folder = dirname(image);
  if (basename(folder) === 'composefs-data') {
    const layer = await openStore(folder).catch(() => []);
    if (layer[0]?.certain === true) return layer;
  }
  const stem = basename(image, extname(image));
  for (const name of ['objects', `${stem}.objects`, `${stem}-objects`]) {
    const beside = join(folder, name);
    if ((await kindAt(beside)) === undefined) continue;
    // Its name says enough: it may be empty, or hold paths of a shape of its own.
    const stores = await openStore(beside).catch(() => []);
    if (stores.length > 0) return stores.slice(0, 1);
  }
  let above = folder;
  for (let up = 0; up <= MAX_UP && above !== dirname(above); up += 1) {
    const store = await around(above);
    if (store !== undefined && (up <= 1 || isRepository(store))) return [store];
    above = dirname(above);
  }
  return [];
}

/** What the image lies in; a repository further below, such as the running system's, is none of its business. */
async function around(folder: string): Promise<StoreFound | undefined> {
  const place = basename(folder) === 'ostree' ? join(folder, 'repo') : folder;
  return storeIn(place, place).catch(() => undefined);
}

/** Far above the image, only what says itself that it is a repository: a folder `ab` of digits may be anything. */
const isRepository = (store: StoreFound): boolean => store.title.includes('repository');
