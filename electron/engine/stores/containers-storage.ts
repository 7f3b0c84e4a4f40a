import { readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { kindAt, listIfThere, readText } from './folder-listing.ts';
import { MAX_IMAGES, noteOf, type StoreFound } from './store-found.ts';

/** Layers of one chain; overlayfs itself stops at 500. */
const MAX_CHAIN = 500;
const LAYER_ID = /^[0-9a-f]{64}$/;

/** One layer that containers-storage converted to composefs: `overlay/<id>` (spec stores.md, section 5). */
interface Layer {
  readonly id: string;
  readonly folder: string;
}

const imageOf = (layer: Layer): string => join(layer.folder, 'composefs-data', 'composefs.blob');

const hasImage = async (layer: Layer): Promise<boolean> => (await kindAt(imageOf(layer))) === 'file';

/**
 * Stores of a containers-storage folder: of one layer, its own `diff` and then those of its parents, in the order in
 * which a mount searches them; of a whole `overlay` folder, the `diff` of every layer, each with its image.
 *
 * @param folder a graph root, its `overlay`, a layer in it, or a layer's `diff` or `composefs-data`
 * @returns empty where it is none of these, or no layer has a composefs image
 * @throws StoreError where the folder cannot be listed
 */
export async function findContainersStorage(folder: string): Promise<readonly StoreFound[]> {
  const name = basename(folder);
  const within = name === 'diff' || name === 'composefs-data' ? dirname(folder) : folder;
  if ((await kindAt(join(within, 'composefs-data'))) === 'directory') {
    const layer = { id: basename(within), folder: within };
    if (await hasImage(layer)) return chainOf(layer, folder);
  }
  for (const overlay of [join(folder, 'overlay'), folder]) {
    const stores = await allLayers(overlay, folder);
    if (stores.length > 0) return stores;
  }
  return [];
}

async function chainOf(layer: Layer, path: string): Promise<readonly StoreFound[]> {
  const { parents, cautions } = await parentsOf(layer);
  const own = storeOf(layer, path, [imageOf(layer)], noteOf(...cautions));
  return [own, ...parents.map((parent) => storeOf(parent, parent.folder, [], undefined))];
}

/** Nearest first, as the `lower` file has it; those that are no composefs layers hold files, not objects. */
async function parentsOf(layer: Layer): Promise<{ readonly parents: Layer[]; readonly cautions: string[] }> {
  const overlay = dirname(layer.folder);
  const names = ((await readText(join(layer.folder, 'lower'))) ?? '').trim().split(':');
  const parents: Layer[] = [];
  let lost = 0;
  let shortNames: Map<string, string> | undefined;
  for (const name of names.filter((entry) => entry !== '').slice(0, MAX_CHAIN)) {
    const short = /^l\/([A-Z0-9]{1,64})$/.exec(name)?.[1];
    let id = short === undefined ? undefined : await followLink(join(overlay, 'l', short));
    if (id === undefined && short !== undefined) {
      // On a copy without symlinks, each layer still knows its own short name.
      shortNames ??= await readShortNames(overlay);
      id = shortNames.get(short);
    }
    const parent = id === undefined ? undefined : { id, folder: join(overlay, id) };
    if (parent === undefined || (await kindAt(parent.folder)) !== 'directory') lost += 1;
    else if (await hasImage(parent)) parents.push(parent);
  }
  return { parents, cautions: lost === 0 ? [] : [`${lost} of its ${names.length} parent layers are not there`] };
}

/** Layer id that a short link leads to: its target is `../<id>/diff` and nothing else. */
async function followLink(link: string): Promise<string | undefined> {
  try {
    return /^\.\.\/([0-9a-f]{64})\/diff$/.exec(await readlink(link))?.[1];
  } catch {
    return undefined;
  }
}

async function readShortNames(overlay: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const layer of await layersIn(overlay)) {
    const short = (await readText(join(layer.folder, 'link')))?.trim();
    if (short !== undefined) names.set(short, layer.id);
  }
  return names;
}

async function allLayers(overlay: string, path: string): Promise<readonly StoreFound[]> {
  const layers = await layersIn(overlay);
  const converted: Layer[] = [];
  for (const layer of layers) if (await hasImage(layer)) converted.push(layer);
  const clauses: string[] = [];
  const plain = layers.length - converted.length;
  if (plain > 0) clauses.push(`${plain} of ${layers.length} layers have no composefs image`);
  if (converted.length > MAX_IMAGES) {
    clauses.push(`holds ${converted.length} composefs layers: the first ${MAX_IMAGES} are listed`);
  }
  return converted
    .slice(0, MAX_IMAGES)
    .map((layer, index) => storeOf(layer, path, [imageOf(layer)], index === 0 ? noteOf(...clauses) : undefined));
}

async function layersIn(overlay: string): Promise<readonly Layer[]> {
  const { entries } = await listIfThere(overlay);
  return [...entries]
    .filter(([name, kind]) => kind === 'directory' && LAYER_ID.test(name))
    .map(([id]) => ({ id, folder: join(overlay, id) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function storeOf(layer: Layer, path: string, images: readonly string[], note: string | undefined): StoreFound {
  return {
    path,
    dataRoot: join(layer.folder, 'diff'),
    kind: 'containers-storage',
    title: `containers-storage layer ${layer.id.slice(0, 12)}`,
    note,
    images,
    certain: true,
  };
}
