/** Messages between the pool that makes objects and its worker threads. */

/** A file that is to become an object, or to be kept in the image where it is that small. */
export interface StoreTask {
  /** On disk, Latin-1: a letter a byte. */
  readonly path: string;
  /** As it was when it was listed: what has changed since is no part of one tree with the rest. */
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** What its digest must be, raw bytes as Latin-1; undefined: whatever it is. */
  readonly expected?: string | undefined;
}

export interface StoreSettings {
  /** Data root of the store, Latin-1; undefined: only digests are wanted. */
  readonly store: string | undefined;
  /** Folder of this run in the store, Latin-1: what is written gets its name only when it is on the disk. */
  readonly beside: string;
  /** Read what is in the store already, too. */
  readonly checkContent: boolean;
  /** Ask the kernel for fs-verity. */
  readonly seal: boolean;
  /** Bytes up to which a file's content is kept in the image. */
  readonly inlineUpTo: number;
}

/** What became of an object: written beside; there already, and right; written before in this run. */
export type Placement = 'written' | 'there' | 'twice';

export type StoreOutcome =
  | { readonly kind: 'inline'; /** Latin-1. */ readonly bytes: string }
  | {
      readonly kind: 'object';
      /** Raw bytes as Latin-1. */
      readonly digest: string;
      readonly placement: Placement | undefined;
      /** fs-verity is on. */
      readonly sealed: boolean;
      /** What is wrong with the object that has the name so far; undefined: there was none, or it is right. */
      readonly replaces?: string | undefined;
    }
  /** It was written to, or another file took its place. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly code: string; /** A clause. */ readonly message: string }
  /** The store takes no more: there is no use in going on. */
  | {
      readonly kind: 'store-failed';
      readonly code: string;
      readonly path: string;
      /** A sentence. */ readonly message: string;
    };

export type ToStoreWorker =
  | { readonly type: 'settings'; readonly settings: StoreSettings }
  | { readonly type: 'files'; readonly files: readonly StoreTask[] };

export interface FromStoreWorker {
  readonly outcomes: readonly StoreOutcome[];
}
