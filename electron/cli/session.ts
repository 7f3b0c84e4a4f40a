import { resolve } from 'node:path';
import { verityStatuses } from '../../shared/contract/status.ts';
import { statusOfEntries } from '../../shared/tree/entry-status.ts';
import type { Image } from '../../shared/tree/image.ts';
import { indexObjects } from '../../shared/tree/objects.ts';
import { countEntries } from '../../shared/tree/statistics.ts';
import type { AttachedStore } from '../engine/attached-store.ts';
import type { ImageSession } from '../engine/image-session.ts';
import { quickCheck } from '../engine/stores/quick-check.ts';
import type { QuickResult } from '../engine/stores/quick-check.ts';
import { openStore } from '../engine/stores/open-store.ts';
import { findStoresBeside } from '../engine/stores/store-beside.ts';
import type { StoreFound } from '../engine/stores/store-found.ts';
import { loadImage } from './load-image.ts';
import { STDIN } from './read-file.ts';
import type { Reporter } from './reporter.ts';

/** An opened image as the engine keeps it, so that its code answers here too. What takes time is made when asked for. */
export function openSession(file: string, reporter: Reporter): ImageSession | undefined {
  const started = performance.now();
  const image = loadImage(file, reporter);
  if (image === undefined) return undefined;
  const openedInMs = performance.now() - started;
  const objects = once(() => indexObjects(image));
  const counts = once(() => countEntries(image, objects()));
  const statuses = once(() => Uint8Array.from(objects().firstEntry, (entry) => unlooked(image, entry)));
  const statusOf = once(() => statusOfEntries(image, objects(), statuses()));
  return {
    id: 0,
    path: file === STDIN ? file : resolve(file),
    identity: { dev: 0, ino: 0, size: image.table.bytes.length, mtimeMs: 0 },
    image,
    get objects() {
      return objects();
    },
    get counts() {
      return counts();
    },
    get statuses() {
      return statuses();
    },
    statusOf: (entry) => statusOf()(entry),
    openedInMs,
    closing: new AbortController(),
    checked: undefined,
    digest: undefined,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** What can be said of an object that nobody looked for, as an index into `verityStatuses`. */
function unlooked({ table }: Image, entry: number): number {
  return verityStatuses.indexOf(table.digestOffset[entry] === 0 ? 'no-digest' : 'unchecked');
}

/** The stores that the user names; where none is named, those that lie beside the image. */
export async function storesFor(
  session: ImageSession,
  given: readonly string[] | undefined,
  reporter: Reporter,
): Promise<readonly AttachedStore[]> {
  const found: StoreFound[] = [];
  const isNamed = given !== undefined && given.length > 0;
  if (!isNamed && session.path !== STDIN) found.push(...(await findStoresBeside(session.path)));
  for (const folder of given ?? []) {
    try {
      found.push(...(await openStore(folder)));
    } catch (error) {
      reporter.error(error, folder);
    }
  }
  return found.map((store, id) => ({
    id,
    found: store,
    realRoot: store.dataRoot,
    broughtBy: isNamed ? undefined : new Set([session.id]),
    objects: undefined,
    hits: undefined,
    problem: undefined,
  }));
}

/** Looks for every object, without reading any, and notes the statuses in the session. undefined: there is no store. */
export async function checkObjects(
  session: ImageSession,
  stores: readonly AttachedStore[],
  reporter: Reporter,
): Promise<QuickResult | undefined> {
  if (stores.length === 0) return undefined;
  const roots = stores.map(({ found }) => found.dataRoot);
  const result = await quickCheck(session.image, session.objects, roots, {
    onProgress: (done, total) => reporter.progress(`looking for objects: ${done} of ${total}`),
  });
  reporter.progressDone();
  session.statuses.set(result.status);
  for (const [root, { reason }] of result.rootProblems) reporter.error(new Error(reason), roots[root]);
  return result;
}
