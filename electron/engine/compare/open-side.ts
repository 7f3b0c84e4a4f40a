import { basename, resolve } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { pathBytes } from '../../../shared/tree/path.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { ContentSource } from '../content.ts';
import { ImageSession } from '../image-session.ts';
import type { JobContext } from '../job-list.ts';
import { openLayers, type OpenedLayer } from '../layers/open-layer.ts';
import { readImageFile } from '../read-image-file.ts';
import { stackName } from '../stacks/open-layers.ts';
import { StackSession } from '../stacks/stack-session.ts';

/** Sides of comparisons are images of nobody else: their number is no image's. */
const NO_IMAGE = 0xffff_ffff;

export interface OpenSideOptions {
  readonly userXattrs?: boolean | undefined;
  readonly platform?: string | undefined;
  readonly maxEntries?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Opens an image file; by default, reads it whole. */
  readonly openFile?: ((path: string) => Image) | undefined;
}

/**
 * Opens one side of a comparison. One path is what lies there as it is, a directory or a tar too; several, and a container
 * image of several layers, are merged as the kernel's overlayfs merges them.
 *
 * @throws as `openLayers`, and ImageError `limit`
 */
export async function openSide(
  paths: readonly string[],
  job: JobContext,
  { userXattrs = false, openFile, ...options }: OpenSideOptions = {},
): Promise<ImageSession> {
  const started = performance.now();
  const layers: OpenedLayer[] = [];
  const open = openFile ?? (async (file: string) => openImage((await readImageFile(file, job)).bytes));
  for (const path of paths) {
    const opened = await openLayers(path, { ...options, openImage: open, signal: job.signal });
    layers.push(...opened);
  }
  const [only] = layers;
  const name = stackName(paths);
  const first = paths[0] ?? name;
  if (only !== undefined && layers.length === 1) return new SideSession(only, performance.now() - started);
  const images = layers.map(({ image }) => image);
  const stack = new StackImage(images, {
    family: userXattrs ? 'user' : 'trusted',
    maxEntries: options.maxEntries,
  });
  return new StackSession(NO_IMAGE, resolve(first), { stack, layers, name, openedInMs: performance.now() - started });
}

/** What lies at one path. */
class SideSession extends ImageSession {
  readonly #layer: OpenedLayer;

  constructor(layer: OpenedLayer, openedInMs: number) {
    const { image, path } = layer;
    const identity = { dev: -1, ino: -1, mtimeMs: 0, size: image.table.bytes.length };
    super(NO_IMAGE, path === '-' ? path : resolve(path), { image, identity, name: basename(path), openedInMs });
    this.#layer = layer;
  }

  override layerContentOf(entry: number): ContentSource | undefined {
    return this.#layer.contentOf?.(entry);
  }

  override fileOf(entry: number): Uint8Array | undefined {
    const { image, path } = this.#layer;
    if (image.kind !== 'directory') return undefined;
    return Buffer.concat([Buffer.from(resolve(path)), pathBytes(image.table, entry)]);
  }
}
