import { basename } from 'node:path';
import type { EngineEvents } from '../../shared/contract/engine-calls.ts';
import type { ImageId, StoreId, Workspace as WorkspaceValue } from '../../shared/contract/values.ts';
import { CallError, toWireError } from '../../shared/contract/wire-error.ts';
import { ImageError } from '../../shared/erofs/image-error.ts';
import { CreateDesk } from './create/create-desk.ts';
import { CompareDesk } from './compare/compare-desk.ts';
import { SearchDesk } from './search-desk.ts';
import { countHits, storeInfo } from './attached-store.ts';
import { triageDigest } from './digest-triage.ts';
import { findExpectedDigests } from './expected-digest.ts';
import { verityDigestOf } from './image-digest.ts';
import { measuredBytesInSteps } from './measured-bytes.ts';
import { ImageSession, openImageFile } from './image-session.ts';
import { JobList } from './job-list.ts';
import type { FileIdentity } from './read-image-file.ts';
import { isSameFile } from './read-image-file.ts';
import { inSlices } from './slices.ts';
import { PublishDesk } from './publish/publish-desk.ts';
import { StackDesk } from './stacks/stack-desk.ts';
import { StoreList } from './store-list.ts';
import { countObjects } from './stores/count-objects.ts';
import { quickCheck } from './stores/quick-check.ts';
import type { StoreFound } from './stores/store-found.ts';
import { VerifyDesk } from './verify/verify-desk.ts';
import { ViewList } from './view-list.ts';

/** All that is open: images, the stores that they are looked up in, views, jobs; and what runs behind them. */
export class Workspace {
  readonly jobs: JobList;
  readonly views = new ViewList();
  readonly stores: StoreList;
  readonly verify: VerifyDesk;
  readonly stacks: StackDesk;
  readonly compare: CompareDesk;
  readonly search: SearchDesk;
  readonly create: CreateDesk;
  readonly publish: PublishDesk;
  readonly #tell: EngineEvents;
  readonly #sessions = new Map<ImageId, ImageSession>();
  /** The look that runs, by image: another one takes its place. */
  readonly #checks = new Map<ImageId, AbortController>();
  /** Of the stores, what is being counted. */
  readonly #counts = new Map<StoreId, AbortController>();
  #hits = new AbortController();
  #nextId = 0;

