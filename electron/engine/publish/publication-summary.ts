import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import type {
  PlannedImage,
  PublicationSources,
  PublishSummary,
  PublishTarget,
} from '../../../shared/contract/publish-values.ts';
import { toWireError } from '../../../shared/contract/wire-error.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { indexObjects } from '../../../shared/tree/objects.ts';
import { Flag, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { MAX_INLINE } from '../create/object-run.ts';
import type { JobContext } from '../job-list.ts';
import { openLayers } from '../layers/open-layer.ts';
import { readImageFile } from '../read-image-file.ts';
import { quickCheck } from '../stores/quick-check.ts';
import { errnoOf, StoreError } from '../stores/store-error.ts';
import { imageObjects, isPublishable } from './image-objects.ts';
import { MANIFEST, OBJECTS, readManifestIfThere } from './manifest-file.ts';
import { imageNameOf, layerNameOf, MERGED } from './publication-images.ts';

export interface SummaryOptions {
  /** Where to; undefined: not chosen yet. */
  readonly folder: string | undefined;
  /** Data roots to look for the objects in. */
  readonly roots: readonly string[];
  /** An image that is open already; undefined: it must be read. */
  readonly opened: (path: string) => Image | undefined;
}

/**
 * What a publication would hold. Objects of images are looked for, not read; layers that are no images yet have files, which
 * become objects only when they are hashed.
 *
 * @throws StoreError, ImageError of layers; the signal's reason
 */
export async function summarisePublication(
  { images, layers }: PublicationSources,
  { folder, roots, opened }: SummaryOptions,
  job: JobContext,
): Promise<PublishSummary> {
  const dataRoots = folder === undefined ? roots : [...roots, join(folder, OBJECTS)];
  const sum = new ObjectSum();
  const planned: PlannedImage[] = [];
  const open = async (path: string): Promise<Image> =>
    opened(path) ?? openImage((await readImageFile(path, job)).bytes);
  for (const path of images) {
    const name = imageNameOf(path);
    try {
      const image = await open(path);
      planned.push(await planImage(image, { name, source: path, kind: 'image' }, dataRoots, sum, job));
    } catch (error) {
      job.signal.throwIfAborted();
      const problem = toWireError(error, path).message;
      planned.push({ ...nothing, name, source: path, kind: 'image', isExact: true, problem });
    }
  }
  if (layers.length > 0) planned.push(...(await planLayers(layers, open, dataRoots, sum, job)));
  const target = folder === undefined ? undefined : await targetAt(folder);
  return { images: namedOnce(planned), ...sum.value, target };
}

const nothing = { entries: 0, objects: 0, objectBytes: 0, missing: 0 };

/** Objects of several images, each once; and files that will be some. */
class ObjectSum {
  readonly #known = new Set<string>();
  #objects = 0;
  #bytes = 0;
  #isExact = true;

  get value(): { readonly objects: number; readonly bytes: number; readonly isExact: boolean } {
    return { objects: this.#objects, bytes: this.#bytes, isExact: this.#isExact };
  }

  add(digest: string, size: number): void {
    if (this.#known.has(digest)) return;
    this.#known.add(digest);
    this.#objects += 1;
    this.#bytes += size;
  }

  addFiles(count: number, bytes: number): void {
    this.#objects += count;
    this.#bytes += bytes;
    this.#isExact &&= count === 0;
  }
}

type Planned = Pick<PlannedImage, 'name' | 'source' | 'kind'>;

async function planImage(
  image: Image,
  what: Planned,
  dataRoots: readonly string[],
  sum: ObjectSum,
  { signal }: JobContext,
): Promise<PlannedImage> {
  const { source, kind } = what;
  if (image.kind !== 'composefs' && kind === 'image') {
    throw new StoreError('EINVAL', source, 'It is no composefs image.');
  }
  const objects = imageObjects(image, source);
  if (kind === 'image' && !objects.every(isPublishable)) {
    const why = 'Its objects are not called by their digests. Make an image of it in Create, and publish that.';
    throw new StoreError('EINVAL', source, why);
  }
  for (const { digest, size } of objects) sum.add(digest, size);
  const { counts } = await quickCheck(image, indexObjects(image), dataRoots, { signal });
  const bytes = objects.reduce((total, { size }) => total + size, 0);
  const missing = dataRoots.length === 0 ? objects.length : (counts.missing ?? 0) + (counts['size-mismatch'] ?? 0);
  const entries = entriesOf(image);
  return { ...what, entries, objects: objects.length, objectBytes: bytes, isExact: true, missing, problem: undefined };
}

async function planLayers(
  paths: readonly string[],
  open: (path: string) => Promise<Image>,
  dataRoots: readonly string[],
  sum: ObjectSum,
  job: JobContext,
): Promise<readonly PlannedImage[]> {
  const layers = [];
  for (const path of paths) layers.push(...(await openLayers(path, { openImage: open, signal: job.signal })));
  const planned: PlannedImage[] = [];
  for (const [index, { image, path, name }] of layers.entries()) {
    const source = name === '' || path.endsWith(name) ? path : `${path}: ${name}`;
    const what = { name: layerNameOf(image, path, index + 1), source, kind: 'layer' } as const;
    if (isStored(image)) planned.push(await planImage(image, what, dataRoots, sum, job));
    else {
      const plan = planFiles(image, what);
      sum.addFiles(plan.objects, plan.objectBytes);
      planned.push(plan);
    }
  }
  if (layers.length < 2) return planned;
  const what = {
    name: MERGED,
    source: `${layers.length} layers, as they are mounted over each other`,
    kind: 'merged',
  } as const;
  const merged = new StackImage(layers.map(({ image }) => image));
  // its objects are those of the layers: they are counted, and looked for, there
  if (!layers.every(({ image }) => isStored(image))) return [planFiles(merged, what), ...planned];
  return [await planImage(merged, what, dataRoots, sum, job), ...planned];
}

/** Without the root's stubs, which no mount shows. */
const entriesOf = ({ table }: Image): number => {
  let entries = 0;
  for (let row = 0; row < table.count; row += 1) if (((table.flags[row] ?? 0) & Flag.stub) === 0) entries += 1;
  return entries;
};

/** Its contents have digests already. */
const isStored = ({ kind }: Image): boolean =>
  kind === 'composefs' || kind === 'erofs' || kind === 'cfs' || kind === 'dump';

function planFiles(image: Image, what: Planned): PlannedImage {
  const { table } = image;
  let objects = 0;
  let objectBytes = 0;
  for (let row = 0; row < table.count; row += 1) {
    const flags = table.flags[row] ?? 0;
    const size = table.size[row] ?? 0;
    const isFile = ((table.mode[row] ?? 0) & S_IFMT) === S_IFREG;
    if (!isFile || size <= MAX_INLINE || (flags & (Flag.inline | Flag.stub)) !== 0) continue;
    objects += 1;
    objectBytes += size;
  }
  return { ...what, entries: entriesOf(image), objects, objectBytes, isExact: false, missing: 0, problem: undefined };
}

/** In a folder each image has a name of its own. */
function namedOnce(planned: readonly PlannedImage[]): readonly PlannedImage[] {
  const names = new Set<string>();
  return planned.map((image) => {
    const isTaken = names.has(image.name);
    names.add(image.name);
    return isTaken ? { ...image, problem: `Another one is called ${image.name}, too: rename a file.` } : image;
  });
}

async function targetAt(folder: string): Promise<PublishTarget> {
  try {
    const names = await readdir(folder);
    if (names.length === 0) return { kind: 'empty' };
    const manifest = await readManifestIfThere(folder);
    if (manifest === undefined) return { kind: 'other' };
    const images = manifest.images.map(({ name, file }) => ({ name, path: join(folder, file) }));
    return { kind: 'publication', images };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'new' };
    const { message } = toWireError(error, join(folder, MANIFEST));
    return { kind: 'bad', sentence: message };
  }
}
