import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Image } from '../../../shared/tree/image.ts';
import { readDirectory } from './read-directory.ts';

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
}

/**
 * Opens what can be a layer: an image, or a directory, which may be an overlay's upper one.
 *
 * @throws StoreError, ImageError and errno errors
 */
export function openLayer(path: string, { openImage }: OpenLayerOptions): OpenedLayer {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return { name: basename(path), path, image: isDirectory ? readDirectory(path) : openImage(path) };
}