  /**
   * @param tell is told of all that changes unasked
   * @param worker the bundled hash-worker.ts
   * @param storeWorker the bundled store-worker.ts, where it lies elsewhere than in the app
   */
  constructor(tell: EngineEvents, worker: URL, storeWorker?: URL) {
    this.#tell = tell;
    this.jobs = new JobList((job) => tell.job(job));
    this.stores = new StoreList(() => this.#storesChanged());
    this.verify = new VerifyDesk(this, tell, worker);
    this.stacks = new StackDesk(this);
    this.compare = new CompareDesk(this);
    this.search = new SearchDesk(this);
    this.create = new CreateDesk(this, storeWorker);
    this.publish = new PublishDesk(this, storeWorker);
  }

  get sessions(): readonly ImageSession[] {
    return [...this.#sessions.values()];
  }

  get value(): WorkspaceValue {
    return {
      images: this.sessions.map((session) => session.info),
      stores: this.stores.all.map(storeInfo),
      stacks: this.stacks.all,
    };
  }

  isOpen(id: ImageId): boolean {
    return this.#sessions.has(id);
  }

  /** @throws CallError where no such image is open */
  session(id: ImageId): ImageSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new CallError('invalid-request', `There is no image ${id}.`);
    return session;
  }

  /** As `session`, and checks that the entry is one of its rows. */
  entry({ image, entry }: { readonly image: ImageId; readonly entry: number }): ImageSession {
    const session = this.session(image);
    if (entry < session.entries) return session;
    throw new CallError('invalid-request', `Image ${image} has no entry ${entry}.`);
  }

  /** As `entry`, and checks that a mount shows it. */
  shown(request: { readonly image: ImageId; readonly entry: number }): ImageSession {
    const session = this.entry(request);
    if (request.entry < session.image.table.count) return session;
    throw new CallError('invalid-request', `Entry ${request.entry} does not show in the stack.`);
  }

  /** The open image of a file, as long as the file is as it was. */
  openAlready(identity: FileIdentity): ImageSession | undefined {
    return this.sessions.find((session) => isSameFile(session.identity, identity));
  }

  /**
   * Keeps what is no file as an image; `examine` is to follow.
   *
   * @param before the image in whose place among the others it comes; that is to be closed
   */
  keep(make: (id: ImageId) => ImageSession, before?: ImageId): ImageId {
    const id = this.#nextId++;
    const session = make(id);
    const others = [...this.#sessions];
    const at = others.findIndex(([other]) => other === before);
    if (at >= 0) others.splice(at, 0, [id, session]);
    else others.push([id, session]);
    this.#sessions.clear();
    for (const [other, kept] of others) this.#sessions.set(other, kept);
    return id;
  }

  /** Opens an image file; `examine` is to follow. @throws as `openImageFile` */
  async openImage(path: string): Promise<ImageId> {
    const id = this.#nextId++;
    const file = await this.jobs.run(`Opening ${basename(path)}`, 'bytes', (job) => openImageFile(path, job));
    const known = this.openAlready(file.identity); // under another path, while this was read
    if (known !== undefined) return known.id;
    const session = new ImageSession(id, path, file);
    this.#sessions.set(id, session);
    return id;
  }

  /** Starts what is to be found out about an image that was opened: its objects, unless that is under way; its digest. */
  examine(id: ImageId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return; // closed meanwhile
    if (!this.#checks.has(id)) void this.#check(session);
    if (session.image.kind === 'stack') return; // several files have no one digest
    void this.measure(session);
    void this.#findExpected(session);
  }

  /** @throws CallError */
  closeImage(id: ImageId): void {
    this.session(id).closing.abort();
    this.#sessions.delete(id);
    this.#checks.get(id)?.abort();
    this.views.closeImage(id);
    this.stacks.imageClosed(id);
    this.compare.imageClosed(id);
    this.verify.problemsChanged();
    this.stores.imageClosed(id);
    void this.#countHits();
  }

  /** @returns as `StoreList.attach` */
  async attach(found: StoreFound, broughtBy?: ImageId): Promise<{ readonly id: StoreId; readonly isNew: boolean }> {
    const attached = await this.stores.attach(found, broughtBy);
    if (attached.isNew) void this.#countObjects(attached.id);
    return attached;
  }

  /** Looks again at all objects of all images. What runs goes on behind the call. */
  recheck(): void {
    for (const session of this.sessions) void this.#check(session);
    for (const { id } of this.stores.all) void this.#countObjects(id);
  }

  /** Facts of an image changed. */
  imageChanged(session: ImageSession): void {
    this.#tell.imageChanged(session.info);
  }

  /** A status became known by other means than a check of all. */
  statusChanged(session: ImageSession): void {
    this.#tell.imageChanged(session.info);
    this.#tell.rowsChanged(session.id);
    for (const state of this.views.refresh(session.id)) this.#tell.viewChanged(state);
  }

  /** A page is there, maybe after another one: it has no views yet, and was told of no job. */
  pageConnected(): void {
    this.views.closeAll();
    for (const job of this.jobs.running) this.#tell.job(job);
  }

  #storesChanged(): void {
    this.#tellStores();
    for (const session of this.sessions) void this.#check(session);
  }

  #tellStores(): void {
    this.#tell.storesChanged(this.stores.all.map(storeInfo));
  }

  /** A late result, of stores that have changed since, is dropped: its check was aborted by the one that follows. */
  async #check(session: ImageSession): Promise<void> {
    this.#checks.get(session.id)?.abort();
    const abort = new AbortController();
    this.#checks.set(session.id, abort);
    const stores = this.stores.all;
    await ignoreAbort(abort.signal, async () => {
      const title = `Looking for the objects of ${session.name}`;
      const objects = await session.indexed;
      abort.signal.throwIfAborted();
      const roots = stores.map((store) => store.found.dataRoot);
      const result = await this.jobs.run(
        title,
        'objects',
        ({ signal, progress }) => quickCheck(session.image, objects, roots, { signal, onProgress: progress }),
        abort,
      );
      session.noteChecked({ result, stores });
      for (const [root, store] of stores.entries()) store.problem = result.rootProblems.get(root)?.reason;
      this.statusChanged(session);
      this.verify.problemsChanged();
      await this.#countHits();
    });
    if (this.#checks.get(session.id) === abort) this.#checks.delete(session.id);
  }

  async #countHits(): Promise<void> {
    this.#hits.abort();
    const { signal } = (this.#hits = new AbortController());
    const stores = this.stores.all;
    await ignoreAbort(signal, async () => {
      const hits = await countHits(this.sessions, stores, signal);
      signal.throwIfAborted();
      for (const [index, store] of stores.entries()) store.hits = hits[index];
      this.#tellStores();
    });
  }

  async #countObjects(id: StoreId): Promise<void> {
    const store = this.stores.all.find((candidate) => candidate.id === id);
    if (store === undefined) return;
    this.#counts.get(id)?.abort();
    const abort = new AbortController();
    this.#counts.set(id, abort);
    await ignoreAbort(abort.signal, async () => {
      const { dataRoot, kind } = store.found;
      const title = `Counting the objects in ${basename(dataRoot)}`;
      const count = await this.jobs
        .run(title, 'objects', ({ signal }) => countObjects(dataRoot, signal), abort)
        .catch((cause: unknown) => {
          if (abort.signal.aborted) throw cause;
          return 0; // that the data root cannot be listed is said by the check
        });
      const current = this.stores.all.find((candidate) => candidate.id === id);
      // A plain folder may hold objects at any path: no object of the usual shape does not mean that it is empty.
      if (current !== undefined) current.objects = kind === 'plain' && count === 0 ? undefined : count;
      this.#tellStores();
    });
    if (this.#counts.get(id) === abort) this.#counts.delete(id);
  }

  /** What lies around the image may say which digest it should have; what the user says comes first. */
  async #findExpected(session: ImageSession): Promise<void> {
    await ignoreAbort(session.closing.signal, async () => {
      const { found, problems } = await findExpectedDigests(session.path);
      session.closing.signal.throwIfAborted();
      session.digestProblems = problems;
      session.expected ??= found[0];
      if (found.length > 0 || problems.length > 0) this.#tell.imageChanged(session.info);
    });
    await this.triageExpected(session);
  }

