import { lstat, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseComposefsHeader } from '../../../shared/composefs/header.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import {
  PublishManifest,
  updatesOf,
  type PublishedImage,
  type PublishedObject,
} from '../../../shared/store/publish-manifest.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { bring } from '../create/bring-object.ts';
import { refuseFaults, UnreadableFiles } from '../create/create-image.ts';
import { ObjectRun, type ObjectReport } from '../create/object-run.ts';
import { writeBytes, writeText } from '../save-content.ts';
import { checkSignature } from '../signature.ts';
import { errnoOf, describeErrno, StoreError, storeError } from '../stores/store-error.ts';
import { imageObjects, pathOfDigest, redirectText, type ImageObject } from './image-objects.ts';
import { signDigest, type Signer } from './sign-digest.ts';

export const MANIFEST = 'manifest.json';
const OBJECTS = 'objects';
const IMAGES = 'images';
/** A manifest of a million objects has some 200 MB. */
const MAX_MANIFEST = 2 ** 29;

export interface PublishRequest {
  /** Image files. */
  readonly images: readonly string[];
  /** Data roots of the stores that have their objects, in the order of search. */
  readonly from: readonly string[];
  /** Where to: made where it is missing. What is there already is kept, and checked. */
  readonly folder: string;
  readonly signer?: Signer | undefined;
  readonly threads?: number | undefined;
  /** The bundled worker: store-worker.ts. */
  readonly worker: URL;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface Published {
  readonly manifest: PublishManifest;
  readonly objects: ObjectReport;
}

interface Source {
  readonly name: string;
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly format: number;
  readonly objects: readonly ImageObject[];
}

/**
 * Writes images and their objects into a folder that can be served as it is, with a manifest. The manifest comes last: what
 * it names is there, and on the disk.
 *
 * @throws StoreError, ImageError, UnreadableFiles; the signal's reason
 */
export async function publish(request: PublishRequest): Promise<Published> {
  const { images: files, from, folder, signer, threads, worker, signal } = request;
  const sources: Source[] = [];
  for (const file of files) sources.push(await readSource(file, sources));
  const wanted = new Map(sources.flatMap(({ objects }) => objects.map((object) => [object.digest, object])));
  const report = await copyObjects(
    [...wanted.values()],
    join(folder, OBJECTS),
    { from, threads, worker, signal },
    request,
  );
  await mkdir(join(folder, IMAGES), { recursive: true });
  const digests = [...wanted.keys()].toSorted();
  const index = new Map(digests.map((digest, number) => [digest, number]));
  const objects = digests.map((digest): PublishedObject => {
    return { path: `${OBJECTS}/${pathOfDigest(digest)}`, digest, size: wanted.get(digest)?.size ?? 0 };
  });
  const images: PublishedImage[] = [];
  for (const source of sources) {
    const file = `${IMAGES}/${basename(source.file)}`;
    await writeBytes(join(folder, file), source.bytes);
    const signature = signer && `${file}.p7s`;
    if (signer !== undefined && signature !== undefined) {
      await writeBytes(join(folder, signature), signDigest(source.digest, signer));
    }
    images.push({
      name: source.name,
      file,
      size: source.bytes.length,
      format: source.format,
      digest: source.digest,
      ...(signature !== undefined && { signature }),
      objects: source.objects.map(({ digest }) => index.get(digest) ?? 0).toSorted((a, b) => a - b),
      objectBytes: source.objects.reduce((sum, { size }) => sum + size, 0),
    });
  }
  const updates = updatesOf(images, objects);
  const manifest: PublishManifest = { composcope: 'publication', version: 1, images, objects, updates };
  await writeText(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`);
  return { manifest, objects: report };
}

async function readSource(file: string, others: readonly Source[]): Promise<Source> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw storeError(error, file);
  });
  const image = openImage(bytes);
  if (image.kind !== 'composefs') throw new StoreError('EINVAL', file, `${file} is no composefs image`);
  const name = basename(file).replace(/\.cfs$/, '');
  if (others.some((other) => basename(other.file) === basename(file))) {
    throw new StoreError('EEXIST', file, `two of the images are called ${basename(file)}`);
  }
  const objects = imageObjects(image, file);
  const odd = objects.find(({ redirect, digest }) => redirect !== pathOfDigest(digest));
  if (odd !== undefined) {
    const what = `${file} calls the object ${pathOfDigest(odd.digest)} ${redirectText(odd.redirect)}`;
    throw new StoreError('EINVAL', file, `${what}: what is published has its objects under the names of their digests`);
  }
  const format = parseComposefsHeader(bytes)?.composefsVersion ?? 0;
  return { name, file, bytes, digest: digestOf(bytes), format, objects };
}

const digestOf = (bytes: Uint8Array): string =>
  Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');

async function copyObjects(
  objects: readonly ImageObject[],
  store: string,
  { from, threads, worker, signal }: Pick<PublishRequest, 'from' | 'threads' | 'worker' | 'signal'>,
  { onBytes, folder }: PublishRequest,
): Promise<ObjectReport> {
  const run = await ObjectRun.open({ worker, store, threads, inlineUpTo: 0 });
  const timer = setInterval(() => onBytes?.(run.bytes), 100);
  try {
    const missing: ImageObject[] = [];
    for (const object of objects) {
      if (run.find(object.digest, object.size) || (await bring(object, from, run))) continue;
      missing.push(object);
    }
    await run.drained(signal);
    refuseFaults(folder, run);
    const [first] = missing;
    if (first !== undefined) {
      const others = missing.length > 1 ? ` and ${missing.length - 1} others are` : ' is';
      const where = from.length === 0 ? 'and there is no --store' : `nor in ${from.join(', ')}`;
      throw new StoreError('ENOENT', folder, `${redirectText(first.redirect)}${others} not in ${folder}, ${where}`);
    }
    await run.finish();
    return run.report;
  } finally {
    clearInterval(timer);
    await run.close();
  }
}

export interface CheckRequest {
  readonly folder: string;
  /** Certificates to hold signatures against; none: those are not looked at. */
  readonly certificates?: readonly string[];
  readonly threads?: number | undefined;
  readonly worker: URL;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface PublicationFault {
  /** On disk. */
  readonly path: string;
  /** A clause. */
  readonly message: string;
}

/**
 * Opens what was published as a client would: manifest, images, signatures, and each object read.
 *
 * @returns what is wrong; empty: nothing
 * @throws StoreError where the manifest cannot be read or is none; the signal's reason
 */
export async function checkPublication(
  request: CheckRequest,
): Promise<{ readonly manifest: PublishManifest; readonly faults: readonly PublicationFault[] }> {
  const { folder, worker, threads, signal, onBytes } = request;
  const manifest = await readManifest(folder);
  const faults: PublicationFault[] = [];
  for (const image of manifest.images) faults.push(...(await imageFaults(image, manifest, request)));
  const run = await ObjectRun.open({ worker, store: undefined, threads, inlineUpTo: 0 });
  const timer = setInterval(() => onBytes?.(run.bytes), 100);
  try {
    for (const { path, digest, size } of manifest.objects) {
      const at = join(folder, path);
      try {
        const stats = await lstat(at);
        if (stats.size !== size) faults.push({ path: at, message: `has ${stats.size} bytes, and not ${size}` });
        const { ino, mtimeMs } = stats;
        const expected = Buffer.from(digest, 'hex').toString('latin1');
        run.add({ path: Buffer.from(at).toString('latin1'), ino, size: stats.size, mtimeMs, expected }, () => {});
      } catch (error) {
        const code = errnoOf(error);
        faults.push({ path: at, message: `${describeErrno(code)} (${code})` });
      }
    }
    await run.drained(signal);
    try {
      refuseFaults(folder, run);
    } catch (error) {
      if (!(error instanceof UnreadableFiles)) throw error;
      faults.push(...error.faults);
    }
  } finally {
    clearInterval(timer);
    await run.close();
  }
  return { manifest, faults };
}

/** @throws StoreError */
export async function readManifest(folder: string): Promise<PublishManifest> {
  const path = join(folder, MANIFEST);
  try {
    const { size } = await stat(path);
    if (size > MAX_MANIFEST) throw new StoreError('EFBIG', path, `${path} has more than ${MAX_MANIFEST} bytes`);
    const parsed = PublishManifest.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new StoreError(
      'EBADMSG',
      path,
      `${path} is no manifest: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw new StoreError('EBADMSG', path, `${path} is no JSON: ${error.message}`);
    throw storeError(error, path);
  }
}

async function imageFaults(
  image: PublishedImage,
  { objects }: PublishManifest,
  { folder, certificates = [] }: CheckRequest,
): Promise<PublicationFault[]> {
  const path = join(folder, image.file);
  const faults: PublicationFault[] = [];
  try {
    const bytes = await readFile(path);
    const digest = digestOf(bytes);
    if (digest !== image.digest) faults.push({ path, message: `has the digest ${digest}, and not ${image.digest}` });
    const named = imageObjects(openImage(bytes), path).map((object) => object.digest);
    const listed = image.objects.map((index) => objects[index]?.digest ?? '');
    if (named.toSorted().join(' ') !== listed.toSorted().join(' ')) {
      faults.push({ path, message: 'refers to other objects than the manifest says' });
    }
    if (image.signature !== undefined && certificates.length > 0) {
      const signaturePath = join(folder, image.signature);
      const checked = await checkSignature({
        signaturePath,
        certificatePaths: certificates,
        algorithm: 'sha256',
        digest: image.digest,
      });
      if (checked.verdict !== 'good') faults.push({ path: signaturePath, message: checked.sentence });
    }
  } catch (error) {
    faults.push({ path, message: error instanceof Error ? error.message : String(error) });
  }
  return faults;
}
