import { closeSync, unlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nativeHash } from '../../kernel/native-hash.ts';
import { kernelHasVerity } from '../../kernel/verity-ioctl.ts';
import { VerityDigester } from '../../../shared/verity/fs-verity.ts';
import { StoreError } from '../stores/store-error.ts';
import { ObjectPlacer } from './object-placer.ts';
import { ObjectStore, type Replaced } from './object-store.ts';
import { StorePool } from './store-pool.ts';
import type { StoreOutcome, StoreSettings, StoreTask } from './store-task.ts';

/** Bytes of a file that mkcomposefs keeps in the image. */
export const MAX_INLINE = 64;
/** Content that comes in pieces is gathered up to here; what is larger is written while it comes. */
const GATHER = 1 << 20;
/** Faults that are kept. */
const MAX_FAULTS = 1000;

/** A file that is no object, and why. */
export interface ObjectFault {
  /** As the task has it: Latin-1. */
  readonly path: string;
  readonly code: string;
  /** A clause. */
  readonly message: string;
}

/** What a run did to its store. */
export interface ObjectReport {
  /** Different objects. */
  readonly objects: number;
  readonly bytes: number;
  /** Of them, those that were not in the store. */
  readonly written: number;
  readonly writtenBytes: number;
  readonly replaced: readonly Replaced[];
  /** Objects with fs-verity on. */
  readonly sealed: number;
}

export interface ObjectRunOptions {
  /** The bundled worker: store-worker.ts. */
  readonly worker: URL;
  /** Data root; undefined: only digests are wanted. */
  readonly store: string | undefined;
  readonly threads?: number | undefined;
  /** Read what is in the store already, too. */
  readonly checkContent?: boolean | undefined;
  /** Bytes up to which files are no objects. */
  readonly inlineUpTo?: number;
}

interface Known {
  readonly size: number;
  isWritten: boolean;
  isSealed: boolean;
}

/** A file's object, as the run found it. */
export type MadeObject =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly digest: Uint8Array; readonly redirect: Uint8Array };

/** Makes objects of files and of what comes in pieces, and puts them into a store. To be closed in any case. */
export class ObjectRun {
  readonly faults: ObjectFault[] = [];
  faultCount = 0;
  readonly #store: ObjectStore | undefined;
  readonly #settings: StoreSettings;
  readonly #worker: URL;
  readonly #threads: number;
  readonly #known = new Map<string, Known>();
  #pool: StorePool | undefined;
  #placer: ObjectPlacer | undefined;
  #piecesBytes = 0;
  #committing: Promise<void> = Promise.resolve();
  #isCommitting = false;
  #failure: unknown;
  #holds = 0;
  #streams = 0;

