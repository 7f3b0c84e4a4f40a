import type { AttachedStore } from '../attached-store.ts';
import type { ImageSession } from '../image-session.ts';
import { errnoOf } from '../stores/store-error.ts';
import type { HashPool } from './hash-pool.ts';
import { imageSource } from './image-source.ts';
import { listObjects, storeSource } from './store-source.ts';
import type { VerifySource, Want } from './targets.ts';
import { VerifiedCache } from './verified-cache.ts';
import { verify, type Verdict, type VerifyProgress } from './verify-run.ts';

/** An object of a store that is wrong by its own name, whatever images say. */
export interface StoreVerdict {
  readonly store: AttachedStore;
  /** Path below the data root. */
  readonly name: string;
  readonly want: Want;
  readonly verdict: Verdict;
}

export interface VerifyRequest {
  /** Images whose objects are checked. */
  readonly sessions: readonly ImageSession[];
  /** In the order of search. */
  readonly stores: readonly AttachedStore[];
  /** Stores all of whose objects are checked by their names. */
  readonly wholeStores: readonly AttachedStore[];
  /** The only entry whose object is checked, of the first image. */
  readonly only?: number;
  readonly full: boolean;
  /** Whether what was found right before need not be read again. */
  readonly useCache: boolean;
  readonly pool: HashPool;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly onStoreVerdict?: (verdict: StoreVerdict) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyOutcome {
  readonly progress: VerifyProgress;
  /** Sentences about stores as a whole. */
  readonly notes: readonly string[];
}

/**
 * Verifies the objects of images, whole stores, or both: verdicts go into the sessions. Records of what was right are
 * kept even where the run is cut short.
 *
 * @throws as `verify`; StoreError where a whole store cannot be listed
 */
export async function verifySessions(request: VerifyRequest): Promise<VerifyOutcome> {
  const { sessions, stores, wholeStores, full, pool, signal } = request;
  const roots = stores.map(({ found }) => found.dataRoot);
  const notes: string[] = [];
  const caches = await Promise.all(
    stores.map(async ({ realRoot }) => {
      if (!request.useCache || full) return undefined;
      try {
        return await VerifiedCache.load(realRoot);
      } catch (error) {
        notes.push(`What was found right before cannot be read (${errnoOf(error)}): all is read anew.`);
        return undefined;
      }
    }),
  );
  const sources: VerifySource<Verdict>[] = [];
  for (const session of sessions) sources.push(await imageSource(session, roots, request.only));
  const common = { pool, full, ...(signal && { signal }) };
  let progress: VerifyProgress | undefined;
  const told: VerifyProgress[] = Array.from({ length: 1 + wholeStores.length }, () => none);
  const tell = (index: number) => (now: VerifyProgress) => {
    told[index] = now;
    request.onProgress?.(sum(told));
  };
  try {
    if (sources.length > 0) {
      progress = await verify({ ...common, sources, roots, caches, onProgress: tell(0) });
    }
    for (const [index, store] of wholeStores.entries()) {
      const listing = await listObjects(store.found.dataRoot, signal);
      if (listing.omitted > 0) notes.push(`${store.found.dataRoot}: ${listing.omitted} more objects were not checked.`);
      const source = storeSource(store.found, listing, (name, want, verdict) =>
        request.onStoreVerdict?.({ store, name, want, verdict }),
      );
      const cache = caches[stores.indexOf(store)];
      await verify({
        ...common,
        sources: [source],
        roots: [store.found.dataRoot],
        caches: [cache],
        onProgress: tell(index + 1),
      });
    }
  } finally {
    for (const cache of caches) {
      try {
        await cache?.save();
      } catch (error) {
        notes.push(`What was found right cannot be kept for the next time (${errnoOf(error)}).`);
      }
    }
  }
  for (const [root, errno] of progress?.withoutVerity ?? []) {
    notes.push(
      `${roots[root] ?? ''}: this file system has no fs-verity, or it is not turned on (${errno}): ` +
        'a mount with verity=require refuses every object from here.',
    );
  }
  return { progress: sum(told), notes };
}

const none: VerifyProgress = {
  objects: 0,
  totalObjects: 0,
  bytes: 0,
  totalBytes: 0,
  cached: 0,
  measured: 0,
  counts: {},
  withoutVerity: new Map(),
};

function sum(parts: readonly VerifyProgress[]): VerifyProgress {
  const counts: Partial<Record<keyof VerifyProgress['counts'], number>> = {};
  for (const part of parts) {
    for (const [status, count] of Object.entries(part.counts)) {
      const key = status as keyof VerifyProgress['counts'];
      counts[key] = (counts[key] ?? 0) + count;
    }
  }
  const all = (key: 'objects' | 'totalObjects' | 'bytes' | 'totalBytes' | 'cached' | 'measured'): number =>
    parts.reduce((total, part) => total + part[key], 0);
  return {
    objects: all('objects'),
    totalObjects: all('totalObjects'),
    bytes: all('bytes'),
    totalBytes: all('totalBytes'),
    cached: all('cached'),
    measured: all('measured'),
    counts,
    withoutVerity: new Map(parts.flatMap((part) => [...part.withoutVerity])),
  };
}
