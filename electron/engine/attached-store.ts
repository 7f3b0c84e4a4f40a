import type { ImageId, StoreId, StoreInfo } from '../../shared/contract/values.ts';
import type { ImageSession } from './image-session.ts';
import { slices } from './slices.ts';
import { NO_ROOT } from './stores/quick-check.ts';
import { noteOf } from './stores/store-found.ts';
import type { StoreFound } from './stores/store-found.ts';

/** A store in the order of search. */
export interface AttachedStore {
  readonly id: StoreId;
  readonly found: StoreFound;
  /** Of the data root, to tell whether another path leads to the same store. */
  readonly realRoot: string;
  /** Found beside these images, and not given by the user: it goes when the last of them is closed. */
  readonly broughtBy: Set<ImageId> | undefined;
  /** Objects in it; undefined: not counted yet, or of a shape that cannot be counted. */
  objects: number | undefined;
  /** Objects in it that the open images refer to; undefined: not looked yet. */
  hits: number | undefined;
  /** What the last look found wrong with the data root as a whole. */
  problem: string | undefined;
}

export function storeInfo({ id, found, broughtBy, objects, hits, problem }: AttachedStore): StoreInfo {
  const { path, dataRoot, kind, title, note } = found;
  const news = problem !== undefined && note?.includes(problem) === true ? undefined : problem;
  return {
    store: id,
    path,
    dataRoot,
    kind,
    title,
    objects,
    found: hits,
    note: noteOf(news, note),
    automatic: broughtBy !== undefined,
  };
}

/**
 * How many objects of each store the open images refer to: of those that two entries expect different things of, one.
 *
 * @param stores in their order; images that were looked at with others, or in another order, do not count
 * @returns by index of the store
 * @throws the signal's reason
 */
export async function countHits(
  sessions: readonly ImageSession[],
  stores: readonly AttachedStore[],
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const checked = sessions.filter((session) => session.checked?.stores === stores);
  const paths = stores.map(() => new Set<string>());
  const breathe = slices();
  for (const { checked: look, image, indexed } of checked) {
    const { firstEntry } = await indexed;
    const { bytes, redirectOffset, redirectLength } = image.table;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const [object, entry] of firstEntry.entries()) {
      const from = redirectOffset[entry] ?? 0;
      paths[look?.result.root[object] ?? NO_ROOT]?.add(
        text.toString('latin1', from, from + (redirectLength[entry] ?? 0)),
      );
      if ((object & 1023) !== 0) continue;
      await breathe();
      signal?.throwIfAborted();
    }
  }
  return paths.map((set) => set.size);
}
