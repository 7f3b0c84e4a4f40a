import { basename } from 'node:path';
import { parseComposefsHeader } from '../../../shared/composefs/header.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { splitLayers, type CreateContext } from '../create/create-image.ts';
import { madeOf, rebuilt } from '../create/create-job.ts';
import type { ObjectRun } from '../create/object-run.ts';
import { verityDigestOf } from '../image-digest.ts';
import { readImageFile } from '../read-image-file.ts';
import { StoreError, storeError } from '../stores/store-error.ts';
import { imageObjects, isPublishable, pathOfDigest, redirectText, type ImageObject } from './image-objects.ts';

/** What is published. */
export interface PublicationSources {
  /** Image files, as they are. */
  readonly images: readonly string[];
  /** Layers, the lowest first: an image of each, and one of what the kernel shows of all. */
  readonly layers: readonly string[];
}

/** An image that is to be published. */
export interface PublicationImage {
  readonly name: string;
  /** Where it is from, for a person. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** fs-verity, SHA-256, hex. */
  readonly digest: string;
  /** composefs_version. */
  readonly format: number;
  /** With the names that they have where they are brought from. */
  readonly objects: readonly ImageObject[];
}

/** What the image of all layers is called. */
export const MERGED = 'merged';

export const imageNameOf = (path: string): string => basename(path).replace(/\.cfs$/, '');

/** Layers are called as their files are, where they are images; others are numbered, from 1, the lowest. */
export const layerNameOf = (image: Image, path: string, number: number): string =>
  image.kind === 'composefs' ? imageNameOf(path) : `layer${number}`;

/**
 * Reads images, and makes those of layers, whose contents go into the run.
 *
 * @throws StoreError, ImageError, UnreadableFiles, CallError; the signal's reason
 */
export async function publicationImages(
  { images, layers }: PublicationSources,
  run: ObjectRun,
  context: CreateContext,
): Promise<readonly PublicationImage[]> {
  const all: PublicationImage[] = [];
  for (const path of images) all.push(await imageOfFile(path, context));
  if (layers.length > 0) all.push(...(await imagesOfLayers(layers, run, context)));
  const names = new Set<string>();
  for (const { name, source } of all) {
    if (names.has(name)) throw new StoreError('EEXIST', source, `two of the images are called ${name}: rename a file`);
    names.add(name);
  }
  return all;
}

const jobOf = ({ signal = new AbortController().signal }: CreateContext) => ({ signal, progress: () => {} });

async function imageOfFile(path: string, context: CreateContext): Promise<PublicationImage> {
  const { bytes } = await readImageFile(path, jobOf(context)).catch((error: unknown) => {
    context.signal?.throwIfAborted();
    throw error instanceof Error && error.name === 'CallError' ? error : storeError(error, path);
  });
  const image = openImage(bytes);
  if (image.kind !== 'composefs') throw new StoreError('EINVAL', path, `${path} is no composefs image`);
  const objects = imageObjects(image, path);
  const odd = objects.find((object) => !isPublishable(object));
  if (odd !== undefined) {
    const what = `${path} calls the object ${pathOfDigest(odd.digest)} ${redirectText(odd.redirect)}`;
    throw new StoreError('EINVAL', path, `${what}: what is published has its objects under the names of their digests`);
  }
  return factsOf(imageNameOf(path), path, bytes, objects, context);
}

async function factsOf(
  name: string,
  source: string,
  bytes: Uint8Array,
  objects: readonly ImageObject[],
  context: CreateContext,
): Promise<PublicationImage> {
  const digest = await verityDigestOf(bytes, 'sha256', jobOf(context));
  return { name, source, bytes, digest, format: parseComposefsHeader(bytes)?.composefsVersion ?? 0, objects };
}

async function imagesOfLayers(
  paths: readonly string[],
  run: ObjectRun,
  context: CreateContext,
): Promise<readonly PublicationImage[]> {
  const open = async (file: string): Promise<Image> => openImage((await readImageFile(file, jobOf(context))).bytes);
  const layers = await splitLayers(paths, { openImage: open }, run, context);
  const made: PublicationImage[] = [];
  for (const [index, { image, path, name }] of layers.entries()) {
    const objects = imageObjects(image, path);
    const called = layerNameOf(image, path, index + 1);
    if (image.kind === 'composefs' && objects.every(isPublishable)) {
      made.push(await factsOf(called, path, image.table.bytes, objects, context)); // the very file
    } else {
      const { bytes, digest, format } = await madeOf(await rebuilt(image, {}, context), {}, context);
      made.push({ name: called, source: name === '' ? path : `${path} (${name})`, bytes, digest, format, objects });
    }
  }
  if (layers.length < 2) return made;
  const merged = await rebuilt(new StackImage(layers.map(({ image }) => image)), {}, context);
  const { bytes, digest, format } = await madeOf(merged, {}, context);
  const objects = imageObjects(merged, paths.join(' + '));
  made.unshift({ name: MERGED, source: `${layers.length} layers`, bytes, digest, format, objects });
  return made;
}