  private constructor(options: ObjectRunOptions, store: ObjectStore | undefined) {
    const { worker, threads = availableParallelism(), checkContent = false, inlineUpTo = MAX_INLINE } = options;
    this.#store = store;
    this.#worker = worker;
    this.#threads = threads;
    this.#settings = {
      store: store && latin1(store.path),
      beside: latin1(store?.beside),
      checkContent,
      seal: kernelHasVerity(),
      inlineUpTo,
    };
  }

  /** @throws StoreError where the store cannot be written to */
  static async open(options: ObjectRunOptions): Promise<ObjectRun> {
    return new ObjectRun(options, options.store === undefined ? undefined : await ObjectStore.open(options.store));
  }

  /** Bytes read so far. */
  get bytes(): number {
    return (this.#pool?.bytes ?? 0) + this.#piecesBytes;
  }

  /** Nothing gets its name until each `hold` has its `release`: for as long as it is not known whether all can be read. */
  hold(): void {
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
  }

  /** Starts the threads, where files are about to come: it takes them some 20 ms. */
  prepare(): void {
    this.#pool ??= new StorePool(this.#worker, this.#settings, this.#threads);
  }

  /** A file on disk, for the threads. @param done told when it is made; not where it failed */
  add(task: StoreTask, done: (made: MadeObject) => void): void {
    this.prepare();
    this.#pool?.add(task, (outcome) => this.#take(task, outcome, done));
  }

  /** Content that comes in pieces, in this thread. @param name for messages @throws StoreError */
  async put(name: string, size: number, pieces: AsyncIterable<Uint8Array>): Promise<MadeObject> {
    if (size > GATHER) return this.#stream(name, size, pieces);
    const bytes = Buffer.alloc(size);
    let at = 0;
    for await (const piece of pieces) {
      if (at + piece.length > size) throw new StoreError('EBADMSG', name, `${name} has more bytes than it says`);
      bytes.set(piece, at);
      at += piece.length;
    }
    if (at < size) throw new StoreError('EBADMSG', name, `${name} has ${at} bytes, and says ${size}`);
    this.#piecesBytes += size;
    if (size <= this.#settings.inlineUpTo) return { kind: 'inline', bytes };
    const digester = newDigester();
    digester.update(bytes);
    const digest = digester.digest();
    const hex = Buffer.from(digest).toString('hex');
    if (this.#store === undefined || this.#known.has(hex)) this.#note(hex, size, 'twice', false, undefined);
    else {
      const { placement, sealed, replaces } = this.#ownPlacer().place(hex, size, (fd) =>
        this.#ownPlacer().write(fd, bytes, size),
      );
      this.#note(hex, size, placement, sealed, replaces);
      await this.#committing;
    }
    return objectOf(digest);
  }

  /** Whether it has made this object, or found it. @param hex the digest */
  has(hex: string): boolean {
    return this.#known.has(hex);
  }

  /** An object that others put into the store: looked at there. @returns whether it is there, and right */
  find(hex: string, size: number): boolean {
    const { isRight, sealed } = this.#ownPlacer().look(hex, size);
    if (isRight) this.#note(hex, size, 'there', sealed, undefined);
    return isRight;
  }

  /** Until the threads have made all that was added. @throws what kept one from it; the signal's reason */
  async drained(signal?: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    signal?.throwIfAborted();
    await Promise.race([this.#pool?.drained(), aborted]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Puts all that is left in place, and sees that it is on the disk. @throws StoreError */
  async finish(): Promise<void> {
    await this.#committing;
    if (this.#failure !== undefined) throw this.#failure;
    await this.#store?.finish();
  }

  get report(): ObjectReport {
    const report = { objects: this.#known.size, bytes: 0, written: 0, writtenBytes: 0, sealed: 0 };
    for (const { size, isWritten, isSealed } of this.#known.values()) {
      report.bytes += size;
      if (isSealed) report.sealed += 1;
      if (!isWritten) continue;
      report.written += 1;
      report.writtenBytes += size;
    }
    return { ...report, replaced: this.#store?.replaced ?? [] };
  }

  /** Ends the threads; what has no name yet goes. */
  async close(): Promise<void> {
    await this.#pool?.end();
    await this.#committing;
    await this.#store?.close();
  }

  #take({ path, size }: StoreTask, outcome: StoreOutcome, done: (made: MadeObject) => void): void {
    switch (outcome.kind) {
      case 'inline':
        done({ kind: 'inline', bytes: Buffer.from(outcome.bytes, 'latin1') });
        return;
      case 'object': {
        const digest = Buffer.from(outcome.digest, 'latin1');
        this.#note(digest.toString('hex'), size, outcome.placement, outcome.sealed, outcome.replaces);
        done(objectOf(digest));
        return;
      }
      case 'changed':
        this.#fault({ path, code: 'ESTALE', message: 'changed while it was read' });
        return;
      case 'failed':
        this.#fault({ path, code: outcome.code, message: outcome.message });
        return;
      case 'store-failed':
        this.#pool?.fail(new StoreError(outcome.code, outcome.path, outcome.message));
    }
  }

  #fault(fault: ObjectFault): void {
    this.faultCount += 1;
    if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
  }

  #note(
    hex: string,
    size: number,
    placement: 'written' | 'there' | 'twice' | undefined,
    sealed: boolean,
    replaces: string | undefined,
  ): void {
    const known = this.#known.get(hex);
    const isNew = placement === 'written' && known?.isWritten !== true;
    if (known === undefined) this.#known.set(hex, { size, isWritten: isNew, isSealed: sealed });
    else {
      known.isWritten ||= isNew;
      known.isSealed ||= sealed;
    }
    if (placement !== 'written' || this.#store === undefined) return;
    const isTime = this.#store.note(hex, size, replaces);
    if (!isTime || this.#holds > 0 || this.#isCommitting) return;
    this.#isCommitting = true;
    this.#committing = this.#store
      .commit()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#isCommitting = false;
      });
  }

  #ownPlacer(): ObjectPlacer {
    return (this.#placer ??= new ObjectPlacer(this.#settings, () => {}));
  }

  async #stream(name: string, size: number, pieces: AsyncIterable<Uint8Array>): Promise<MadeObject> {
    const digester = newDigester();
    const beside = this.#store && `stream-${(this.#streams += 1)}`;
    const path = join(this.#store?.beside ?? '', beside ?? '');
    const fd = beside === undefined ? undefined : this.#ownPlacer().create(beside);
    let count = 0;
    try {
      for await (const piece of pieces) {
        count += piece.length;
        this.#piecesBytes += piece.length;
        digester.update(piece);
        if (fd !== undefined) this.#ownPlacer().write(fd, piece, piece.length);
      }
      if (count !== size) throw new StoreError('EBADMSG', name, `${name} has ${count} bytes, and says ${size}`);
    } catch (error) {
      if (beside !== undefined) unlinkSync(path);
      throw error;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
    const digest = digester.digest();
    const hex = Buffer.from(digest).toString('hex');
    const placed = beside === undefined ? undefined : this.#ownPlacer().adopt(beside, hex, size);
    this.#note(hex, size, placed?.placement, placed?.sealed ?? false, placed?.replaces);
    await this.#committing;
    return objectOf(digest);
  }
}

const latin1 = (path: string | undefined): string => Buffer.from(path ?? '').toString('latin1');

const newDigester = (): VerityDigester => new VerityDigester({ algorithm: 'sha256', hash: nativeHash('sha256') });

function objectOf(digest: Uint8Array): MadeObject {
  const hex = Buffer.from(digest).toString('hex');
  return { kind: 'object', digest, redirect: Buffer.from(`${hex.slice(0, 2)}/${hex.slice(2)}`) };
}
