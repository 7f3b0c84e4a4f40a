import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Image } from '../../../shared/tree/image.ts';
import { openOciImage, readLayerFile, recogniseLayerSource } from './oci-image.ts';
import { readDirectory } from './read-directory.ts';
import { DEFAULT_LIMITS } from './tar-layer.ts';

/** A layer that was opened, with a name for a person. */
export interface OpenedLayer {
  readonly name: string;
  /** Where it was read. */
  readonly path: string;
  readonly image: Image;
}

export interface OpenLayerOptions {
  /** Opens an image file; what cannot be opened throws. */
  readonly openImage: (path: string) => Image;
  /** Which of a container image for several machines: `linux/arm64`. */
  readonly platform?: string | undefined;
  /** Entries that a layer may have. */
  readonly maxEntries?: number | undefined;
  /** Bytes that a layer may have when it is unpacked. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Opens what can be layers, the lowest first: an image; a directory, which may be an overlay's upper one; a tar, maybe
 * compressed; a container image as a layout or an archive, which has several.
 *
 * @throws StoreError, ImageError and errno errors
 */
export async function openLayers(path: string, options: OpenLayerOptions): Promise<readonly OpenedLayer[]> {
  const { openImage, platform, maxEntries, maxBytes = DEFAULT_LIMITS.maxBytes, signal } = options;
  const limits = { maxEntries: maxEntries ?? DEFAULT_LIMITS.maxEntries, maxBytes };
  const name = basename(path);
  const reading = { limits, ...(signal && { signal }) };
  switch (await recogniseLayerSource(path)) {
    case 'oci-layout':
    case 'archive': {
      const { layers } = await openOciImage(path, { ...reading, ...(platform !== undefined && { platform }) });
      const opened: OpenedLayer[] = [];
      for (const layer of layers) opened.push({ name: layer.name, path, image: await layer.read(signal) });
      return opened;
    }
    case 'tar':
      return [{ name, path, image: await readLayerFile(path, reading) }];
    case undefined: {
      const stats = await stat(path).catch(() => undefined);
      // what is not there, or cannot be looked at, the image's reader has words for
      if (stats?.isDirectory() !== true) return [{ name, path, image: openImage(path) }];
      return [{ name, path, image: readDirectory(path, maxEntries === undefined ? {} : { maxEntries }) }];
    }
  }
}
