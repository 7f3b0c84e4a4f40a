import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openImage } from '../../shared/composefs/open-image.ts';
import { verityStatuses } from '../../shared/contract/status.ts';
import type { VerityStatus } from '../../shared/contract/status.ts';
import type { Counts, ImageId, ImageInfo } from '../../shared/contract/values.ts';
import type { DigestFinding, ExpectedDigest, SignatureReport } from '../../shared/contract/verify-values.ts';
import { statusOfEntries } from '../../shared/tree/entry-status.ts';
import type { StatusOf } from '../../shared/tree/entry-status.ts';
import type { Image } from '../../shared/tree/image.ts';
import { indexObjects } from '../../shared/tree/objects.ts';
import type { ObjectIndex } from '../../shared/tree/objects.ts';
import { countEntries } from '../../shared/tree/statistics.ts';
import { Flag } from '../../shared/tree/table.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import type { AttachedStore } from './attached-store.ts';
import type { ContentSource } from './content.ts';
import type { JobContext } from './job-list.ts';
import { readImageFile } from './read-image-file.ts';
import type { FileIdentity } from './read-image-file.ts';
import type { QuickResult } from './stores/quick-check.ts';
import { VerdictBook } from './verify/verdict-book.ts';
import type { Verdict } from './verify/verify-run.ts';

/**
 * Up to this many entries an image is indexed before anybody sees it, so that nothing changes under the eye. Indexing
 * 1,000,000 takes 0.3 s in one stretch: a larger one shows its rows first.
 */
const INDEXED_AT_ONCE = 100_000;
/** Time for the window to ask for its first rows of a large image. */
const FIRST_ROWS_MS = 150;

const [inline, unchecked, noDigest] = ['inline', 'unchecked', 'no-digest'].map((status) =>
  verityStatuses.indexOf(status as VerityStatus),
) as [number, number, number];

const NO_OBJECTS: ObjectIndex = { count: 0, ofEntry: new Int32Array(0), firstEntry: new Uint32Array(0) };

/** A look at all objects, and the stores that it was in: its roots are indices into those. */
export interface Checked {
  readonly result: QuickResult;
  readonly stores: readonly AttachedStore[];
}

/** Everything that is known of one opened image. */
export class ImageSession {
  readonly id: ImageId;
  /** As the user gave it, absolute. */
  readonly path: string;
  /** For a person. */
  readonly name: string;
  readonly identity: FileIdentity;
  readonly image: Image;
  readonly openedInMs: number;
  /** Aborted when the image is closed: nothing that still runs for it is of use. */
  readonly closing = new AbortController();
  /** The distinct objects, once they are told apart. Never rejects: of an image that was closed before, none come. */
  readonly indexed: Promise<ObjectIndex>;
  /** The last look at all objects that came to its end. */
  checked: Checked | undefined;
  /** What hashing found. */
  verdicts = new VerdictBook(0);
  /** Hex. */
  digest: string | undefined;
  /** Why there is none, and none is being computed: a sentence. */
  noDigest: string | undefined;
  /** Ends computing it. */
  measuring: AbortController | undefined;
  /** What says which digest it should have, and what the user says; undefined: nobody. */
  expected: ExpectedDigest | undefined;
  /** What that digest is, where it is another one. */
  triaged: { readonly expected: ExpectedDigest; readonly finding: DigestFinding } | undefined;
  /** Ends looking for that. */
  triaging: AbortController | undefined;
  digestProblems: readonly string[] = [];
  signature: SignatureReport | undefined;
  /** Once somebody asks: a comparison of two large images does not. */
  #counts: Counts | undefined;
  /** Of the distinct objects, as indices into `verityStatuses`. */
  #statuses = new Uint8Array(0);
  #firstEntry: Uint32Array = new Uint32Array(0);
  #ofEntry: Int32Array = new Int32Array(0);
  #statusOfEntry: StatusOf;
  #algorithm: VerityAlgorithm | undefined;

