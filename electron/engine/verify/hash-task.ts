import type { VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import type { PackedOutcomes, PackedTasks } from './hash-messages.ts';

/** What goes between the pool and its worker threads. Paths are Latin-1: a letter a byte, whatever they hold. */

/** Hashes that can be asked for: fs-verity as composefs has it (blocks of 4096 bytes, no salt), or of the bytes alone. */
export type Measure = `verity-${VerityAlgorithm}` | VerityAlgorithm;

/** What tells one state of a file from another. Times in ms since 1970, with fractions. */
export interface FileState {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** One object to be looked at. */
export interface FileTask {
  /** Path below the data roots; bytes from `folderLength` on are the name. */
  readonly redirect: string;
  readonly folderLength: number;
  /** Index of the only root to look in; undefined: all, in order. */
  readonly root: number | undefined;
  readonly measures: readonly Measure[];
  /** The digest that it should have, where one measure is all that is asked; undefined: to be told whatever it is. */
  readonly expected: Uint8Array | undefined;
  /** As it was when it was last found right: where it still is, it is not read. */
  readonly known: FileState | undefined;
}

export interface RunSettings {
  /** Data roots in the order of search. */
  readonly roots: readonly string[];
  /** Whether to ask the kernel for its measurement. */
  readonly askKernel: boolean;
  /** Read what the kernel measured, too. */
  readonly full: boolean;
  /** Files larger than this many bytes are not hashed whole but given back, to be shared among the workers. */
  readonly wholeUpTo: number;
}

export interface Seal {
  readonly algorithm: VerityAlgorithm;
  readonly digest: Uint8Array;
}

/** How a look at an object ended. `at`: index of the data root. */
export type FileOutcome =
  /** Hashed, and its digest is the one that was expected; not sealed. `sealErrno` as below. */
  | {
      readonly kind: 'right';
      readonly at: number;
      readonly state: FileState;
      readonly sealErrno: string | undefined;
    }
  | {
      readonly kind: 'hashed';
      readonly at: number;
      readonly state: FileState;
      /** In the order of `measures`. */
      readonly digests: readonly Uint8Array[];
      readonly seal: Seal | undefined;
      /** Errno of the kernel's measurement, where it was asked and there is no seal. */
      readonly sealErrno: string | undefined;
    }
  /** As it was when it was found right. */
  | { readonly kind: 'known'; readonly at: number; readonly state: FileState; readonly seal: Seal | undefined }
  /** Sealed: the kernel's measurement is the answer, nothing was read. */
  | { readonly kind: 'measured'; readonly at: number; readonly state: FileState; readonly seal: Seal }
  /** Too large for one worker. */
  | {
      readonly kind: 'large';
      readonly at: number;
      readonly state: FileState;
      readonly seal: Seal | undefined;
      readonly sealErrno: string | undefined;
    }
  /** It is not simply there: to be looked for with all care. */
  | { readonly kind: 'elsewhere' }
  /** It was written to, or another file took its place, while it was read. */
  | { readonly kind: 'changed'; readonly at: number }
  /** `offset`: bytes read before the error; undefined: it could not be opened. */
  | {
      readonly kind: 'failed';
      readonly at: number;
      readonly errno: string;
      readonly offset: number | undefined;
      readonly state: FileState | undefined;
      readonly seal: Seal | undefined;
    };

/** A part of a large file: from the start of a block on. */
export interface SegmentTask {
  /** On disk. */
  readonly path: string;
  readonly state: FileState;
  readonly offset: number;
  readonly length: number;
  readonly algorithms: readonly VerityAlgorithm[];
}

export type SegmentOutcome =
  | { readonly kind: 'hashed'; /** Hashes of its blocks, by algorithm. */ readonly hashes: readonly Uint8Array[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly errno: string; readonly offset: number };

export type ToWorker =
  | { readonly type: 'run'; readonly settings: RunSettings }
  | { readonly type: 'files'; readonly files: PackedTasks }
  | { readonly type: 'segment'; readonly segment: SegmentTask };

export type FromWorker =
  | { readonly type: 'files'; readonly outcomes: PackedOutcomes }
  | { readonly type: 'segment'; readonly outcome: SegmentOutcome };

/**
 * What the pool and a worker share without messages, as indices into an Int32Array: a worker that reads is deaf to
 * messages, and one that hangs says nothing.
 */
export const Shared = {
  /** Written by the pool: 0 go on, 1 wait, 2 stop. */
  order: 0,
  /** Written by the worker: rises with each chunk and file, so that one that stands still can be told. */
  beat: 1,
  /** Number of the file in its batch that it works at. */
  file: 2,
  /** KiB hashed so far, for the progress: wraps around. */
  kibibytes: 3,
} as const;
export const SHARED_LENGTH = 4;
export const Order = { go: 0, wait: 1, stop: 2 } as const;
