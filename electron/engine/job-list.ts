import type { JobId, JobState } from '../../shared/contract/values.ts';
import { toWireError } from '../../shared/contract/wire-error.ts';

/** Work that ends sooner is not shown at all: what flashes by helps nobody. */
const SHOWN_AFTER_MS = 100;
/** Events of one job come at most this often. */
const EVENT_EVERY_MS = 100;

/** What a job is given to do its work with. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** @param message how it goes, in a few words */
  readonly progress: (done: number, total: number | undefined, message?: string) => void;
}

interface Job {
  state: JobState;
  readonly abort: AbortController;
  toldAt: number;
  isShown: boolean;
}

/** Long work: shown with its progress once it takes a while, and to be cancelled. */
export class JobList {
  readonly #tell: (state: JobState) => void;
  readonly #running = new Map<JobId, Job>();
  #nextId = 0;

  /** @param tell is told of each job that is shown, from then on until its end */
  constructor(tell: (state: JobState) => void) {
    this.#tell = tell;
  }

  /**
   * Runs work as a job.
   *
   * @param abort to be aborted by whoever started the job; `cancel` aborts it too
   * @throws what the work throws; where that was cancelled, an AbortError or the reason that was given
   */
  async run<T>(
    title: string,
    unit: JobState['unit'],
    work: (context: JobContext) => Promise<T>,
    abort: AbortController = new AbortController(),
  ): Promise<T> {
    const id = this.#nextId++;
    const state: JobState = { job: id, title, state: 'running', done: 0, total: undefined, unit, message: undefined };
    const job: Job = { state, abort, toldAt: 0, isShown: false };
    this.#running.set(id, job);
    const timer = setTimeout(() => this.#show(job), SHOWN_AFTER_MS);
    try {
      const result = await work({
        signal: abort.signal,
        progress: (done, total, message) => this.#update(job, { ...job.state, done, total, message }),
      });
      this.#end(job, { ...job.state, state: 'done' });
      return result;
    } catch (cause) {
      const isCancelled = abort.signal.aborted;
      const message = isCancelled ? undefined : toWireError(cause).message;
      this.#end(job, { ...job.state, state: isCancelled ? 'cancelled' : 'failed', message });
      throw cause;
    } finally {
      clearTimeout(timer);
      this.#running.delete(id);
    }
  }

  /** Asks a job to stop. One that has ended meanwhile is no error. */
  cancel(id: JobId): void {
    this.#running.get(id)?.abort.abort();
  }

  /** Those that run and are shown: a page that was loaded anew missed their events. */
  get running(): readonly JobState[] {
    return [...this.#running.values()].filter((job) => job.isShown).map((job) => job.state);
  }

  #show(job: Job): void {
    job.isShown = true;
    job.toldAt = performance.now();
    this.#tell(job.state);
  }

  #update(job: Job, state: JobState): void {
    job.state = state;
    if (job.isShown && performance.now() - job.toldAt >= EVENT_EVERY_MS) this.#show(job);
  }

  #end(job: Job, state: JobState): void {
    job.state = state;
    if (job.isShown) this.#tell(state);
  }
}
