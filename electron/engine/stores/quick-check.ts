import { setImmediate } from 'node:timers/promises';
import { verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { ObjectIndex } from '../../../shared/tree/objects.ts';
import { untilAborted } from './answer-within.ts';
import { ObjectResolver, type Resolution } from './object-resolver.ts';

/** What a look at every object gave, without reading a byte of them. Arrays are by object number. */
export interface QuickResult {
  /** Indices into `verityStatuses`. */
  readonly status: Uint8Array;
  /** Index of the data root that has the object; `NO_ROOT`: none. */
  readonly root: Uint16Array;
  /** Size of the file in bytes; NaN where there is none. */
  readonly size: Float64Array;
  /** Its mtime in ms since 1970; NaN where there is none. */
  readonly mtimeMs: Float64Array;
  /** Why an object is `unreadable`: errno and a sentence, by object number; at most `MAX_REASONS` of them. */
  readonly reasons: ReadonlyMap<number, { readonly errno: string; readonly reason: string }>;
  readonly counts: Readonly<Partial<Record<VerityStatus, number>>>;
  /** What is wrong with a data root as a whole, by its index. */
  readonly rootProblems: ReadonlyMap<number, { readonly errno: string; readonly reason: string }>;
}

export interface QuickCheckOptions {
  /** Called at most every 100 ms, and at the end. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Of `QuickResult.root`: in no data root. */
export const NO_ROOT = 0xffff;
/** A million unreadable objects have one cause, not a million. */
export const MAX_REASONS = 10_000;

/** Look-ups under way: enough to keep the gate of each root busy, few enough that a cancel is felt at once. */
const UNDER_WAY = 64;
const PROGRESS_MS = 100;
/** Look-ups that need no disk (a folder known to be absent) never leave the microtask queue: step aside this often. */
const BREATH_MS = 10;

const codeOf = (status: VerityStatus): number => verityStatuses.indexOf(status);

/**
 * Whether each distinct object is there, has its size, and may be read: `missing`, `size-mismatch`, `unreadable`, else
 * `no-digest` or `unchecked`. Without data roots nobody looked: the latter two alone. 50,000 objects take a second where
 * their folders are in the kernel's cache, nearly all of it in lstat; the event loop stays free, also where a file
 * system hangs (`ETIMEDOUT`).
 *
 * @throws the signal's reason; what is wrong with a store or an object is in the result
 */
export async function quickCheck(
  image: Pick<Image, 'table'>,
  objects: ObjectIndex,
  dataRoots: readonly string[],
  { onProgress, signal }: QuickCheckOptions = {},
): Promise<QuickResult> {
  const { table } = image;
  const total = objects.count;
  const status = new Uint8Array(total);
  const root = new Uint16Array(total).fill(NO_ROOT);
  const size = new Float64Array(total).fill(Number.NaN);
  const mtimeMs = new Float64Array(total).fill(Number.NaN);
  const reasons = new Map<number, { errno: string; reason: string }>();
  const resolver = new ObjectResolver(dataRoots, { remember: true });

  const note = (object: number, entry: number, outcome: Resolution | undefined): void => {
    status[object] = codeOf(judge(outcome, table.size[entry] ?? 0, (table.digestOffset[entry] ?? 0) !== 0));
    if (outcome === undefined) return;
    if (outcome.found) {
      root[object] = outcome.root;
      size[object] = outcome.size;
      mtimeMs[object] = outcome.mtimeMs;
      if (outcome.denied === undefined || reasons.size >= MAX_REASONS) return;
      reasons.set(object, { errno: outcome.denied, reason: `${outcome.path.toString()}: permission denied` });
    } else if (outcome.status === 'unreadable' && reasons.size < MAX_REASONS) {
      reasons.set(object, { errno: outcome.errno, reason: outcome.reason });
    }
  };

  let next = 0;
  let done = 0;
  let told = performance.now();
  let breath = told;
  let pause: Promise<void> | undefined; // one for all workers: if only one stepped aside, the others would go on
  const rest = async (): Promise<void> => {
    await setImmediate();
    pause = undefined;
    breath = performance.now();
  };
  const worker = async (): Promise<void> => {
    while (next < total) {
      signal?.throwIfAborted();
      const object = next++;
      const entry = objects.firstEntry[object] ?? 0;
      const from = table.redirectOffset[entry] ?? 0;
      const redirect = table.bytes.subarray(from, from + (table.redirectLength[entry] ?? 0));
      note(object, entry, dataRoots.length === 0 ? undefined : await resolver.resolve(redirect, signal));
      done += 1;
      const now = performance.now();
      if (now - told >= PROGRESS_MS) {
        told = now;
        onProgress?.(done, total);
      }
      if (now - breath >= BREATH_MS) pause ??= rest();
      if (pause !== undefined) await pause;
    }
  };
  await untilAborted(Promise.all(Array.from({ length: Math.min(UNDER_WAY, total) }, worker)), signal);
  onProgress?.(done, total);

  const rootProblems = new Map<number, { errno: string; reason: string }>();
  for (const index of dataRoots.keys()) {
    const problem = await resolver.rootProblem(index);
    if (problem !== undefined) rootProblems.set(index, problem);
  }
  return { status, root, size, mtimeMs, reasons, counts: countStatuses(status), rootProblems };
}

/** A wrong size is certain whoever may read the file, so it is told before a permission. */
function judge(outcome: Resolution | undefined, size: number, hasDigest: boolean): VerityStatus {
  if (outcome?.found === false) return outcome.status;
  if (outcome !== undefined && outcome.size !== size) return 'size-mismatch';
  if (outcome?.denied !== undefined) return 'unreadable';
  return hasDigest ? 'unchecked' : 'no-digest';
}

function countStatuses(status: Uint8Array): Partial<Record<VerityStatus, number>> {
  const counts: Partial<Record<VerityStatus, number>> = {};
  for (const code of status) {
    const name = verityStatuses[code];
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
