import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Order, Shared, SHARED_LENGTH } from '../verify/hash-task.ts';
import type { FromStoreWorker, StoreOutcome, StoreSettings, StoreTask, ToStoreWorker } from './store-task.ts';

/** Files sent to a worker at once: messages cost, and the last ones are to end together. */
const BATCH_FILES = 64;
/** A batch ends at this many bytes. */
const BATCH_BYTES = 8 << 20;
/** Batches that a worker has: the one at work, and the one that it finds when it is done. */
const QUEUED = 2;

interface Batch {
  readonly files: StoreTask[];
  readonly done: ((outcome: StoreOutcome) => void)[];
  bytes: number;
}

interface Thread {
  readonly worker: Worker;
  readonly shared: Int32Array;
  readonly queue: Batch[];
}

const newBatch = (): Batch => ({ files: [], done: [], bytes: 0 });

/** Worker threads that make objects of files. Those are taken as they come: while others are still being listed. */
export class StorePool {
  readonly #threads: readonly Thread[];
  readonly #waiting: Batch[] = [];
  #open = newBatch();
  #left = 0;
  #failure: unknown;
  #settle: (() => void) | undefined;

  /** @param worker the bundled worker: store-worker.ts */
  constructor(worker: URL, settings: StoreSettings, threads: number = availableParallelism()) {
    this.#threads = Array.from({ length: threads }, () => this.#start(worker, settings));
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#threads.reduce((sum, { shared }) => sum + (Atomics.load(shared, Shared.kibibytes) >>> 0), 0) * 1024;
  }

  /** Files that have no outcome yet. */
  get left(): number {
    return this.#left;
  }

  /** @param done told when it is its turn; it must not throw */
  add(task: StoreTask, done: (outcome: StoreOutcome) => void): void {
    const batch = this.#open;
    batch.files.push(task);
    batch.done.push(done);
    batch.bytes += task.size;
    this.#left += 1;
    if (batch.files.length >= BATCH_FILES || batch.bytes >= BATCH_BYTES) this.#close();
  }

  /** Until all that was added has its outcome. @throws where a thread died, or as `fail` was told */
  async drained(): Promise<void> {
    this.#close();
    if (this.#left > 0 && this.#failure === undefined) await new Promise<void>((resolve) => (this.#settle = resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits no longer for the rest. @param error what `drained` throws */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.();
  }

  /** Ends the threads; what they are at, they leave. */
  async end(): Promise<void> {
    for (const { shared } of this.#threads) Atomics.store(shared, Shared.order, Order.stop);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(file: URL, settings: StoreSettings): Thread {
    const memory = new SharedArrayBuffer(SHARED_LENGTH * 4);
    const worker = new Worker(file, { workerData: memory });
    const thread: Thread = { worker, shared: new Int32Array(memory), queue: [] };
    worker.on('message', ({ outcomes }: FromStoreWorker) => this.#answered(thread, outcomes));
    worker.on('error', (error) => this.fail(error));
    send(worker, { type: 'settings', settings });
    return thread;
  }

  #close(): void {
    if (this.#open.files.length === 0) return;
    this.#waiting.push(this.#open);
    this.#open = newBatch();
    this.#feed();
  }

  #feed(): void {
    for (let depth = 1; depth <= QUEUED; depth += 1) {
      for (const { worker, queue } of this.#threads) {
        if (queue.length >= depth) continue;
        const batch = this.#waiting.shift();
        if (batch === undefined) return;
        queue.push(batch);
        send(worker, { type: 'files', files: batch.files });
      }
    }
  }

  #answered({ queue }: Thread, outcomes: readonly StoreOutcome[]): void {
    const batch = queue.shift();
    this.#feed();
    for (const [index, outcome] of outcomes.entries()) batch?.done[index]?.(outcome);
    this.#left -= outcomes.length;
    if (this.#left === 0) this.#settle?.();
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const send = (worker: Worker, message: ToStoreWorker): void => worker.postMessage(message);
