import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HEAD_BYTES, recogniseBytes } from '../../../shared/store/recognise-bytes.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { ContentSource } from '../content.ts';
import { readHead } from '../stores/folder-listing.ts';
import { readDirectory } from './read-directory.ts';
import type { TarBytes } from './tar-content.ts';
import type { TakeContent, TarLayerImage } from './tar-layer.ts';

/** A layer that was opened, with a name for a person. */
export interface OpenedLayer {
  readonly name: string;
  /** Where it was read. */
  readonly path: string;
  readonly image: Image;
  /** Of the blob, where it is one of a container image. */
  readonly digest?: string;
  /** As it is stored; undefined: a directory. */
  readonly bytes?: number;
  /** Content of a file that lies in the layer itself, and not in its image. */
  readonly contentOf?: (row: number) => ContentSource | undefined;
}

export interface OpenLayerOptions {
  /** Opens an image file; what cannot be opened throws. */
  readonly openImage: (path: string) => Image | Promise<Image>;
  /** Where a file holds several container images: what names one, see `OpenOciOptions`. */
  readonly reference?: string | undefined;
  /** Which of a container image for several machines: `linux/arm64`. */
  readonly platform?: string | undefined;
  /** Entries that a layer may have. */
  readonly maxEntries?: number | undefined;
  /** Bytes that a layer may have when it is unpacked. */
  readonly maxBytes?: number | undefined;
  /** What becomes of the files of tars and container images. */
  readonly takeContent?: TakeContent | undefined;
  readonly signal?: AbortSignal;
  /** Bytes of the stored layers of a container image that were read, of how many, and in words. */
  readonly onProgress?: (done: number, total: number, message: string) => void;
}

/** What a tar can lie in. */
const containers: ReadonlySet<string> = new Set(['tar', 'gzip', 'zstd', 'xz', 'bzip2', 'unknown']);

/**
 * Opens what can be layers, the lowest first: an image; a directory, which may be an overlay's upper one; a tar, maybe
 * compressed; a container image as a layout or an archive, which has several.
 *
 * @throws StoreError, ImageError and errno errors
 */
export async function openLayers(path: string, options: OpenLayerOptions): Promise<readonly OpenedLayer[]> {
  const { openImage, platform, reference, maxEntries, signal } = options;
  const name = basename(path);
  const stats = await stat(path).catch(() => undefined);
  const head = stats?.isFile() === true ? await readHead(path, HEAD_BYTES, { follow: true }) : undefined;
  // what is not there, or cannot be looked at, the image's reader has words for
  const isImage = stats?.isDirectory() !== true && !containers.has(recogniseBytes(head ?? new Uint8Array(0)));
  if (isImage) return [await openFile(name, path, openImage)];
  // zod takes 70 ms to load, and images have no use for it
  const { fileBytes } = await import('./image-files.ts');
  const { openOciImage, readLayerFile, recogniseLayerSource } = await import('./oci-image.ts');
  const { DEFAULT_LIMITS } = await import('./tar-layer.ts');
  const limits = {
    maxEntries: maxEntries ?? DEFAULT_LIMITS.maxEntries,
    maxBytes: options.maxBytes ?? DEFAULT_LIMITS.maxBytes,
  };
  const reading = { limits, takeContent: options.takeContent, ...(signal && { signal }) };
  switch (await recogniseLayerSource(path)) {
    case 'oci-layout':
    case 'archive': {
      const { layers } = await openOciImage(path, {
        ...reading,
        ...(platform !== undefined && { platform }),
        ...(reference !== undefined && { reference }),
      });
      const opened: OpenedLayer[] = [];
      const total = layers.reduce((sum, { size }) => sum + size, 0);
      let done = 0;
      for (const [index, layer] of layers.entries()) {
        options.onProgress?.(done, total, `layer ${index + 1} of ${layers.length}`);
        const { name: command, digest, size } = layer;
        const tar = await layer.tar();
        const image = await layer.read(signal);
        opened.push({ name: command, path, image, digest, bytes: size, contentOf: contentIn(tar, image) });
        done += size;
      }
      return opened;
    }
    case 'tar': {
      const { TarBytes } = await import('./tar-content.ts');
      const tar = await TarBytes.of(path, (start) => fileBytes(path, start));
      const image = await readLayerFile(path, reading);
      return [{ name, path, image, bytes: stats?.size ?? 0, contentOf: contentIn(tar, image) }];
    }
    case undefined:
      if (stats?.isDirectory() !== true) return [await openFile(name, path, openImage)];
      return [{ name, path, image: await readDirectory(path, { maxEntries, signal }) }];
  }
}

const contentIn =
  (tar: TarBytes, image: TarLayerImage): NonNullable<OpenedLayer['contentOf']> =>
  (row) => {
    const place = image.placeOf(row);
    return place && tar.contentOf(place, image.table.size[row] ?? 0);
  };

async function openFile(name: string, path: string, openImage: OpenLayerOptions['openImage']): Promise<OpenedLayer> {
  const image = await openImage(path);
  return { name, path, image, bytes: image.table.bytes.length };
}