  /** Computes an image's digest, unless that is done or under way. What runs goes on behind the call. */
  async measure(session: ImageSession): Promise<void> {
    if (session.digest !== undefined || session.measuring !== undefined) return;
    const abort = (session.measuring = endingWith(session));
    if (session.noDigest !== undefined) {
      session.noDigest = undefined;
      this.#tell.imageChanged(session.info);
    }
    await ignoreAbort(abort.signal, async () => {
      await session.indexed; // first what the window asks for
      try {
        session.digest = await this.jobs.run(
          `Measuring ${session.name}`,
          'bytes',
          async (job) => {
            const bytes = await inSlices(measuredBytesInSteps(session.image), job.signal);
            return verityDigestOf(bytes, session.verityAlgorithm, job);
          },
          abort,
        );
      } catch (cause) {
        session.noDigest = abort.signal.aborted ? 'Measuring was cancelled.' : toWireError(cause).message;
        if (!(cause instanceof ImageError)) throw cause;
      } finally {
        session.measuring = undefined;
        if (this.isOpen(session.id)) this.#tell.imageChanged(session.info);
      }
    });
    await this.triageExpected(session);
  }

  /** Looks for what the digest is that is expected, where it is not the image's own; another one is no longer looked at. */
  async triageExpected(session: ImageSession): Promise<void> {
    const { expected, digest, closing } = session;
    session.triaging?.abort();
    if (expected === undefined || digest === undefined || expected.digest === digest || closing.signal.aborted) return;
    const abort = (session.triaging = endingWith(session));
    const others = this.sessions.filter((other) => other !== session);
    const dataRoots = this.stores.all.map(({ found }) => found.dataRoot);
    await ignoreAbort(abort.signal, async () => {
      const finding = await this.jobs.run(
        `Finding out what the digest expected of ${session.name} is`,
        'bytes',
        (job) => triageDigest(session, expected, { others, dataRoots }, job),
        abort,
      );
      session.triaged = { expected, finding };
      this.#tell.imageChanged(session.info);
    });
  }
}

/** For work that ends when its image is closed, and can be ended without that. */
function endingWith({ closing: { signal } }: ImageSession): AbortController {
  const abort = new AbortController();
  if (signal.aborted) abort.abort();
  else signal.addEventListener('abort', () => abort.abort(), { once: true, signal: abort.signal });
  return abort;
}

/** What was aborted ends without a word; anything else that goes wrong behind the calls is ours, and loud. */
async function ignoreAbort(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!signal.aborted) console.error('engine:', cause);
  }
}
