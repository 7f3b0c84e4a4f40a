import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { updatesOf, type PublishedImage, type PublishManifest } from '../../../shared/store/publish-manifest.ts';
import { toWireError } from '../../../shared/contract/wire-error.ts';
import { UnreadableFiles } from '../create/create-image.ts';
import { pathText } from '../create/make-object.ts';
import { ObjectRun } from '../create/object-run.ts';
import { verityDigestOf } from '../image-digest.ts';
import type { JobContext } from '../job-list.ts';
import { readImageFile } from '../read-image-file.ts';
import { checkSignature } from '../signature.ts';
import { slices } from '../slices.ts';
import { errnoOf, describeErrno } from '../stores/store-error.ts';
import { imageObjects } from './image-objects.ts';
import { MANIFEST, readManifest } from './manifest-file.ts';
import { publicationImages, type PublicationSources } from './publication-images.ts';

export interface CheckRequest {
  readonly folder: string;
  /** Certificates to hold signatures against; none: those are only told to be there. */
  readonly certificates?: readonly string[];
  /** What it was made of: made anew in memory, and held against it. */
  readonly sources?: PublicationSources | undefined;
  readonly threads?: number | undefined;
  readonly worker: URL;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number, totalBytes: number | undefined) => void) | undefined;
}

export interface PublicationFault {
  readonly part: 'manifest' | 'image' | 'object' | 'signature' | 'source';
  /** On disk. */
  readonly path: string;
  /** A clause: `has 5 bytes, and not 7`. */
  readonly message: string;
  /** Names of the images that need it. */
  readonly images: readonly string[];
}

export interface PublicationCheck {
  readonly manifest: PublishManifest;
  /** All of them; empty: nothing is wrong. */
  readonly faults: readonly PublicationFault[];
  /** Objects that were read, and are what they are called. */
  readonly objects: number;
  /** Signatures that there are, and that were held against a certificate. */
  readonly signatures: { readonly there: number; readonly checked: number };
  /** Images that were made anew from their source; undefined: not asked for. */
  readonly compared: number | undefined;
}

const TICK_MS = 100;

/**
 * Opens what was published as a client would: manifest, images, signatures, and each object read. With the sources, those
 * are read as well: their images must be the published ones.
 *
 * @throws StoreError where the manifest cannot be read or is none; ImageError, UnreadableFiles of sources; the signal's reason
 */
export async function checkPublication(request: CheckRequest): Promise<PublicationCheck> {
  const { folder, sources, signal = new AbortController().signal } = request;
  const manifest = await readManifest(folder);
  const job: JobContext = { signal, progress: () => {} };
  const faults: PublicationFault[] = manifestFaults(manifest, join(folder, MANIFEST));
  let checked = 0;
  for (const image of manifest.images) {
    faults.push(...(await imageFaults(image, manifest, request, job)));
    const signature = await signatureFault(image, request);
    if (signature === undefined) continue;
    checked += 1;
    faults.push(...signature);
  }
  const bad = await objectFaults(manifest, request);
  faults.push(...bad);
  const compared = sources && (await sourceFaults(manifest, sources, request));
  faults.push(...(compared?.faults ?? []));
  return {
    manifest,
    faults,
    objects: manifest.objects.length - bad.length,
    signatures: { there: manifest.images.filter(({ signature }) => signature !== undefined).length, checked },
    compared: compared?.compared,
  };
}

/** What a client would read wrongly from it, though each part is right. */
function manifestFaults({ images, objects, updates }: PublishManifest, path: string): PublicationFault[] {
  const faults: PublicationFault[] = [];
  const fault = (name: string, message: string): unknown =>
    faults.push({ part: 'manifest', path, message, images: [name] });
  let isWhole = true;
  for (const image of images) {
    const missing = image.objects.find((index) => index >= objects.length);
    if (missing !== undefined) {
      isWhole = false;
      fault(image.name, `gives ${image.name} the object ${missing}, and has ${objects.length}`);
      continue;
    }
    const bytes = image.objects.reduce((sum, index) => sum + (objects[index]?.size ?? 0), 0);
    if (bytes === image.objectBytes) continue;
    fault(image.name, `says that the objects of ${image.name} have ${image.objectBytes} bytes: it is ${bytes}`);
  }
  if (!isWhole) return faults;
  const told = new Map(updates.map((update) => [`${update.have}\0${update.want}`, update]));
  for (const { have, want, objects: count, bytes } of updatesOf(images, objects)) {
    const update = told.get(`${have}\0${want}`);
    if (update?.objects === count && update.bytes === bytes) continue;
    const says = update === undefined ? 'nothing' : `${update.objects} objects, ${update.bytes} bytes`;
    fault(want, `says that who has ${have} fetches ${says} for ${want}: it is ${count} objects, ${bytes} bytes`);
  }
  return faults;
}

