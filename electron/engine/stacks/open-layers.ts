import { basename } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import type { LayerSource } from '../../../shared/contract/layer-values.ts';
import type { JobContext } from '../job-list.ts';
import { listOciImages, recogniseLayerSource, type OciImageName } from '../layers/oci-image.ts';
import { openLayers, type OpenedLayer } from '../layers/open-layer.ts';
import { localPlatform, matchPlatform, parsePlatform, platformText } from '../layers/platform.ts';
import { readImageFile } from '../read-image-file.ts';

/** What lies at a path as layers, the lowest first; and which container images it holds, where those are several. */
export interface OpenedSource {
  readonly layers: readonly OpenedLayer[];
  readonly source: LayerSource | undefined;
}

/**
 * Opens what can be layers. Of several container images, the one that is chosen; else the one for this machine, or the
 * first: whoever sees it can choose another.
 *
 * @throws as `openLayers`; the signal's reason
 */
export async function openSource(path: string, job: JobContext, chosen?: string): Promise<OpenedSource> {
  const { signal } = job;
  const kind = await recogniseLayerSource(path);
  const images = kind === 'oci-layout' || kind === 'archive' ? await listOciImages(path, { signal }) : [];
  const source = images.length > 1 ? sourceOf(path, images, chosen) : undefined;
  const layers = await openLayers(path, {
    signal,
    reference: source?.chosen,
    openImage: async (file) => openImage((await readImageFile(file, job)).bytes),
    onProgress: job.progress,
  });
  signal.throwIfAborted();
  return { layers, source };
}

/** undefined: nothing names them, and only what opens one can say what is wrong with that. */
function sourceOf(path: string, images: readonly OciImageName[], wanted: string | undefined): LayerSource | undefined {
  const own = parsePlatform(localPlatform(process.arch));
  const named = images.flatMap((image) => (image.reference === undefined ? [] : [{ ...image, id: image.reference }]));
  const fit = named.map(({ platform }) => matchPlatform(own, platform));
  const best = named[Math.max(0, fit.indexOf(fit.includes(2) ? 2 : 1))];
  if (best === undefined) return undefined;
  const choices = named.map(({ id, names, platform }) => ({
    id,
    title: [names[0] ?? (names.length === 0 ? shortDigest(id) : id), platformText(platform) ?? ''].join(' ').trim(),
  }));
  return { path, choices, chosen: choices.find(({ id }) => id === wanted)?.id ?? best.id };
}

const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

/** How a stack of these is called. */
export function stackName(paths: readonly string[]): string {
  const names = [...new Set(paths)].map((path) => basename(path));
  return names.length > 4 ? `${names.slice(0, 3).join(' + ')} + ${names.length - 3} more` : names.join(' + ');
}
