import { noteHang } from './hanging.ts';
import { describeErrno, StoreError } from './store-error.ts';

/** How a callback-style file-system call of Node ends. */
export type Done<T> = (error: Error | null, value: T) => void;

interface Call {
  readonly start: () => void;
  readonly giveUp: (error: StoreError) => void;
  since: number;
}

/**
 * Threads of libuv's pool that one folder may keep busy. Fewer are slower (50,000 lstat calls: 3.4 s with 2 at a time,
 * 0.23 s with 8, 0.21 s with 32), more leave none to others when the file system below hangs.
 */
const IN_FLIGHT = 8;
/** A call that takes longer is given up: a network disk that is slow but alive answers within this. */
const STALL_MS = 10_000;

/**
 * File-system calls on one data root, a few at a time. A call cannot be taken back from the kernel, so one that hangs
 * (dead NFS, stuck FUSE) keeps its thread; here its caller gets `ETIMEDOUT`, and so does every later call on the same
 * root until the hanging one comes back. The caller waits at most the stall time, whatever the file system does.
 */
export class IoGate {
  readonly #path: string;
  readonly #stallMs: number;
  readonly #running = new Set<Call>();
  #waiting: Call[] = [];
  #hanging = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(path: string, stallMs: number = STALL_MS) {
    this.#path = path;
    this.#stallMs = stallMs;
  }

  /** Whether a call was given up and has not come back since. */
  get stalled(): boolean {
    return this.#hanging > 0;
  }

  /**
   * Starts `call` when it is its turn.
   * @throws StoreError `ETIMEDOUT`, or what the call itself gave
   */
  run<T>(call: (done: Done<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.stalled) {
        reject(this.#timeout());
        return;
      }
      let isBack: (() => void) | undefined;
      const entry: Call = {
        since: 0,
        start: () => {
          call((error, value) => {
            if (isBack !== undefined) {
              isBack();
              this.#hanging -= 1;
            } else this.#finish(entry);
            if (error === null) resolve(value);
            else reject(error);
          });
        },
        giveUp: (error) => {
          // what only waited for its turn holds no thread
          if (entry.since > 0) isBack = noteHang();
          reject(error);
        },
      };
      if (this.#running.size < IN_FLIGHT) this.#begin(entry);
      else this.#waiting.push(entry);
    });
  }

  #begin(entry: Call): void {
    this.#running.add(entry);
    entry.since = performance.now();
    this.#watch ??= setTimeout(() => this.#look(), this.#stallMs);
    entry.start();
  }

  #finish(entry: Call): void {
    this.#running.delete(entry);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
    else if (this.#running.size === 0) {
      clearTimeout(this.#watch);
      this.#watch = undefined;
    }
  }

  /** One timer for all calls: looks at the oldest, since a Set keeps the order in which they began. */
  #look(): void {
    this.#watch = undefined;
    const [oldest] = this.#running;
    if (oldest === undefined) return;
    const left = oldest.since + this.#stallMs - performance.now();
    if (left > 0) {
      this.#watch = setTimeout(() => this.#look(), Math.ceil(left));
      return;
    }
    // One that hangs means that all hang: give up those in flight and those in wait alike.
    const running = [...this.#running];
    const waiting = this.#waiting;
    this.#running.clear();
    this.#waiting = [];
    this.#hanging += running.length;
    for (const call of [...running, ...waiting]) call.giveUp(this.#timeout());
  }

  #timeout(): StoreError {
    return new StoreError(
      'ETIMEDOUT',
      this.#path,
      `${this.#path}: ${describeErrno('ETIMEDOUT')} (a call took more than ${this.#stallMs / 1000} s)`,
    );
  }
}

const gates = new Map<string, IoGate>();

/** The one gate of a data root in this process: a root that hangs for one caller is known to hang for all. */
export function gateOf(path: string): IoGate {
  let gate = gates.get(path);
  if (gate === undefined) {
    gate = new IoGate(path);
    gates.set(path, gate);
  }
  return gate;
}