  /** @param indexedAtOnce entries up to which it is indexed here; above, when the first rows have been asked for */
  constructor(id: ImageId, path: string, file: OpenedFile, indexedAtOnce = INDEXED_AT_ONCE) {
    this.id = id;
    this.path = path;
    this.name = file.name ?? basename(path);
    this.identity = file.identity;
    this.image = file.image;
    this.openedInMs = file.openedInMs;
    this.#statusOfEntry = beforeIndexing(file.image);
    this.indexed = file.image.table.count <= indexedAtOnce ? Promise.resolve(this.#index()) : this.#indexSoon();
  }

  /** The status of an entry, as far as it is known now. One function for the session's whole life. */
  readonly statusOf: StatusOf = (entry) => this.#statusOfEntry(entry);

  /** How many entries one can ask about, those that a mount does not show included. */
  get entries(): number {
    return this.image.table.count;
  }

  /** Where what is known of an entry is kept. @param entry below `entries` */
  place(entry: number): { readonly session: ImageSession; readonly entry: number } {
    return { session: this, entry };
  }

  /** Path of the file whose bytes an entry has, where that lies neither in the image nor in a store. */
  fileOf(_entry: number): Uint8Array | undefined {
    return undefined;
  }

  /** Content of an entry that lies in its layer, where that is a tar. */
  layerContentOf(_entry: number): ContentSource | undefined {
    return undefined;
  }

  /** Takes what a look at all objects gave. */
  noteChecked(checked: Checked): void {
    this.checked = checked;
    const roots = checked.stores.map(({ found }) => found.dataRoot);
    this.#statuses.set(this.verdicts.merge(checked.result, roots));
  }

  /** Takes what a check of one object's content gave. @param dataRoot of the verdict's root */
  noteVerdict(object: number, verdict: Verdict, dataRoot: string | undefined): void {
    this.verdicts.note(object, verdict, dataRoot);
    this.noteStatus(object, verdict.status);
  }

  /** Indices into `verityStatuses`, by number of the object. */
  get statuses(): Uint8Array {
    return this.#statuses;
  }

  /** Each distinct object with the first entry that refers to it; none before it is indexed. */
  entriesOfObjects(): IterableIterator<[number, number]> {
    return this.#firstEntry.entries();
  }

  /** Number of each entry's object, by row; -1: none. Empty before it is indexed. */
  get objectOfEntry(): Int32Array {
    return this.#ofEntry;
  }

  /** The status of an object. */
  statusOfObject(object: number): VerityStatus {
    return verityStatuses[this.#statuses[object] ?? unchecked] ?? 'unchecked';
  }

  /** Takes the status of one object. @returns whether it was another one before */
  noteStatus(object: number, status: VerityStatus): boolean {
    const code = verityStatuses.indexOf(status);
    if (this.#statuses[object] === code) return false;
    this.#statuses[object] = code;
    return true;
  }

  /** An image's own digest has the algorithm of its objects' digests: so have the repositories that hold both. */
  get verityAlgorithm(): VerityAlgorithm {
    return (this.#algorithm ??= this.#findAlgorithm());
  }

  #findAlgorithm(): VerityAlgorithm {
    const { count, digestOffset, flags } = this.image.table;
    for (let entry = 0; entry < count; entry += 1) {
      if (digestOffset[entry] !== 0) return ((flags[entry] ?? 0) & Flag.sha512) === 0 ? 'sha256' : 'sha512';
    }
    return 'sha256';
  }

  get info(): ImageInfo {
    const { id, path, name, image, identity, digest, openedInMs, expected, digestProblems, signature } = this;
    return {
      image: id,
      path,
      name,
      kind: image.kind,
      title: titleOf(image),
      formatVersion: image.formatVersion,
      bytes: identity.size,
      counts: this.#countsNow(),
      digest,
      noDigest: this.noDigest,
      algorithm: this.verityAlgorithm,
      expected,
      digestFinding: this.triaged?.expected === expected ? this.triaged?.finding : undefined,
      digestProblems,
      signature,
      facts: image.facts,
      problems: image.problems.length + image.problemsOmitted,
      statuses: countStatuses(this.#statuses),
      openedInMs,
    };
  }

  #countsNow(): Counts {
    return (this.#counts ??= countEntries(this.image, NO_OBJECTS));
  }

  #index(): ObjectIndex {
    const { image } = this;
    const objects = indexObjects(image);
    this.#counts = { ...this.#countsNow(), objects: objects.count, objectBytes: sizeOfAll(image, objects) };
    this.#statuses = uncheckedStatuses(image, objects);
    this.#firstEntry = objects.firstEntry;
    this.#ofEntry = objects.ofEntry;
    this.verdicts = new VerdictBook(objects.count);
    this.#statusOfEntry = statusOfEntries(image, objects, this.#statuses);
    return objects;
  }

  async #indexSoon(): Promise<ObjectIndex> {
    await setTimeout(FIRST_ROWS_MS);
    return this.closing.signal.aborted ? NO_OBJECTS : this.#index();
  }
}

export interface OpenedFile {
  readonly image: Image;
  readonly identity: FileIdentity;
  /** For a person; without it, that of the file. */
  readonly name?: string;
  /** From open(2) to the whole table. */
  readonly openedInMs: number;
}

/** Reads and opens an image. @throws ImageError, CallError, errno errors, the signal's reason */
export async function openImageFile(path: string, job: JobContext): Promise<OpenedFile> {
  const started = performance.now();
  const { bytes, identity } = await readImageFile(path, job);
  const image = openImage(bytes);
  return { image, identity, openedInMs: performance.now() - started };
}

/** What the table alone says, which is what `uncheckedStatuses` will say of the objects. */
function beforeIndexing({ table }: Image): StatusOf {
  const { flags, redirectOffset, digestOffset } = table;
  return (entry) => {
    if (redirectOffset[entry] !== 0) return verityStatuses[digestOffset[entry] === 0 ? noDigest : unchecked];
    const bits = flags[entry] ?? 0;
    if ((bits & Flag.inline) !== 0) return verityStatuses[inline];
    return (bits & Flag.backed) === 0 ? undefined : 'unreadable';
  };
}

/** What can be said of objects before anybody looked. */
function uncheckedStatuses({ table }: Image, { count, firstEntry }: ObjectIndex): Uint8Array<ArrayBuffer> {
  const statuses = new Uint8Array(count);
  for (let object = 0; object < count; object += 1) {
    statuses[object] = table.digestOffset[firstEntry[object] ?? 0] === 0 ? noDigest : unchecked;
  }
  return statuses;
}

function sizeOfAll({ table }: Image, { count, firstEntry }: ObjectIndex): number {
  let bytes = 0;
  for (let object = 0; object < count; object += 1) bytes += table.size[firstEntry[object] ?? 0] ?? 0;
  return bytes;
}

function countStatuses(statuses: Uint8Array): ImageInfo['statuses'] {
  const counts = new Uint32Array(256);
  for (const code of statuses) counts[code] = (counts[code] ?? 0) + 1;
  const named = verityStatuses.map((status, code) => [status, counts[code] ?? 0] as const);
  return Object.fromEntries(named.filter(([, count]) => count > 0));
}

function titleOf({ kind, formatVersion }: Image): string {
  switch (kind) {
    case 'composefs':
      return `composefs image, format ${formatVersion ?? '?'}`;
    case 'erofs':
      return 'EROFS image';
    case 'cfs':
      return '2023 format, no kernel mounts it';
    case 'dump':
      return 'dump, of which an image can be made';
    case 'directory':
      return 'directory';
    case 'tar':
      return 'layer of a container image';
    case 'stack':
      return 'layers, merged';
  }
}
