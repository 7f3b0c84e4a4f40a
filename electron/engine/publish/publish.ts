import { access, mkdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  updatesOf,
  type PublishedImage,
  type PublishedObject,
  type PublishManifest,
} from '../../../shared/store/publish-manifest.ts';
import { bring } from '../create/bring-object.ts';
import { refuseFaults } from '../create/create-image.ts';
import { ObjectRun, type ObjectReport } from '../create/object-run.ts';
import { StoreError, storeError } from '../stores/store-error.ts';
import { pathOfDigest, redirectText, type ImageObject } from './image-objects.ts';
import { IMAGES, MANIFEST, OBJECTS, readManifestIfThere } from './manifest-file.ts';
import { publicationImages, type PublicationImage, type PublicationSources } from './publication-images.ts';
import { signDigest, type Signer } from './sign-digest.ts';
import { StagedFiles } from './staged-files.ts';

export interface PublishProgress {
  readonly step: 'images' | 'objects' | 'syncing';
  readonly bytes: number;
  /** Undefined while it is not known. */
  readonly totalBytes: number | undefined;
}

export interface PublishRequest extends PublicationSources {
  /** Data roots of the stores that have their objects, in the order of search. */
  readonly from: readonly string[];
  /** Where to: made where it is missing. What is there already is kept. */
  readonly folder: string;
  readonly signer?: Signer | undefined;
  readonly threads?: number | undefined;
  /** Objects that are in the folder already are read, too; wrong ones are replaced. */
  readonly checkContent?: boolean | undefined;
  /** The bundled worker: store-worker.ts. */
  readonly worker: URL;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PublishProgress) => void) | undefined;
}

export interface Published {
  readonly manifest: PublishManifest;
  readonly objects: ObjectReport;
}

const TICK_MS = 100;

/**
 * Writes images and their objects into a folder that can be served as it is, with a manifest. Nothing gets its name before
 * all of it is on the disk, and the manifest comes last: at each moment the folder is what it was, or the new publication.
 * A cancel is heeded up to there, and leaves what was there before.
 *
 * @throws StoreError, ImageError, UnreadableFiles; the signal's reason
 */
export async function publish(request: PublishRequest): Promise<Published> {
  const { folder, signal } = request;
  signal?.throwIfAborted();
  const made = await makeFolders(folder);
  try {
    return await publishInto(request);
  } catch (error) {
    for (const path of made.toReversed()) await rmdir(path).catch(() => {}); // what others put there meanwhile stays
    throw error;
  }
}

/** @returns those that were not there, the outer ones first */
async function makeFolders(folder: string): Promise<readonly string[]> {
  const made: string[] = [];
  const make = async (path: string): Promise<void> => {
    if (await isThere(path)) return;
    if (dirname(path) !== path) await make(dirname(path));
    try {
      await mkdir(path);
    } catch (error) {
      throw storeError(error, path);
    }
    made.push(path);
  };
  for (const name of [OBJECTS, IMAGES]) await make(join(folder, name));
  return made;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function publishInto(request: PublishRequest): Promise<Published> {
  const { images, layers, folder, signer, threads, checkContent, worker, signal, onProgress } = request;
  const before = await readManifestIfThere(folder);
  const run = await ObjectRun.open({ worker, store: join(folder, OBJECTS), threads, checkContent });
  let step: PublishProgress['step'] = 'images';
  let totalBytes: number | undefined;
  const timer = setInterval(() => onProgress?.({ step, bytes: run.bytes, totalBytes }), TICK_MS);
  const files = new StagedFiles();
  try {
    run.hold(); // nothing is named before all is there
    const sources = await publicationImages({ images, layers }, run, { signal });
    const wanted = objectsOf(sources);
    step = 'objects';
    totalBytes = run.bytes + (await bringAll([...wanted.values()], run, request));
    await run.drained(signal);
    refuseFaults(folder, run);
    const manifest = await stage(sources, wanted, before, { folder, signer }, files);
    signal?.throwIfAborted();
    step = 'syncing';
    onProgress?.({ step, bytes: run.bytes, totalBytes });
    run.release();
    await run.finish();
    await files.place();
    return { manifest, objects: run.report };
  } finally {
    clearInterval(timer);
    await files.drop();
    await run.close();
  }
}

/** By digest; where two call one differently, as the last does: layers have the names of their own stores, come last. */
const objectsOf = (sources: readonly PublicationImage[]): ReadonlyMap<string, ImageObject> =>
  new Map(sources.flatMap(({ objects }) => objects.map((object) => [object.digest, object] as const)));

/** Has those objects copied that the run has not made, and that are not there already. @returns bytes that are copied */
async function bringAll(
  objects: readonly ImageObject[],
  run: ObjectRun,
  { folder, from, signal, checkContent = false }: PublishRequest,
): Promise<number> {
  const missing: ImageObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    signal?.throwIfAborted();
    const { digest, size } = object;
    if (run.has(digest) || (!checkContent && run.find(digest, size))) continue;
    if (await bring(object, from, run)) bytes += size;
    else if (!checkContent || !run.find(digest, size)) missing.push(object);
  }
  const [first] = missing;
  if (first === undefined) return bytes;
  const others = missing.length > 1 ? ` and ${missing.length - 1} more are` : ' is';
  const where = from.length === 0 ? 'and there is no store to look in' : `nor in ${from.join(', ')}`;
  throw new StoreError(
    'ENOENT',
    folder,
    `the object ${redirectText(first.redirect)}${others} not in ${folder}, ${where}`,
  );
}

/** Images, signatures and, last, the manifest: on the disk, without names. */
async function stage(
  sources: readonly PublicationImage[],
  wanted: ReadonlyMap<string, ImageObject>,
  before: PublishManifest | undefined,
  { folder, signer }: Pick<PublishRequest, 'folder' | 'signer'>,
  files: StagedFiles,
): Promise<PublishManifest> {
  const digests = [...wanted.keys()].toSorted();
  const index = new Map(digests.map((digest, number) => [digest, number]));
  const objects = digests.map((digest): PublishedObject => {
    return { path: `${OBJECTS}/${pathOfDigest(digest)}`, digest, size: wanted.get(digest)?.size ?? 0 };
  });
  const images: PublishedImage[] = [];
  for (const source of sources) {
    const { name, bytes, digest, format } = source;
    const file = fileOf(source, before);
    await files.add(join(folder, file), bytes);
    const signature = signer && `${file}.p7s`;
    if (signer !== undefined && signature !== undefined) {
      await files.add(join(folder, signature), signDigest(digest, signer));
    }
    images.push({
      name,
      file,
      size: bytes.length,
      format,
      digest,
      ...(signature !== undefined && { signature }),
      objects: source.objects.map((object) => index.get(object.digest) ?? 0).toSorted((a, b) => a - b),
      objectBytes: source.objects.reduce((sum, { size }) => sum + size, 0),
    });
  }
  const manifest: PublishManifest = {
    composcope: 'publication',
    version: 1,
    images,
    objects,
    updates: updatesOf(images, objects),
  };
  await files.add(join(folder, MANIFEST), Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`));
  return manifest;
}

/** A file that the manifest before names with another content keeps its name: until the new manifest is there, it holds. */
function fileOf({ name, digest }: PublicationImage, before: PublishManifest | undefined): string {
  const file = `${IMAGES}/${name}.cfs`;
  const isTaken = before?.images.some((image) => image.file === file && image.digest !== digest);
  return isTaken === true ? `${IMAGES}/${name}.${digest.slice(0, 12)}.cfs` : file;
}