async function imageFaults(
  image: PublishedImage,
  { objects }: PublishManifest,
  { folder }: CheckRequest,
  job: JobContext,
): Promise<PublicationFault[]> {
  const path = join(folder, image.file);
  const fault = (message: string): PublicationFault => ({ part: 'image', path, message, images: [image.name] });
  try {
    const { bytes } = await readImageFile(path, job);
    if (bytes.length !== image.size) return [fault(`has ${bytes.length} bytes, and not ${image.size}`)];
    const digest = await verityDigestOf(bytes, 'sha256', job);
    if (digest !== image.digest) return [fault(`has the digest ${digest}, and not ${image.digest}`)];
    const named = imageObjects(openImage(bytes), path).map((object) => object.digest);
    const listed = image.objects.map((index) => objects[index]?.digest ?? '');
    if (named.toSorted().join(' ') === listed.toSorted().join(' ')) return [];
    return [fault('refers to other objects than the manifest says')];
  } catch (error) {
    job.signal.throwIfAborted();
    return [fault(clauseOf(error, path))];
  }
}

/** @returns undefined: there is none, or nobody to hold it against */
async function signatureFault(
  { name, digest, signature }: PublishedImage,
  { folder, certificates = [] }: CheckRequest,
): Promise<readonly PublicationFault[] | undefined> {
  if (signature === undefined) return undefined;
  const path = join(folder, signature);
  const fault = (message: string): PublicationFault => ({ part: 'signature', path, message, images: [name] });
  try {
    if (certificates.length === 0) {
      await lstat(path);
      return undefined;
    }
    const checked = await checkSignature({
      signaturePath: path,
      certificatePaths: certificates,
      algorithm: 'sha256',
      digest,
    });
    return checked.verdict === 'good' ? [] : [fault(checked.sentence)];
  } catch (error) {
    return [fault(clauseOf(error, path))];
  }
}

/** An error as a clause about a path that is told beside it. */
function clauseOf(error: unknown, path: string): string {
  const code = errnoOf(error);
  const message = toWireError(error).message.replace(`${path}: `, '').replace(`${path} `, '');
  return /^E[A-Z]+: /.test(message) ? `${describeErrno(code)} (${code})` : message;
}

/** Each object read, by all threads. */
async function objectFaults(
  { images, objects }: PublishManifest,
  { folder, worker, threads, signal, onProgress }: CheckRequest,
): Promise<readonly PublicationFault[]> {
  const found: { readonly index: number; readonly message: string }[] = [];
  const run = await ObjectRun.open({ worker, store: undefined, threads, inlineUpTo: -1 }); // an empty one is an object, too
  let total = 0;
  const timer = setInterval(() => onProgress?.(run.bytes, total), TICK_MS);
  const indexOf = new Map<string, number>();
  try {
    const breathe = slices();
    for (const [index, { path, digest, size }] of objects.entries()) {
      const at = join(folder, path);
      try {
        const stats = await lstat(at);
        if (!stats.isFile()) found.push({ index, message: 'is no regular file' });
        else if (stats.size !== size) found.push({ index, message: `has ${stats.size} bytes, and not ${size}` });
        else {
          const name = Buffer.from(at).toString('latin1');
          indexOf.set(pathText(name), index);
          run.add({ path: name, ino: stats.ino, size, mtimeMs: stats.mtimeMs }, (made) => {
            const own = made.kind === 'object' ? Buffer.from(made.digest).toString('hex') : undefined;
            if (own !== digest)
              found.push({ index, message: `has the digest ${own ?? 'of nothing'}, and not ${digest}` });
          });
          total += size;
        }
      } catch (error) {
        const code = errnoOf(error);
        found.push({ index, message: `${describeErrno(code)} (${code})` });
      }
      await breathe();
      signal?.throwIfAborted();
    }
    await run.drained(signal);
    for (const { path, message } of run.faults) found.push({ index: indexOf.get(pathText(path)) ?? -1, message });
  } finally {
    clearInterval(timer);
    await run.close();
  }
  const users = new Map<number, string[]>(found.map(({ index }) => [index, []]));
  for (const image of images) for (const index of image.objects) users.get(index)?.push(image.name);
  return found.map(({ index, message }) => {
    const path = join(folder, objects[index]?.path ?? '');
    return { part: 'object', path, message, images: users.get(index) ?? [] };
  });
}

/** Makes the images anew, without a store, and holds their digests against those of the manifest. */
async function sourceFaults(
  manifest: PublishManifest,
  sources: PublicationSources,
  { folder, worker, threads, signal }: CheckRequest,
): Promise<{ readonly faults: readonly PublicationFault[]; readonly compared: number }> {
  const run = await ObjectRun.open({ worker, store: undefined, threads });
  try {
    const made = await publicationImages(sources, run, { signal });
    const faults = made.flatMap(({ name, source, digest }): PublicationFault[] => {
      const image = manifest.images.find((candidate) => candidate.name === name);
      if (image?.digest === digest) return [];
      const message =
        image === undefined
          ? `is not published: the manifest has no image ${name}`
          : `gives an image of digest ${digest} by now, and ${image.digest} was published as ${name}`;
      return [
        { part: 'source', path: image === undefined ? source : join(folder, image.file), message, images: [name] },
      ];
    });
    return { faults, compared: made.length };
  } catch (error) {
    if (!(error instanceof UnreadableFiles)) throw error;
    const faults = error.faults.map(({ path, message }): PublicationFault => ({
      part: 'source',
      path,
      message,
      images: [],
    }));
    return { faults, compared: 0 };
  } finally {
    await run.close();
  }
}
