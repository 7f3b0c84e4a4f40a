import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { noteHang } from '../stores/hanging.ts';
import { packTasks, unpackOutcomes } from './hash-messages.ts';
import { Order, Shared, SHARED_LENGTH } from './hash-task.ts';
import type { FileOutcome, FileTask, FromWorker, RunSettings, SegmentOutcome, ToWorker } from './hash-task.ts';

/** Objects sent to a worker at once: messages cost, and results are to come as they come. */
const BATCH_FILES = 256;
/** A batch ends at this many expected bytes. */
const BATCH_BYTES = 16 << 20;
/** Batches that a worker has: the one at work, and the one that it finds when it is done. */
const QUEUED = 2;
/** Part of a large file that a worker is given; a multiple of all block sizes. */
const SEGMENT = 8 << 20;
/** Parts of a large file that may be ahead of the first that is not done, a worker. */
const AHEAD = 4;
/** How often it is looked whether a worker stands still, and progress is told. */
const LOOK_MS = 100;
/** A call of a worker that takes longer is given up. */
const STALL_MS = 10_000;

export interface PoolTask extends FileTask {
  /** Bytes that are expected, to make batches by. */
  readonly size: number;
}

/** A worker did not come back from the kernel. */
export interface Stalled {
  readonly kind: 'stalled';
}
export type PoolOutcome = Exclude<FileOutcome, { kind: 'large' }> | Stalled;

export interface PoolOptions {
  /** The bundled worker: hash-worker.ts. */
  readonly worker: URL;
  readonly threads?: number | undefined;
  readonly stallMs?: number;
}

export interface PoolRun {
  readonly settings: RunSettings;
  /** Number of tasks, and each when it is its turn. */
  readonly count: number;
  readonly task: (index: number) => PoolTask;
  /** Sum of the bytes that are expected: how many threads are worth starting. */
  readonly bytes: number;
  /** Told of each task as it ends, in any order. */
  readonly onOutcome: (index: number, outcome: PoolOutcome) => void;
  /** Bytes hashed so far, every now and then. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Some tasks, and their indices. */
interface Batch {
  readonly indices: readonly number[];
  readonly files: readonly FileTask[];
}

/** A file that all workers share. */
interface Large {
  readonly index: number;
  readonly outcome: Extract<FileOutcome, { kind: 'large' }>;
  readonly path: string;
  readonly algorithms: readonly VerityAlgorithm[];
  readonly digesters: readonly VerityDigester[];
  readonly parts: number;
  /** Next part to be given out, and next to be taken in. */
  given: number;
  taken: number;
  /** Hashes of parts that came before their turn. */
  readonly early: Map<number, readonly Uint8Array[]>;
}

interface Part {
  readonly large: Large;
  readonly number: number;
}

interface Thread {
  readonly worker: Worker;
  readonly shared: Int32Array;
  /** What it was sent and has not answered; it works at the first. */
  readonly queue: (Batch | Part)[];
  beat: number;
  beatAt: number;
  kibibytes: number;
}

interface Job {
  readonly run: PoolRun;
  /** Tasks that a thread had when it was given up. */
  readonly again: number[];
  /** First task that no thread had. */
  next: number;
  left: number;
  readonly larges: Large[];
  kibibytes: number;
  readonly end: (error?: unknown) => void;
}

const isPart = (assignment: Batch | Part): assignment is Part => 'large' in assignment;

/**
 * Worker threads that hash files. Small files go out in batches; a large one is hashed by all of them, since the lowest
 * level of its Merkle tree splits between any two blocks. A worker that hangs in the kernel is given up and replaced.
 */
export class HashPool {
  readonly #worker: URL;
  readonly #size: number;
  readonly #stallMs: number;
  #threads: Thread[] = [];
  #paused = false;
  #job: Job | undefined;

