import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { kindAt, listFolder, readHead } from '../stores/folder-listing.ts';
import { readObject } from '../stores/object-content.ts';
import { ObjectResolver } from '../stores/object-resolver.ts';
import { openStore } from '../stores/open-store.ts';
import { StoreError, storeError } from '../stores/store-error.ts';
import { layerFiles, isLayer } from './layer-entries.ts';

/** Files of a folder that are looked at. */
const MAX_FILES = 5_000_000;
const HEAD = 512;

/** An object that a good copy is looked for. */
export interface WantedObject {
  readonly algorithm: VerityAlgorithm;
  /** Hex. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Paths below a data root that may have it: its own redirect first, then names of other layouts. */
  readonly names: readonly Uint8Array[];
  /** Paths in images that refer to it, with a leading `/`. */
  readonly paths: readonly string[];
}

/** A file that has the right digest, as far as a first reading shows. */
export interface Copy<T> {
  readonly wanted: T;
  /** For a person, with the path: where it was found. */
  readonly from: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/**
 * Looks for copies of objects in what a user points at: a store of any layout, a folder of ordinary files, an OCI layout,
 * a layer (tar, also gzip or zstd), or a single file. Each object is given at most once; its copy is to be read before
 * the next one is asked for.
 *
 * @param wanted taken out of as they are found
 * @param spool folder for what must be kept while its digest is not known
 * @throws StoreError where the place itself cannot be read; the signal's reason
 */
export async function* findCopies<T extends WantedObject>(
  place: string,
  wanted: Set<T>,
  spool: string,
  signal?: AbortSignal,
): AsyncGenerator<Copy<T>, void, void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(place)).isDirectory();
  } catch (error) {
    throw storeError(error, place);
  }
  if (!isFolder) {
    yield* inFile(place, wanted, spool, signal);
    return;
  }
  yield* inStores(place, wanted, signal);
  if (wanted.size > 0 && (await kindAt(join(place, 'oci-layout'))) === 'file') {
    const blobs = join(place, 'blobs', 'sha256');
    for (const name of (await listFolder(blobs)).entries.keys()) {
      if (wanted.size > 0) yield* inFile(join(blobs, name), wanted, spool, signal);
    }
  }
  if (wanted.size > 0) yield* atPaths(place, wanted, signal);
  if (wanted.size > 0) yield* bySize(place, wanted, signal);
}

/** What lies at a path, where it is a good copy. */
async function copyAt<T extends WantedObject>(
  resolver: ObjectResolver,
  path: Uint8Array,
  wanted: T,
  signal: AbortSignal | undefined,
): Promise<Copy<T> | undefined> {
  const object = await resolver.resolve(path, signal);
  if (!object.found || object.denied !== undefined || object.size !== wanted.size) return undefined;
  const chunks = (): AsyncIterable<Uint8Array> => readObject(object, signal);
  return (await hasDigest(chunks(), wanted)) ? { wanted, from: object.path.toString(), chunks } : undefined;
}

