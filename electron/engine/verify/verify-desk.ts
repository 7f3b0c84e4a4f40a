import { rm } from 'node:fs/promises';
import type { EngineEvents, EngineRequest } from '../../../shared/contract/engine-calls.ts';
import type { StoreId } from '../../../shared/contract/values.ts';
import { badStatuses } from '../../../shared/contract/status.ts';
import { CallError, toWireError } from '../../../shared/contract/wire-error.ts';
import type {
  Explanation,
  FailureDetail,
  ProblemGrouping,
  RepairResult,
  VerifyReport,
  VerifyState,
} from '../../../shared/contract/verify-values.ts';
import { formatBytes } from '../../../shared/tree/format.ts';
import { DigestIndex } from '../explain/digest-index.ts';
import {
  brisk,
  explainEntry,
  failureDetail,
  patient,
  type ExplainContext,
  type ExplainLimits,
} from '../explain/failure.ts';
import { storeFailureDetail } from '../explain/store-failure.ts';
import { badEntries, explainAll, MAX_EXPLAINED, reportOf } from '../explain/report.ts';
import type { ImageSession } from '../image-session.ts';
import { repair, type BadObject } from '../repair/repair.ts';
import type { Workspace } from '../workspace.ts';
import { HashPool } from './hash-pool.ts';
import { ProblemList } from './problem-list.ts';
import { verifySessions, type StoreVerdict } from './verify-sessions.ts';
import type { VerifyProgress } from './verify-run.ts';

/** How often rows on the screen are told to be stale: each time, a view with a `verity:` filter is made anew. */
const ROWS_EVERY_MS = 1000;
const TELL_EVERY_MS = 150;
/** The rate is that of this time. */
const RATE_MS = 2000;

const idle: VerifyState = {
  run: 0,
  job: undefined,
  phase: 'idle',
  paused: false,
  objects: { done: 0, total: 0 },
  bytes: { done: 0, total: 0 },
  bytesPerSecond: 0,
  secondsLeft: undefined,
  cached: 0,
  measured: 0,
  elapsedMs: 0,
  counts: {},
  notes: [],
  failure: undefined,
};

/** Verifying in the window: one run at a time, what it found, and what follows from it. */
export class VerifyDesk {
  readonly #workspace: Workspace;
  readonly #tell: EngineEvents;
  readonly #pool: HashPool;
  #state: VerifyState = idle;
  #abort: AbortController | undefined;
  #startedAt = 0;
  #toldAt = 0;
  #rowsAt = 0;
  #samples: { readonly at: number; readonly bytes: number }[] = [];
  #storeVerdicts: StoreVerdict[] = [];
  #explanations = new Map<ImageSession, Map<number, Explanation>>();
  /** Lists that were made since something changed, by grouping. */
  #lists = new Map<ProblemGrouping, Promise<ProblemList>>();
  /** Bad objects that repairs kept: nothing else is deleted here. */
  readonly #kept = new Set<string>();

  /** @param worker the bundled hash-worker.ts */
  constructor(workspace: Workspace, tell: EngineEvents, worker: URL) {
    this.#workspace = workspace;
    this.#tell = tell;
    this.#pool = new HashPool({ worker });
  }

  get state(): VerifyState {
    return this.#state;
  }

