import type { FileOutcome, FileState, FileTask, Measure } from './hash-task.ts';

/**
 * Tasks and outcomes as they cross between threads: columns, since there may be a million, and since what the engine's
 * thread does per file its workers wait for. As objects they cost as much as half of hashing 32 KiB.
 */

const measureNames: readonly Measure[] = ['verity-sha256', 'verity-sha512', 'sha256', 'sha512'];
/** Sets of measures, by number. */
const measureSets: readonly (readonly Measure[])[] = Array.from({ length: 1 << measureNames.length }, (_, set) =>
  measureNames.filter((_name, bit) => (set & (1 << bit)) !== 0),
);

/** A set of one measure, as a number to be joined with others by `|`. */
export const measureBit = (measure: Measure): number => 1 << measureNames.indexOf(measure);

/** Always the same array for a set. */
export const measuresOf = (set: number): readonly Measure[] => measureSets[set] ?? [];

const NO_ROOT = 0xffff;
/** Columns of a state: dev, ino, size, mtimeMs, ctimeMs. */
const NUMBERS = 5;
/** Bytes of the longest digest. */
const DIGEST = 64;

/** @see packTasks */
export interface PackedTasks {
  readonly redirects: readonly string[];
  readonly folderLengths: Uint16Array;
  readonly roots: Uint16Array;
  readonly measures: Uint8Array;
  /** Lengths of the expected digests, 0 for none, and they themselves, `DIGEST` bytes each. */
  readonly lengths: Uint8Array;
  readonly digests: Uint8Array;
  /** undefined: none of them has been verified before. */
  readonly known: Float64Array | undefined;
}

/** @see unpackTask */
export function packTasks(tasks: readonly FileTask[]): PackedTasks {
  const count = tasks.length;
  const folderLengths = new Uint16Array(count);
  const roots = new Uint16Array(count);
  const measures = new Uint8Array(count);
  const lengths = new Uint8Array(count);
  const digests = new Uint8Array(count * DIGEST);
  let known: Float64Array | undefined;
  for (const [index, task] of tasks.entries()) {
    folderLengths[index] = task.folderLength;
    roots[index] = task.root ?? NO_ROOT;
    for (const measure of task.measures) measures[index] = (measures[index] ?? 0) | measureBit(measure);
    if (task.expected !== undefined && task.expected.length <= DIGEST) {
      lengths[index] = task.expected.length;
      digests.set(task.expected, index * DIGEST);
    }
    if (task.known === undefined) continue;
    known ??= new Float64Array(count * NUMBERS).fill(Number.NaN);
    writeState(known, index, task.known);
  }
  return { redirects: tasks.map(({ redirect }) => redirect), folderLengths, roots, measures, lengths, digests, known };
}

/** One of them. @see packTasks */
export function unpackTask(packed: PackedTasks, index: number): FileTask {
  const { redirects, folderLengths, roots, measures, lengths, digests, known } = packed;
  const root = roots[index] ?? NO_ROOT;
  const length = lengths[index] ?? 0;
  const state = known && readState(known, index);
  return {
    redirect: redirects[index] ?? '',
    folderLength: folderLengths[index] ?? 0,
    root: root === NO_ROOT ? undefined : root,
    measures: measuresOf(measures[index] ?? 0),
    expected: length === 0 ? undefined : digests.subarray(index * DIGEST, index * DIGEST + length),
    known: state === undefined || Number.isNaN(state.ino) ? undefined : state,
  };
}

/** Nearly all outcomes are of files that are right: those lie in columns. */
export interface PackedOutcomes {
  readonly count: number;
  /** By file that is right: 1 + index of the data root; 0: it is among `others`. */
  readonly right: Uint16Array;
  readonly states: Float64Array;
  /** Index into `errnos`, of those that are right. */
  readonly sealErrno: Uint8Array;
  readonly errnos: readonly (string | undefined)[];
  /** In the order of the files. */
  readonly others: readonly FileOutcome[];
}

/** Takes the outcomes of one batch. */
export class OutcomePacker {
  readonly #right: Uint16Array;
  readonly #states: Float64Array;
  readonly #sealErrno: Uint8Array;
  readonly #errnos: (string | undefined)[] = [];
  readonly #others: FileOutcome[] = [];
  #count = 0;

  /** @param capacity files at most */
  constructor(capacity: number) {
    this.#right = new Uint16Array(capacity);
    this.#states = new Float64Array(capacity * NUMBERS);
    this.#sealErrno = new Uint8Array(capacity);
  }

  add(outcome: FileOutcome): void {
    const index = this.#count++;
    if (outcome.kind !== 'right') {
      this.#others.push(outcome);
      return;
    }
    this.#right[index] = outcome.at + 1;
    writeState(this.#states, index, outcome.state);
    let errno = this.#errnos.indexOf(outcome.sealErrno);
    if (errno < 0) errno = this.#errnos.push(outcome.sealErrno) - 1;
    this.#sealErrno[index] = errno;
  }

  finish(): PackedOutcomes {
    return {
      count: this.#count,
      right: this.#right,
      states: this.#states,
      sealErrno: this.#sealErrno,
      errnos: this.#errnos,
      others: this.#others,
    };
  }
}

/** The outcomes of a batch, in order. */
export function* unpackOutcomes(packed: PackedOutcomes): Generator<FileOutcome> {
  const { count, right, states, sealErrno, errnos, others } = packed;
  let other = 0;
  for (let index = 0; index < count; index += 1) {
    const at = (right[index] ?? 0) - 1;
    if (at >= 0) yield { kind: 'right', at, state: readState(states, index), sealErrno: errnos[sealErrno[index] ?? 0] };
    else yield others[other++] ?? { kind: 'elsewhere' };
  }
}

function writeState(states: Float64Array, index: number, { dev, ino, size, mtimeMs, ctimeMs }: FileState): void {
  const at = index * NUMBERS;
  states[at] = dev;
  states[at + 1] = ino;
  states[at + 2] = size;
  states[at + 3] = mtimeMs;
  states[at + 4] = ctimeMs;
}

function readState(states: Float64Array, index: number): FileState {
  const at = index * NUMBERS;
  return {
    dev: states[at] ?? 0,
    ino: states[at + 1] ?? 0,
    size: states[at + 2] ?? 0,
    mtimeMs: states[at + 3] ?? 0,
    ctimeMs: states[at + 4] ?? 0,
  };
}
