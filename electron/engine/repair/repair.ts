import type { RepairResult } from '../../../shared/contract/verify-values.ts';
import { digestBytes, redirectBytes } from '../../../shared/tree/row.ts';
import { toWireError } from '../../../shared/contract/wire-error.ts';
import type { AttachedStore } from '../attached-store.ts';
import { expectedOf } from '../explain/failure.ts';
import type { DigestIndex } from '../explain/digest-index.ts';
import type { ImageSession } from '../image-session.ts';
import { NO_ROOT } from '../stores/quick-check.ts';
import { storeError } from '../stores/store-error.ts';
import { whereUsed } from '../where-used.ts';
import { findCopies, type WantedObject } from './copy-source.ts';
import { placeObject } from './place-object.ts';

/** A bad object: its image, and an entry that refers to it. */
export interface BadObject {
  readonly session: ImageSession;
  readonly entry: number;
}

export interface RepairOptions {
  /** Stores in the order of search: a copy goes where the bad object is, or else into the first. */
  readonly stores: readonly AttachedStore[];
  /** Places to look for good copies, besides the other stores: stores, folders, layers, files. */
  readonly from: readonly string[];
  readonly sessions: readonly ImageSession[];
  readonly digests: DigestIndex;
  /** Keep what was there. */
  readonly keep: boolean;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: (result: RepairResult) => void;
}

interface Job extends WantedObject {
  readonly bad: BadObject;
  readonly redirect: Uint8Array;
  readonly text: string;
  readonly dataRoot: string;
}

/**
 * Replaces bad objects by good copies: only where a copy has the very digest that the image wants. What could not be
 * found or put in place is a result, too.
 *
 * @returns one result for each object
 * @throws StoreError where a place to look in cannot be read; the signal's reason
 */
export async function repair(bad: readonly BadObject[], options: RepairOptions): Promise<readonly RepairResult[]> {
  const results: RepairResult[] = [];
  const tell = (job: Job, result: Omit<RepairResult, 'ref' | 'redirect'>): void => {
    const full = { ref: { image: job.bad.session.id, entry: job.bad.entry }, redirect: job.text, ...result };
    results.push(full);
    options.onResult?.(full);
  };
  const jobs = new Set<Job>();
  for (const one of bad) {
    const job = await jobOf(one, options);
    if (typeof job !== 'string') jobs.add(job);
    else {
      const ref = { image: one.session.id, entry: one.entry };
      results.push({
        ...nothing,
        ref,
        redirect: expectedOf(one.session, one.entry).redirect,
        outcome: 'failed',
        message: job,
      });
    }
  }
  const places = [...options.from, ...options.stores.map(({ found }) => found.dataRoot)];
  for (const place of places) {
    if (jobs.size === 0) break;
    const spool = [...jobs][0]?.dataRoot ?? place;
    for await (const { wanted, from, chunks } of findCopies(place, jobs, spool, options.signal)) {
      tell(wanted, await put(wanted, from, chunks(), options));
    }
  }
  for (const job of jobs) {
    const message = `No copy with the right digest in ${places.length === 1 ? 'the place' : `the ${places.length} places`} that were looked in.`;
    tell(job, { ...nothing, outcome: 'no-copy', message });
  }
  return results;
}

const nothing = { from: undefined, keptAs: undefined, sealed: false } as const;

async function put(
  job: Job,
  from: string,
  chunks: AsyncIterable<Uint8Array>,
  { keep, dryRun }: RepairOptions,
): Promise<Omit<RepairResult, 'ref' | 'redirect'>> {
  if (dryRun) return { ...nothing, outcome: 'repaired', from, message: `Would be copied from ${from}.` };
  const { dataRoot, redirect, algorithm, digest, size } = job;
  try {
    const placed = await placeObject(chunks, { dataRoot, redirect, algorithm, digest, size, keep });
    if (placed === undefined) {
      return { ...nothing, outcome: 'failed', from, message: `${from} changed while it was copied: nothing was done.` };
    }
    const { keptAs, sealed } = placed;
    const kept = keptAs === undefined ? '' : ` The bad one is kept as ${keptAs}.`;
    const message = `Copied from ${from}, its digest checked${sealed ? ', fs-verity enabled' : ''}.${kept}`;
    return { outcome: 'repaired', from, keptAs, sealed, message };
  } catch (error) {
    const { message } = toWireError(storeError(error, dataRoot));
    return { ...nothing, outcome: 'failed', from, message: `${message}. Nothing was changed.` };
  }
}

/** A sentence where nothing can be done. */
async function jobOf(bad: BadObject, { stores, digests, sessions }: RepairOptions): Promise<Job | string> {
  const { session, entry } = bad;
  const { algorithm, digest, size, redirect: text } = expectedOf(session, entry);
  const redirect = redirectBytes(session.image.table, entry);
  const own = digestBytes(session.image.table, entry);
  if (redirect === undefined || digest === undefined || own === undefined) {
    return 'The image names no digest for this object, so that no copy can be told to be right.';
  }
  const { ofEntry } = await session.indexed;
  const root = session.checked?.result.root[ofEntry[entry] ?? -1] ?? NO_ROOT;
  const store = stores[root] ?? stores[0];
  if (store === undefined) return 'No store is attached.';
  const twins = [...digests.find(own)].map((twin) => redirectBytes(twin.session.image.table, twin.entry));
  const names = [`${digest.slice(0, 2)}/${digest.slice(2)}`, digest].map((name) => Buffer.from(name, 'latin1'));
  const { uses } = await whereUsed(session, entry, sessions);
  return {
    bad,
    algorithm,
    digest,
    size,
    redirect,
    text,
    dataRoot: store.found.dataRoot,
    names: [redirect, ...twins.filter((twin) => twin !== undefined), ...names],
    paths: uses.map(({ path }) => path),
  };
}
