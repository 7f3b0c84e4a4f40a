import { formatBytes } from '../../../shared/tree/format.ts';
import {
  fetchPlan as planOf,
  imageObjects,
  redirectText,
  type ImageObject,
} from '../../engine/publish/image-objects.ts';
import type { Command } from '../context.ts';
import { loadImage } from '../load-image.ts';

/** What who has some images must download for the last one. */
export const fetchPlan: Command = async ({ out, reporter }, files, { json = false }) => {
  const lists: (readonly ImageObject[])[] = [];
  for (const file of files) {
    const image = loadImage(file, reporter);
    if (image === undefined) continue;
    try {
      lists.push(imageObjects(image, file));
    } catch (error) {
      reporter.error(error, file);
    }
  }
  const want = lists.at(-1);
  if (want === undefined || lists.length < files.length) return; // why was said
  const { fetch, bytes, kept, keptBytes } = planOf(lists.slice(0, -1), want);
  if (json) {
    const objects = fetch.map(({ redirect, digest, size }) => ({ path: redirectText(redirect), digest, size }));
    out.text(
      `${JSON.stringify({ have: files.slice(0, -1), want: files.at(-1), fetch: objects, bytes, kept, keptBytes }, undefined, 2)}\n`,
    );
    return;
  }
  for (const { redirect, size } of fetch) out.text(`${redirectText(redirect)} ${size}\n`);
  out.text(`${fetch.length} objects to fetch, ${formatBytes(bytes)}; ${kept} are there, ${formatBytes(keptBytes)}\n`);
};