  constructor({ worker, threads, stallMs = STALL_MS }: PoolOptions) {
    this.#worker = worker;
    this.#size = Math.max(1, threads ?? availableParallelism());
    this.#stallMs = stallMs;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Holds the workers at the next chunk, or lets them go on. */
  set paused(paused: boolean) {
    this.#paused = paused;
    for (const thread of this.#threads) {
      Atomics.store(thread.shared, Shared.order, paused ? Order.wait : Order.go);
      Atomics.notify(thread.shared, Shared.order);
      thread.beatAt = performance.now();
    }
  }

  /** Does all tasks; one run at a time. Rejects with the signal's reason, or where a worker fails by a fault of ours. */
  async run(run: PoolRun): Promise<void> {
    if (this.#job !== undefined) throw new Error('the pool is at work');
    run.signal?.throwIfAborted();
    if (run.count === 0) return;
    const abort = (): void => this.#job?.end(run.signal?.reason);
    const look = setInterval(() => this.#look(), LOOK_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (error?: unknown): void => (error === undefined ? resolve() : reject(error as Error));
        this.#job = { run, again: [], next: 0, left: run.count, larges: [], kibibytes: 0, end };
        run.signal?.addEventListener('abort', abort, { once: true });
        // a few files are done before a second thread has started
        const wanted = Math.min(this.#size, Math.ceil((run.bytes + run.count * 65_536) / (4 << 20)));
        this.prepare(wanted);
        for (const thread of this.#threads) this.#begin(thread, run.settings);
        this.#feedAll();
      });
      this.#tellBytes();
    } catch (error) {
      this.close(); // threads in the middle of a file are not waited for
      throw error;
    } finally {
      clearInterval(look);
      run.signal?.removeEventListener('abort', abort);
      this.#job = undefined;
    }
  }

  /** Starts threads, up to the pool's size, that a run is about to need: it takes them some 40 ms. */
  prepare(wanted: number = this.#size): void {
    while (this.#threads.length < Math.min(wanted, this.#size)) this.#spawn();
  }

  /** Ends the threads; another run starts new ones. */
  close(): void {
    for (const thread of this.#threads) stop(thread);
    this.#threads = [];
  }

  #spawn(): Thread {
    const buffer = new SharedArrayBuffer(SHARED_LENGTH * Int32Array.BYTES_PER_ELEMENT);
    const shared = new Int32Array(buffer);
    shared[Shared.order] = this.#paused ? Order.wait : Order.go;
    const worker = new Worker(this.#worker, {
      workerData: buffer,
      // hashes are short-lived strings: the default lets a young generation grow to tens of MiB before it is cleaned
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
    });
    const thread: Thread = { worker, shared, queue: [], beat: 0, beatAt: performance.now(), kibibytes: 0 };
    worker.on('message', (message: FromWorker) => this.#take(thread, message));
    worker.on('error', (error) => this.#job?.end(error));
    this.#threads.push(thread);
    return thread;
  }

  #begin(thread: Thread, settings: RunSettings): void {
    thread.kibibytes = Atomics.load(thread.shared, Shared.kibibytes);
    send(thread, { type: 'run', settings });
  }

  #feedAll(): void {
    for (const thread of this.#threads) this.#feed(thread);
  }

  /** Gives a thread work until its queue is full. */
  #feed(thread: Thread): void {
    const job = this.#job;
    if (job === undefined) return;
    while (thread.queue.length < QUEUED) {
      const assignment = this.#nextPart(job) ?? nextBatch(job);
      if (assignment === undefined) return;
      if (thread.queue.length === 0) thread.beatAt = performance.now();
      thread.queue.push(assignment);
      if (isPart(assignment)) {
        const { large, number } = assignment;
        const { path, outcome, algorithms } = large;
        const { state } = outcome;
        const offset = number * SEGMENT;
        const length = Math.min(SEGMENT, state.size - offset);
        send(thread, { type: 'segment', segment: { path, state, offset, length, algorithms } });
      } else {
        send(thread, { type: 'files', files: packTasks(assignment.files) });
      }
    }
  }

  /** The next part of the first large file that may have one more out. */
  #nextPart({ larges }: Job): Part | undefined {
    const large = larges.find(({ given, taken, parts }) => given < parts && given - taken < AHEAD * this.#size);
    return large && { large, number: large.given++ };
  }

  #take(thread: Thread, message: FromWorker): void {
    const job = this.#job;
    const assignment = thread.queue.shift();
    if (job === undefined || assignment === undefined) return;
    thread.beatAt = performance.now();
    if (isPart(assignment)) {
      if (message.type === 'segment') this.#takePart(job, assignment, message.outcome);
    } else if (message.type === 'files') {
      let at = 0;
      for (const outcome of unpackOutcomes(message.outcomes)) {
        const index = assignment.indices[at++] ?? -1;
        if (outcome.kind === 'large') this.#startLarge(job, index, outcome);
        else finish(job, index, outcome);
      }
    }
    this.#feedAll();
  }

  #startLarge(job: Job, index: number, outcome: Large['outcome']): void {
    const task = job.run.task(index);
    const root = job.run.settings.roots[outcome.at] ?? '';
    const algorithms = task.measures.map((measure) => (measure === 'verity-sha512' ? 'sha512' : 'sha256'));
    job.larges.push({
      index,
      outcome,
      path: `${Buffer.from(root).toString('latin1')}/${task.redirect}`,
      algorithms,
      digesters: algorithms.map((algorithm) => new VerityDigester({ algorithm, hash: nativeHash(algorithm) })),
      parts: Math.ceil(outcome.state.size / SEGMENT),
      given: 0,
      taken: 0,
      early: new Map(),
    });
    while (this.#threads.length < this.#size) this.#begin(this.#spawn(), job.run.settings);
  }

  #takePart(job: Job, { large, number }: Part, part: SegmentOutcome): void {
    if (!job.larges.includes(large)) return; // another part ended it
    const { at, state, seal, sealErrno } = large.outcome;
    if (part.kind === 'hashed') {
      large.early.set(number, part.hashes);
      for (let hashes = large.early.get(large.taken); hashes; hashes = large.early.get(large.taken)) {
        const length = Math.min(SEGMENT, state.size - large.taken * SEGMENT);
        for (const [index, digester] of large.digesters.entries()) {
          digester.updateHashes(hashes[index] ?? new Uint8Array(0), length);
        }
        large.early.delete(large.taken);
        large.taken += 1;
      }
      if (large.taken < large.parts) return;
      const digests = large.digesters.map((digester) => digester.digest());
      this.#endLarge(job, large, { kind: 'hashed', at, state, digests, seal, sealErrno });
    } else if (part.kind === 'changed') this.#endLarge(job, large, { kind: 'changed', at });
    else this.#endLarge(job, large, { kind: 'failed', at, errno: part.errno, offset: part.offset, state, seal });
  }