/** By name, as a mount would find it. */
async function* inStores<T extends WantedObject>(
  place: string,
  wanted: Set<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Copy<T>, void, void> {
  for (const { dataRoot } of await openStore(place)) {
    const resolver = new ObjectResolver([dataRoot], { remember: true });
    for (const one of wanted) {
      for (const name of one.names) {
        const copy = await copyAt(resolver, name, one, signal);
        if (copy === undefined) continue;
        wanted.delete(one);
        yield copy;
        break;
      }
    }
  }
}

/** The same path below the folder as in the image: a root file system, or what the image was made of. */
async function* atPaths<T extends WantedObject>(
  place: string,
  wanted: Set<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Copy<T>, void, void> {
  const resolver = new ObjectResolver([place], { remember: true });
  for (const one of wanted) {
    for (const path of one.paths) {
      const copy = await copyAt(resolver, Buffer.from(path.slice(1)), one, signal);
      if (copy === undefined) continue;
      wanted.delete(one);
      yield copy;
      break;
    }
  }
}

/** Any file of the right size, wherever it lies. Symlinks are not followed. */
async function* bySize<T extends WantedObject>(
  place: string,
  wanted: Set<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Copy<T>, void, void> {
  let files = 0;
  for await (const path of filesBelow(place)) {
    signal?.throwIfAborted();
    files += 1;
    if (files > MAX_FILES || wanted.size === 0) return;
    const size = await sizeOf(path);
    const candidates = [...wanted].filter((one) => one.size === size);
    if (candidates.length === 0) continue;
    const chunks = (): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1 << 20 });
    for (const one of await matching(chunks(), candidates)) {
      wanted.delete(one);
      yield { wanted: one, from: path, chunks };
    }
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string, void, void> {
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    let entries;
    try {
      entries = await opendir(at, { bufferSize: 1024 });
    } catch (error) {
      if (at === folder) throw storeError(error, folder);
      continue; // a folder that may not be listed does not hide what others hold
    }
    for await (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) yield path;
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined; // gone, or not for us: no candidate
  }
}

/** A layer's files, or the file itself. */
async function* inFile<T extends WantedObject>(
  path: string,
  wanted: Set<T>,
  spool: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Copy<T>, void, void> {
  if (isLayer((await readHead(path, HEAD, { follow: true })) ?? new Uint8Array(0))) {
    for await (const file of layerFiles(path)) {
      signal?.throwIfAborted();
      if (wanted.size === 0) return;
      const candidates = [...wanted].filter((one) => one.size === file.size);
      if (candidates.length > 0) yield* spooled(file.chunks, candidates, wanted, `${path}: ${file.name}`, spool);
    }
    return;
  }
  const size = await sizeOf(path);
  const candidates = [...wanted].filter((one) => one.size === size);
  const chunks = (): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1 << 20 });
  for (const one of candidates.length > 0 ? await matching(chunks(), candidates) : []) {
    wanted.delete(one);
    yield { wanted: one, from: path, chunks };
  }
}

/** What comes out of a layer comes once: it is kept until its digest is known. */
async function* spooled<T extends WantedObject>(
  chunks: AsyncIterable<Uint8Array>,
  candidates: readonly T[],
  wanted: Set<T>,
  from: string,
  folder: string,
): AsyncGenerator<Copy<T>, void, void> {
  const path = join(folder, `.composcope-${randomUUID()}.tmp`);
  try {
    const file = await open(path, 'wx', 0o600);
    const keep = async function* keep(): AsyncGenerator<Uint8Array, void, void> {
      for await (const bytes of chunks) {
        await file.writeFile(bytes);
        yield bytes;
      }
    };
    let found: readonly T[];
    try {
      found = await matching(keep(), candidates);
    } finally {
      await file.close();
    }
    for (const one of found) {
      wanted.delete(one);
      yield { wanted: one, from, chunks: () => createReadStream(path, { highWaterMark: 1 << 20 }) };
    }
  } finally {
    await rm(path, { force: true });
  }
}

const hasDigest = async (chunks: AsyncIterable<Uint8Array>, wanted: WantedObject): Promise<boolean> =>
  (await matching(chunks, [wanted])).length > 0;

/** Those of some objects whose digest the bytes have; none where they cannot be read. */
async function matching<T extends WantedObject>(
  chunks: AsyncIterable<Uint8Array>,
  candidates: readonly T[],
): Promise<readonly T[]> {
  const algorithms = [...new Set(candidates.map(({ algorithm }) => algorithm))];
  const digesters = algorithms.map((algorithm) => new VerityDigester({ algorithm, hash: nativeHash(algorithm) }));
  try {
    for await (const bytes of chunks) for (const digester of digesters) digester.update(bytes);
  } catch (error) {
    if (error instanceof StoreError || isFileError(error)) return []; // what cannot be read is no good copy
    throw error;
  }
  const digests = digesters.map((digester) => hexOfBytes(digester.digest()));
  return candidates.filter(({ algorithm, digest }) => digests[algorithms.indexOf(algorithm)] === digest);
}

const isFileError = (error: unknown): boolean => typeof error === 'object' && error !== null && 'syscall' in error;
