import { join, relative, resolve } from 'node:path';
import { parseComposefsHeader } from '../../../shared/composefs/header.ts';
import { formatNote } from '../../../shared/composefs/writer/format-note.ts';
import type { FormatVersion } from '../../../shared/composefs/writer/format-rules.ts';
import { writeImageInSteps, type WriteOptions } from '../../../shared/composefs/writer/write-image.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { XattrFamily } from '../../../shared/tree/merge/overlay-attributes.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { Flag } from '../../../shared/tree/table.ts';
import { rebuildImage, type RebuildOptions } from '../../../shared/tree/rebuild-image.ts';
import { verityDigestOf } from '../image-digest.ts';
import { inSlices } from '../slices.ts';
import { imageObjects, pathOfDigest, redirectText, type ImageObject } from '../publish/image-objects.ts';
import { writeBytes } from '../save-content.ts';
import { findStoresBeside } from '../stores/store-beside.ts';
import { StoreError } from '../stores/store-error.ts';
import {
  imageOfDirectory,
  isPlainDirectory,
  refuseFaults,
  splitLayers,
  type CreateContext,
  type LayerOptions,
} from './create-image.ts';
import { bring } from './bring-object.ts';
import { ObjectRun, type ObjectReport } from './object-run.ts';
import type { ScanCounts } from './scan-directory.ts';

export interface CreateRequest extends LayerOptions {
  /** A directory, a tar, a container image; or several layers, the lowest first. */
  readonly sources: readonly string[];
  /** Data root of the store for the objects; undefined: none are written. */
  readonly store?: string | undefined;
  /** Data roots of stores that have the objects of those layers that are images. */
  readonly from?: readonly string[] | undefined;
  /** Folder for an image of each layer; undefined: none is written. */
  readonly layerImages?: string | undefined;
  /** One source is merged, too, as overlayfs shows it; it says which attributes overlay's own are. */
  readonly merge?: XattrFamily | undefined;
  readonly minVersion?: number | undefined;
  readonly maxVersion?: number | undefined;
  /** The format, whatever the two above say: 2 is composefs-rs's own. */
  readonly erofsVersion?: FormatVersion | undefined;
  readonly threads?: number | undefined;
  readonly checkContent?: boolean | undefined;
  /** The bundled worker: store-worker.ts. */
  readonly worker: URL;
}

/** An image that was made. */
export interface MadeImage {
  readonly bytes: Uint8Array;
  /** fs-verity, hex; of the hash that its objects have. */
  readonly digest: string;
  /** composefs_version. */
  readonly format: number;
  /** How sure its bytes are, where they are not the C tool's. */
  readonly note: string | undefined;
  readonly entries: number;
}

export interface MadeLayer extends Omit<MadeImage, 'bytes'> {
  readonly name: string;
  readonly size: number;
  readonly file: string;
}

export interface CreateResult {
  readonly image: MadeImage;
  /** Of a directory. */
  readonly counts: ScanCounts | undefined;
  readonly objects: ObjectReport;
  readonly layers: readonly MadeLayer[];
}

/**
 * Makes an image of a source, and puts the contents of its files into a store. Of several layers, it is the image of what
 * the kernel shows of them. The image itself is not written: the caller does, when all objects are in place.
 *
 * @throws StoreError, ImageError, UnreadableFiles; the signal's reason
 */
export async function createImage(request: CreateRequest, context: CreateContext = {}): Promise<CreateResult> {
  const { sources, store, worker, threads, checkContent } = request;
  for (const source of sources) if (store !== undefined) refuseInside(source, store);
  const run = await ObjectRun.open({ worker, store, threads, checkContent });
  try {
    const { image, counts, layers, merged } = await treeOf(request, run, context);
    if (merged !== undefined) await bringObjects(merged, request, run, context);
    context.onProgress?.({ step: 'syncing', entries: image.table.count, bytes: run.bytes, totalBytes: run.bytes });
    await run.finish();
    context.signal?.throwIfAborted();
    return { image: await madeOf(image, request, context), counts, objects: run.report, layers };
  } finally {
    await run.close();
  }
}

/** What is written while it is listed would be part of the image, or not. */
function refuseInside(source: string, store: string): void {
  const path = relative(resolve(source), resolve(store));
  if (path !== '' && (path === '..' || path.startsWith('../'))) return;
  throw new StoreError('EINVAL', store, `the store ${store} lies in ${source}, which the image is made of`);
}

interface Tree {
  readonly image: Image;
  readonly counts: ScanCounts | undefined;
  readonly layers: readonly MadeLayer[];
  /** Of layers: as it was before, with the names that objects have in the layers' own stores. */
  readonly merged: Image | undefined;
}

