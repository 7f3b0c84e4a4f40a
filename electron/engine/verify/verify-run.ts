import { badStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import { judge } from '../../../shared/verity/judge.ts';
import { ObjectResolver, type FoundObject } from '../stores/object-resolver.ts';
import { describeErrno } from '../stores/store-error.ts';
import { untilAborted } from '../stores/answer-within.ts';
import type { FileState, Seal } from './hash-task.ts';
import type { HashPool, PoolOutcome, PoolTask } from './hash-pool.ts';
import { orderOnDisk } from './order-on-disk.ts';
import { Targets, type VerifySource, type Waiting, type Want } from './targets.ts';
import type { VerifiedCache } from './verified-cache.ts';
import { kernelHasVerity } from '../../kernel/verity-ioctl.ts';

/** What became of one object. */
export interface Verdict {
  readonly status: VerityStatus;
  /** Index of the data root that has the file; undefined: none. */
  readonly root: number | undefined;
  readonly state: FileState | undefined;
  /** By the wanted measure; undefined: not read. */
  readonly digest: Uint8Array | undefined;
  readonly seal: Seal | undefined;
  readonly errno: string | undefined;
  /** A clause for a person, where the errno alone says too little. */
  readonly reason: string | undefined;
}

export interface VerifyOptions {
  readonly sources: readonly VerifySource<Verdict>[];
  /** Data roots in the order of search. */
  readonly roots: readonly string[];
  readonly pool: HashPool;
  /** Records of what was found right, by data root; undefined: none are to be used. */
  readonly caches: readonly (VerifiedCache | undefined)[];
  /** Read what the kernel measured, too. */
  readonly full: boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface VerifyProgress {
  readonly objects: number;
  readonly totalObjects: number;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly cached: number;
  readonly measured: number;
  /** By status: files, each once; of one that images disagree about, the worst. */
  readonly counts: Readonly<Partial<Record<VerityStatus, number>>>;
  /** Errnos with which file systems said that they have no fs-verity, by data root. */
  readonly withoutVerity: ReadonlyMap<number, string>;
}

/** A file that is written to all the time is not waited for. */
const MAX_TRIES = 3;
/** Workers lost to a file system that does not answer, before the run is given up. */
const MAX_STALLS = 4;
/** Files larger than this are shared among the workers. */
const WHOLE_UP_TO = 64 << 20;
/** Objects that one thread is done with before another has started. */
const FEW = 64;
/** Careful looks under way. */
const UNDER_WAY = 64;

/** A file system does not answer: what was found so far stands, the rest was not looked at. */
export class StoreHangs extends Error {
  override readonly name = 'StoreHangs';
  readonly code = 'ETIMEDOUT';
}

/**
 * Checks every file that sources want, once. Most are simply there: a worker opens, measures and hashes them. What is not
 * is looked for with all care (`ObjectResolver`), which says why; what changed under the reader is tried again.
 *
 * @throws the signal's reason, StoreHangs; what is wrong with an object is told to its source
 */
export async function verify(options: VerifyOptions): Promise<VerifyProgress> {
  const { sources, roots, signal } = options;
  // threads start while it is told what there is to do
  if (sources.some(({ count }) => count > FEW)) options.pool.prepare();
  const targets = await Targets.gather(sources, signal);
  const run = new Run(options, targets);
  run.tell();
  let waiting = await orderOnDisk(targets, roots, signal);
  const resolver = new ObjectResolver(roots, { remember: true });
  for (let attempt = 0; waiting.length > 0; attempt += 1) {
    const { elsewhere, changed } = await run.hash(waiting);
    const found = await run.search(elsewhere, resolver, attempt);
    if (attempt + 1 < MAX_TRIES) waiting = [...found, ...changed];
    else {
      for (const { target } of changed) run.unreadable(target, 'EBUSY', 'it is written to while it is read');
      for (const { target } of found) run.unreadable(target, 'ESTALE', 'it was replaced while it was looked at');
      waiting = [];
    }
  }
  return run.tell();
}

class Run {
  readonly #options: VerifyOptions;
  readonly #targets: Targets<Verdict>;
  readonly #totalBytes: number;
  readonly #kernelSeals = kernelHasVerity();
  readonly #counts: Partial<Record<VerityStatus, number>> = {};
  readonly #withoutVerity = new Map<number, string>();
  #objects = 0;
  /** Expected bytes of what is done, and those that the pool has hashed of what is not. */
  #bytes = 0;
  #hashing = 0;
  #cached = 0;
  #measured = 0;

  constructor(options: VerifyOptions, targets: Targets<Verdict>) {
    this.#options = options;
    this.#targets = targets;
    let bytes = 0;
    for (let target = 0; target < targets.count; target += 1) bytes += targets.size(target);
    this.#totalBytes = bytes;
  }

  tell(): VerifyProgress {
    const progress: VerifyProgress = {
      objects: this.#objects,
      totalObjects: this.#targets.count,
      bytes: Math.min(this.#totalBytes, this.#bytes + this.#hashing),
      totalBytes: this.#totalBytes,
      cached: this.#cached,
      measured: this.#measured,
      counts: { ...this.#counts },
      withoutVerity: this.#withoutVerity,
    };
    this.#options.onProgress?.(progress);
    return progress;
  }

  /** Lets the pool hash files. @returns those that are not simply there, and those that changed */
  async hash(
    waiting: readonly Waiting[],
  ): Promise<{ readonly elsewhere: readonly number[]; readonly changed: readonly Waiting[] }> {
    const { pool, roots, full, signal } = this.#options;
    const elsewhere: number[] = [];
    const changed: Waiting[] = [];
    const walkable: Waiting[] = [];
    let bytes = 0;
    for (const one of waiting) {
      if (this.#targets.fault(one.target) !== undefined || roots.length === 0) elsewhere.push(one.target);
      else {
        walkable.push(one);
        // a store alone does not say how large its objects are: one of them may be worth all threads
        bytes += this.#targets.size(one.target) || WHOLE_UP_TO;
      }
    }
    let stalls = 0;
    const hangs = new AbortController();
    const before = this.#bytes;
    await pool.run({
      settings: { roots, askKernel: this.#kernelSeals, full, wholeUpTo: WHOLE_UP_TO },
      count: walkable.length,
      bytes,
      task: (index) => this.#task(walkable[index] ?? { target: 0, root: undefined }),
      onOutcome: (index, outcome) => {
        const one = walkable[index];
        if (one === undefined) return;
        if (outcome.kind === 'elsewhere') elsewhere.push(one.target);
        else if (outcome.kind === 'changed') changed.push({ target: one.target, root: undefined });
        else if (outcome.kind === 'stalled') {
          this.unreadable(one.target, 'ETIMEDOUT', describeErrno('ETIMEDOUT'));
          stalls += 1;
          if (stalls >= MAX_STALLS) hangs.abort(new StoreHangs(`A store does not answer: ${roots.join(', ')}`));
        } else this.#note(one.target, outcome);
      },
      onBytes: (hashed) => {
        this.#hashing = Math.max(0, hashed - (this.#bytes - before));
        this.tell();
      },
      signal: signal === undefined ? hangs.signal : AbortSignal.any([signal, hangs.signal]),
    });
    this.#hashing = 0;
    return { elsewhere, changed };
  }

  /** Looks with all care for what was not simply there. @returns what is there now */
  async search(targets: readonly number[], resolver: ObjectResolver, attempt: number): Promise<readonly Waiting[]> {
    const { sources, signal } = this.#options;
    const found: Waiting[] = [];
    // what a folder was known to hold may be out of date by the second time
    const careful = attempt === 0 ? resolver : new ObjectResolver(this.#options.roots);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < targets.length; index = next++) {
        signal?.throwIfAborted();
        const target = targets[index] ?? 0;
        const outcome = await careful.resolve(this.#redirect(target), signal);
        if (!outcome.found) {
          this.#end(target, (want) => ({
            ...nothing,
            status: outcome.status,
            errno: outcome.errno,
            reason: outcome.reason,
            root: want === undefined ? undefined : outcome.root,
          }));
        } else if (outcome.denied !== undefined) this.#denied(target, outcome);
        else found.push({ target, root: outcome.root });
        if ((index & 255) === 0) this.tell();
      }
    };
    if (sources.length > 0) {
      await untilAborted(Promise.all(Array.from({ length: Math.min(UNDER_WAY, targets.length) }, worker)), signal);
    }
    return found;
  }

  unreadable(target: number, errno: string, reason: string): void {
    this.#end(target, () => ({ ...nothing, status: 'unreadable', errno, reason }));
  }

  /** It is there, but may not be read: its size can be told all the same. */
  #denied(target: number, { root, size, dev, ino, mtimeMs, path }: FoundObject): void {
    const state = { dev, ino, size, mtimeMs, ctimeMs: Number.NaN };
    this.#end(target, (want) => ({
      ...nothing,
      status: want.size !== undefined && want.size !== size ? 'size-mismatch' : 'unreadable',
      root,
      state,
      errno: 'EACCES',
      reason: `${path.toString()}: ${describeErrno('EACCES')}`,
    }));
  }

  #redirect(target: number): Uint8Array {
    const { source, object } = this.#targets.firstWant(target);
    return Buffer.from(source.redirect(object), 'latin1');
  }

  #task({ target, root }: Waiting): PoolTask {
    const path = this.#targets.path(target);
    if ('errno' in path) throw new Error('only paths that can be walked are hashed');
    return {
      redirect: path.path,
      folderLength: path.folderLength,
      root,
      measures: this.#targets.measures(target),
      expected: this.#expected(target),
      known: this.#known(target, path.path),
      size: this.#targets.size(target),
    };
  }

  /** What the first that wants the file expects, where it is to be measured in one way alone. */
  #expected(target: number): Uint8Array | undefined {
    if (this.#targets.measures(target).length !== 1) return undefined;
    const { source, object } = this.#targets.firstWant(target);
    return source.want(object).digest;
  }

  /** The state in which the file was right for all that want it. */
  #known(target: number, path: string): FileState | undefined {
    if (this.#options.full || this.#options.caches.every((cache) => cache === undefined)) return undefined;
    let state: FileState | undefined;
    let isKnown = true;
    this.#targets.eachWant(target, (source, object) => {
      const { measure, digest } = source.want(object);
      const { caches } = this.#options;
      state = digest && caches.map((cache) => cache?.find(path, measure, digest)).find((one) => one !== undefined);
      isKnown &&= state !== undefined;
    });
    return isKnown ? state : undefined;
  }

  #note(target: number, outcome: Exclude<PoolOutcome, { kind: 'elsewhere' | 'changed' | 'stalled' }>): void {
    const { at: root } = outcome;
    if (outcome.kind === 'failed') {
      const { errno, offset, state, seal } = outcome;
      const reason =
        offset === undefined ? describeErrno(errno) : `${describeErrno(errno)} when it was read at byte ${offset}`;
      this.#end(target, () => ({ ...nothing, status: 'unreadable', root, state, seal, errno, reason }));
      return;
    }
    const { state } = outcome;
    if (outcome.kind === 'known') this.#cached += 1;
    if (outcome.kind === 'measured') this.#measured += 1;
    if (
      (outcome.kind === 'hashed' || outcome.kind === 'right') &&
      outcome.sealErrno !== undefined &&
      outcome.sealErrno !== 'ENODATA'
    ) {
      this.#withoutVerity.set(root, outcome.sealErrno);
    }
    const seal = outcome.kind === 'right' ? undefined : outcome.seal;
    const measures = this.#targets.measures(target);
    let right: Uint8Array | undefined;
    this.#end(target, (want) => {
      if (outcome.kind === 'right') right ??= want.digest; // `firstWant` comes first
      const isVerity = want.measure.startsWith('verity-');
      const digest =
        outcome.kind === 'hashed'
          ? outcome.digests[measures.indexOf(want.measure)]
          : outcome.kind === 'known'
            ? want.digest // that is what was found right
            : right;
      const status = judge(want, {
        size: state.size,
        digest,
        seal: isVerity ? seal : undefined,
        kernelSeals: isVerity && this.#kernelSeals,
      });
      if (outcome.kind !== 'known' && digest !== undefined && (status === 'ok' || status === 'unsealed')) {
        const path = this.#targets.path(target);
        if (!('errno' in path)) this.#options.caches[root]?.note(path.path, state, want.measure, digest);
      }
      return { status, root, state, digest, seal, errno: undefined, reason: undefined };
    });
  }

  /** Tells all that want a file what became of it. */
  #end(target: number, verdictOf: (want: Want) => Verdict): void {
    let worst: VerityStatus | undefined;
    this.#targets.eachWant(target, (source, object) => {
      const want = source.want(object);
      const verdict = verdictOf(want);
      source.note(object, verdict, want);
      if (worst === undefined || badStatuses.has(verdict.status)) worst = verdict.status;
    });
    if (worst === undefined) return;
    this.#counts[worst] = (this.#counts[worst] ?? 0) + 1;
    this.#objects += 1;
    this.#bytes += this.#targets.size(target);
  }
}

const nothing = {
  root: undefined,
  state: undefined,
  digest: undefined,
  seal: undefined,
  errno: undefined,
  reason: undefined,
} as const;
