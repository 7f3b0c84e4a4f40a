import { resolve } from 'node:path';
import { openImage } from '../../shared/composefs/open-image.ts';
import { StackImage } from '../../shared/tree/merge/stack-image.ts';
import type { Image } from '../../shared/tree/image.ts';
import type { ImageSession } from '../engine/image-session.ts';
import { openLayers, type OpenedLayer } from '../engine/layers/open-layer.ts';
import { StackSession } from '../engine/stacks/stack-session.ts';
import type { Options } from './context.ts';
import { readWholeFile, STDIN } from './read-file.ts';
import type { Reporter } from './reporter.ts';

/** Layers that were opened and merged, the lowest first. */
export interface Stack {
  readonly layers: readonly OpenedLayer[];
  readonly image: StackImage;
  /** How it is called where an image would be called by its file. */
  readonly name: string;
  /** Paths beside which its stores may lie. */
  readonly paths: readonly string[];
}

const openFile = (file: string): Image => openImage(readWholeFile(file));

/** Opens layers, the lowest first, and merges them; undefined, and reported, where one of them cannot be opened. */
export async function openStack(
  paths: readonly string[],
  { userXattrs = false, platform, maxEntries, maxBytes }: Options,
  reporter: Reporter,
): Promise<Stack | undefined> {
  const layers: OpenedLayer[] = [];
  let hasFailed = false;
  for (const path of paths) {
    try {
      if (path === STDIN) layers.push({ name: 'standard input', path, image: openFile(path) });
      else layers.push(...(await openLayers(path, { openImage: openFile, platform, maxEntries, maxBytes })));
    } catch (error) {
      hasFailed = true;
      reporter.error(error, path);
    }
  }
  // without one of them it would be another tree
  if (hasFailed) return undefined;
  const name = paths.join(' + ');
  try {
    const images = layers.map(({ image }) => image);
    const image = new StackImage(images, { family: userXattrs ? 'user' : 'trusted', maxEntries });
    return { layers, image, name, paths: paths.map((path) => resolve(path)) };
  } catch (error) {
    reporter.error(error, name);
    return undefined;
  }
}

/** A stack as the engine keeps an image, so that its code answers here too. */
export const stackSession = ({ image, layers, name }: Stack): ImageSession =>
  new StackSession(0, name, { stack: image, layers, name, openedInMs: 0 });