async function treeOf(request: CreateRequest, run: ObjectRun, context: CreateContext): Promise<Tree> {
  const { sources, layerImages, merge } = request;
  const [only = ''] = sources;
  if (sources.length === 1 && layerImages === undefined && merge === undefined && (await isPlainDirectory(only))) {
    return { ...(await imageOfDirectory(only, request, run, context)), layers: [], merged: undefined };
  }
  const opened = await splitLayers(sources, request, run, context);
  const layers: MadeLayer[] = [];
  if (layerImages !== undefined) {
    for (const [index, { name, image }] of opened.entries()) {
      const made = await madeOf(await rebuilt(image, request, context), request, context);
      const { bytes, ...facts } = made;
      const file = join(layerImages, `layer${index + 1}.cfs`);
      await writeBytes(file, bytes);
      layers.push({ ...facts, name, file, size: bytes.length });
    }
  }
  const [first] = opened;
  if (first === undefined) throw new StoreError('EINVAL', only, `${sources.join(' + ')} has no layers`);
  const images = opened.map(({ image }) => image);
  const { maxEntries } = request;
  const isStack = images.length > 1 || merge !== undefined;
  const merged = isStack ? new StackImage(images, { maxEntries, family: merge ?? 'trusted' }) : first.image;
  return { image: await rebuilt(merged, request, context), counts: undefined, layers, merged };
}

/** As `rebuildImage`, while others have their turn. */
export const rebuilt = (
  image: Image,
  options: RebuildOptions,
  { signal = new AbortController().signal }: CreateContext,
): Promise<Image> => inSlices(rebuildImage(image, options), signal);

type FormatOptions = Pick<CreateRequest, 'minVersion' | 'maxVersion' | 'erofsVersion'>;

/** As mkcomposefs takes its options: none is 0 to 1; of one alone the other is 0; and the newest is no older than the oldest. */
function formatRange({ minVersion: min, maxVersion: max, erofsVersion }: FormatOptions): WriteOptions {
  if (erofsVersion !== undefined) return { minVersion: erofsVersion, maxVersion: erofsVersion };
  const isOpen = min === undefined && max === undefined;
  const minVersion = min === 1 ? 1 : 0;
  return { minVersion, maxVersion: isOpen || max === 1 ? 1 : minVersion };
}

/** Writes a tree as an image, in memory. @throws ImageError where no image can hold it; the signal's reason */
export async function madeOf(
  image: Image,
  options: FormatOptions,
  { signal = new AbortController().signal }: CreateContext,
): Promise<MadeImage> {
  const bytes = await inSlices(writeImageInSteps(image, formatRange(options)), signal);
  const isLong = image.table.flags.some((bits) => (bits & Flag.sha512) !== 0);
  const digest = await verityDigestOf(bytes, isLong ? 'sha512' : 'sha256', { signal, progress: () => {} });
  const version = parseComposefsHeader(bytes)?.composefsVersion;
  const format = version === 1 || version === 2 ? version : 0;
  return { bytes, digest, format, note: formatNote(format, isLong), entries: image.table.count };
}

/** Objects of layers that are images: they are in the store, or are brought from another one, be it beside a layer. */
async function bringObjects(
  image: Image,
  { sources, store, from: named = [] }: CreateRequest,
  run: ObjectRun,
  { signal }: CreateContext,
): Promise<void> {
  if (store === undefined) return;
  const name = sources.join(' + ');
  const missing: ImageObject[] = [];
  let from: readonly string[] | undefined;
  for (const object of imageObjects(image, name)) {
    if (run.has(object.digest)) continue;
    if (object.redirect === pathOfDigest(object.digest) && run.find(object.digest, object.size)) continue;
    from ??= [...new Set([...named, ...(await rootsBeside(sources))])].filter((root) => root !== store);
    if (!(await bring(object, from, run))) missing.push(object);
  }
  await run.drained(signal);
  refuseFaults(name, run);
  const [first] = missing;
  if (first === undefined) return;
  const others = missing.length > 1 ? ` and ${missing.length - 1} others are` : ' is';
  const elsewhere = from === undefined || from.length === 0 ? '' : ` nor in ${from.join(', ')}`;
  const where = `${elsewhere}; a store that has them is to be named (--from), or attached in the window`;
  throw new StoreError('ENOENT', store, `${redirectText(first.redirect)}${others} not in ${store}${where}`);
}

async function rootsBeside(sources: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(sources.map((path) => findStoresBeside(path)));
  return found.flat().map(({ dataRoot }) => dataRoot);
}