  #endLarge(job: Job, large: Large, outcome: PoolOutcome): void {
    job.larges.splice(job.larges.indexOf(large), 1);
    finish(job, large.index, outcome);
  }

  /** Tells of progress, and gives up threads that stand still. */
  #look(): void {
    this.#tellBytes();
    const now = performance.now();
    for (const thread of this.#threads) {
      const beat = Atomics.load(thread.shared, Shared.beat);
      if (beat !== thread.beat || thread.queue.length === 0 || this.#paused) {
        thread.beat = beat;
        thread.beatAt = now;
      } else if (now - thread.beatAt >= this.#stallMs) this.#giveUp(thread);
    }
  }

  #giveUp(thread: Thread): void {
    const job = this.#job;
    this.#threads = this.#threads.filter((other) => other !== thread);
    noteHang();
    const file = Atomics.load(thread.shared, Shared.file);
    stop(thread);
    if (job === undefined) return;
    const [current, ...waiting] = thread.queue;
    for (const assignment of waiting) {
      if (isPart(assignment)) this.#endIfOpen(job, assignment.large);
      else job.again.push(...assignment.indices);
    }
    if (current !== undefined && isPart(current)) this.#endIfOpen(job, current.large);
    else if (current !== undefined) {
      job.again.push(...current.indices.filter((_, index) => index !== file));
      finish(job, current.indices[file] ?? -1, { kind: 'stalled' });
    }
    if (this.#job === job && job.left > 0) {
      this.#begin(this.#spawn(), job.run.settings);
      this.#feedAll();
    }
  }

  #endIfOpen(job: Job, large: Large): void {
    if (job.larges.includes(large)) this.#endLarge(job, large, { kind: 'stalled' });
  }

  #tellBytes(): void {
    const job = this.#job;
    if (job === undefined) return;
    for (const thread of this.#threads) {
      const kibibytes = Atomics.load(thread.shared, Shared.kibibytes);
      job.kibibytes += (kibibytes - thread.kibibytes) >>> 0; // the counter wraps around
      thread.kibibytes = kibibytes;
    }
    job.run.onBytes?.(job.kibibytes * 1024);
  }
}

function nextBatch(job: Job): Batch | undefined {
  const { count, task } = job.run;
  const indices: number[] = [];
  const files: FileTask[] = [];
  let bytes = 0;
  while (indices.length < BATCH_FILES && bytes < BATCH_BYTES) {
    const index = job.again.pop() ?? (job.next < count ? job.next++ : undefined);
    if (index === undefined) break;
    const file = task(index);
    indices.push(index);
    files.push(file);
    bytes += file.size;
  }
  return indices.length > 0 ? { indices, files } : undefined;
}

function finish(job: Job, index: number, outcome: PoolOutcome): void {
  job.left -= 1;
  job.run.onOutcome(index, outcome);
  if (job.left === 0) job.end();
}

function send(thread: Thread, message: ToWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  thread.worker.postMessage(message);
}

function stop({ worker, shared }: Thread): void {
  Atomics.store(shared, Shared.order, Order.stop);
  Atomics.notify(shared, Shared.order);
  worker.removeAllListeners();
  worker.on('error', () => {}); // it was told to end
  worker.unref(); // one that hangs in the kernel ends when its call comes back
  void worker.terminate();
}