  /** Starts a run; it goes on behind the call. @throws CallError where one runs, or there is nothing to verify */
  start({ images, wholeStores, full, useCache }: EngineRequest<'verify'>): VerifyState {
    if (this.#abort !== undefined) throw new CallError('busy', 'Objects are being verified already.');
    const sessions =
      images.length > 0 || wholeStores.length > 0
        ? images.map((id) => this.#workspace.session(id))
        : this.#workspace.sessions;
    const stores = this.#workspace.stores.all;
    const whole = wholeStores.map((id) => {
      const store = stores.find((candidate) => candidate.id === id);
      if (store === undefined) throw new CallError('invalid-request', `There is no store ${id}.`);
      return store;
    });
    if (sessions.length === 0 && whole.length === 0) throw new CallError('nothing', 'Open an image first.');
    this.#abort = new AbortController();
    this.#startedAt = performance.now();
    this.#samples = [];
    this.#pool.paused = false;
    for (const session of sessions) this.#explanations.delete(session);
    this.#storeVerdicts = this.#storeVerdicts.filter(({ store }) => !whole.some(({ id }) => id === store.id));
    this.#set({ ...idle, run: this.#state.run + 1, phase: 'looking' });
    void this.#run(this.#abort, { sessions, stores, wholeStores: whole, full, useCache });
    return this.#state;
  }

  pause(paused: boolean): void {
    if (this.#abort === undefined) return;
    this.#pool.paused = paused;
    this.#samples = [];
    this.#set({ ...this.#state, paused, bytesPerSecond: 0, secondsLeft: undefined });
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** Statuses changed by other means: lists of problems are out of date. */
  problemsChanged(): void {
    this.#lists.clear();
    this.#tell.problemsChanged();
  }

  async problems(by: ProblemGrouping): Promise<ProblemList> {
    let list = this.#lists.get(by);
    if (list === undefined) {
      list = ProblemList.gather(by, this.#workspace.sessions, this.#storeVerdicts, (session, object) =>
        this.#explanations.get(session)?.get(object),
      );
      this.#lists.set(by, list);
    }
    return list;
  }

  /** Everything about one bad object. @throws CallError */
  async failure(session: ImageSession, entry: number): Promise<FailureDetail> {
    const object = (await session.indexed).ofEntry[entry] ?? -1;
    if (object === -1) throw new CallError('no-object', 'This entry refers to no object.');
    const before = session.statusOfObject(object);
    const detail = await this.#workspace.jobs.run(`Explaining an object of ${session.name}`, 'bytes', async (job) =>
      failureDetail(session, entry, { ...(await this.#context(patient)), signal: job.signal }),
    );
    this.#keep(session, object, detail.explanation);
    if (session.statusOfObject(object) !== before) this.#workspace.statusChanged(session);
    return detail;
  }

  /** Everything about one object that is wrong by its own name. @throws CallError where it was not found so */
  async storeFailure(store: StoreId, name: string): Promise<FailureDetail> {
    const wrong = this.#storeVerdicts.find((verdict) => verdict.store.id === store && verdict.name === name);
    if (wrong === undefined) throw new CallError('no-object', `No object ${name} was found wrong in store ${store}.`);
    return this.#workspace.jobs.run(`Explaining ${name}`, 'bytes', async (job) =>
      storeFailureDetail(wrong, { ...(await this.#context(patient)), signal: job.signal }),
    );
  }

  /** Replaces bad objects, and looks at them again. */
  async repair({ objects, from, keep }: EngineRequest<'repair'>): Promise<readonly RepairResult[]> {
    if (this.#abort !== undefined) throw new CallError('busy', 'Wait until objects are verified.');
    const bad: BadObject[] = objects.map((one) => ({ session: this.#workspace.shown(one), entry: one.entry }));
    if (bad.length === 0) for await (const one of badEntries(this.#workspace.sessions)) bad.push(one);
    const results = await this.#workspace.jobs.run('Repairing', 'objects', async ({ signal, progress }) => {
      let done = 0;
      const { sessions, stores, digests } = await this.#context(brisk);
      return repair(bad, {
        sessions,
        stores,
        digests,
        from,
        keep,
        dryRun: false,
        signal,
        onResult: () => progress((done += 1), bad.length),
      });
    });
    for (const { keptAs } of results) if (keptAs !== undefined) this.#kept.add(keptAs);
    await this.#lookAgain(results);
    return results;
  }

  /** Deletes a bad object that a repair kept. @throws CallError where no repair did; errno errors */
  async removeKept(path: string): Promise<void> {
    if (!this.#kept.has(path)) throw new CallError('invalid-request', 'This is no object that was kept by a repair.');
    await rm(path, { recursive: true });
    this.#kept.delete(path);
  }

  /** A report of all that is known now. */
  async report(version: string): Promise<VerifyReport> {
    const { sessions, stores } = this.#workspace;
    const { details, omitted } = await this.#workspace.jobs.run(
      'Writing a report',
      'objects',
      async ({ signal, progress }) =>
        explainAll({ ...(await this.#context(brisk)), signal }, (done) => progress(done, undefined)),
    );
    const infos = sessions.map(({ info }) => info);
    return reportOf(
      {
        version,
        images: infos.map(({ path, name, title, algorithm, digest = '', expected, signature }) => {
          return { path, name, title, algorithm, digest, expected, signature };
        }),
        stores: stores.all.map(({ found: { dataRoot, title, note } }) => ({ path: dataRoot, title, note })),
        objects: infos.reduce((sum, { counts }) => sum + counts.objects, 0),
        bytes: infos.reduce((sum, { counts }) => sum + counts.objectBytes, 0),
        elapsedMs: this.#state.elapsedMs,
        notes: this.#state.notes,
      },
      sessions,
      details,
      omitted,
    );
  }

  async #lookAgain(results: readonly RepairResult[]): Promise<void> {
    const repaired = new Map<number, number[]>();
    for (const { ref, outcome } of results) {
      if (outcome !== 'repaired' || !('image' in ref)) continue;
      const entries = repaired.get(ref.image) ?? [];
      entries.push(ref.entry);
      repaired.set(ref.image, entries);
    }
    for (const [id, entries] of repaired) {
      const session = this.#workspace.session(id);
      for (const only of entries) {
        await verifySessions({
          sessions: [session],
          stores: this.#workspace.stores.all,
          wholeStores: [],
          only,
          full: false,
          useCache: false,
          pool: this.#pool,
        });
        this.#explanations.get(session)?.delete((await session.indexed).ofEntry[only] ?? -1);
      }
      this.#workspace.statusChanged(session);
    }
    this.problemsChanged();
  }

  async #context(limits: ExplainLimits): Promise<ExplainContext> {
    const { sessions, stores } = this.#workspace;
    return { sessions, stores: stores.all, digests: await DigestIndex.build(sessions), limits };
  }

  async #run(
    abort: AbortController,
    request: Pick<Parameters<typeof verifySessions>[0], 'sessions' | 'stores' | 'wholeStores' | 'full' | 'useCache'>,
  ): Promise<void> {
    const { sessions } = request;
    try {
      await this.#workspace.jobs.run(
        'Verifying',
        'objects',
        async ({ signal, progress }) => {
          const { notes, progress: last } = await verifySessions({
            ...request,
            pool: this.#pool,
            signal,
            onStoreVerdict: (verdict) => this.#storeVerdicts.push(verdict),
            onProgress: (now) => {
              progress(now.objects, now.totalObjects, this.#state.paused ? 'paused' : this.#words());
              this.#progress(now, sessions);
            },
          });
          this.#storeVerdicts = this.#storeVerdicts.filter(({ verdict }) => badStatuses.has(verdict.status));
          this.#note(last);
          this.#set({ ...this.#state, notes, phase: 'explaining', paused: false });
          this.#rowsChanged(sessions);
          await this.#explainAll(sessions, signal);
        },
        abort,
      );
      this.#set({ ...this.#state, phase: 'done' });
    } catch (cause) {
      const failure = abort.signal.aborted ? undefined : toWireError(cause).message;
      if (failure !== undefined) console.error('engine: verify:', cause);
      this.#set({ ...this.#state, phase: abort.signal.aborted ? 'cancelled' : 'failed', failure });
    } finally {
      this.#abort = undefined;
      this.#set({ ...this.#state, job: undefined, paused: false, bytesPerSecond: 0, secondsLeft: undefined });
      this.#rowsChanged(sessions);
    }
  }

  /** A cause for each, so that the list can be read by causes. */
  async #explainAll(sessions: readonly ImageSession[], signal: AbortSignal): Promise<void> {
    const context = { ...(await this.#context(brisk)), signal };
    let explained = 0;
    for await (const { session, object, entry } of badEntries(sessions)) {
      signal.throwIfAborted();
      if (explained >= MAX_EXPLAINED) return;
      this.#keep(session, object, (await explainEntry(session, entry, context)).explanation);
      explained += 1;
    }
  }

  #keep(session: ImageSession, object: number, explanation: Explanation): void {
    let own = this.#explanations.get(session);
    if (own === undefined) this.#explanations.set(session, (own = new Map()));
    own.set(object, explanation);
  }

  #note({ objects, totalObjects, bytes, totalBytes, cached, measured, counts }: VerifyProgress): void {
    this.#state = {
      ...this.#state,
      phase: 'hashing',
      objects: { done: objects, total: totalObjects },
      bytes: { done: bytes, total: totalBytes },
      cached,
      measured,
      counts,
      elapsedMs: performance.now() - this.#startedAt,
    };
  }

  #progress(now: VerifyProgress, sessions: readonly ImageSession[]): void {
    this.#note(now);
    const at = performance.now();
    if (at - this.#toldAt >= TELL_EVERY_MS) {
      this.#samples.push({ at, bytes: now.bytes });
      while ((this.#samples[0]?.at ?? at) < at - RATE_MS) this.#samples.shift();
      const [first] = this.#samples;
      const rate = first === undefined || at <= first.at ? 0 : ((now.bytes - first.bytes) / (at - first.at)) * 1000;
      const secondsLeft = rate > 0 ? (now.totalBytes - now.bytes) / rate : undefined;
      this.#set({ ...this.#state, bytesPerSecond: this.#state.paused ? 0 : rate, secondsLeft });
    }
    if (at - this.#rowsAt >= ROWS_EVERY_MS) this.#rowsChanged(sessions);
  }

  #words(): string {
    const { bytesPerSecond, secondsLeft } = this.#state;
    if (bytesPerSecond === 0) return '';
    const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
    return `${formatBytes(bytesPerSecond)}/s${left}`;
  }

  #rowsChanged(sessions: readonly ImageSession[]): void {
    this.#rowsAt = performance.now();
    for (const session of sessions) if (this.#workspace.isOpen(session.id)) this.#workspace.statusChanged(session);
    this.problemsChanged();
  }

  #set(state: VerifyState): void {
    this.#state = state;
    this.#toldAt = performance.now();
    this.#tell.verifyChanged(state);
  }
}
