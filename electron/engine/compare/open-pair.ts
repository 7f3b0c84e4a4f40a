import { openImage, openPart, unequalParts } from '../../../shared/composefs/open-image.ts';
import { HEAD_BYTES, recogniseBytes } from '../../../shared/store/recognise-bytes.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { JobContext } from '../job-list.ts';
import { readImageFile } from '../read-image-file.ts';
import { readHead } from '../stores/folder-listing.ts';

/** Opens the two of a pair. @throws ImageError */
export interface PairOpener {
  readonly a: () => Image;
  readonly b: () => Image;
}

/**
 * Reads two EROFS images for a comparison that tells nothing of what is equal: as far as that can be told from the bytes,
 * it gets no rows, so that two large images take little longer than reading them.
 *
 * @returns undefined where one of them is no such image
 * @throws as `readImageFile`
 */
export async function readPair(pathA: string, pathB: string, job: JobContext): Promise<PairOpener | undefined> {
  for (const path of [pathA, pathB]) if (!(await isErofs(path))) return undefined;
  // to read is to copy: two copies keep two cores busy
  const [a, b] = await Promise.all([readImageFile(pathA, job), readImageFile(pathB, job)]);
  const parts = unequalParts(a.bytes, b.bytes);
  if (parts === undefined) return { a: () => openImage(a.bytes), b: () => openImage(b.bytes) };
  return { a: () => openPart(a.bytes, parts.a), b: () => openPart(b.bytes, parts.b) };
}

async function isErofs(path: string): Promise<boolean> {
  const head = await readHead(path, HEAD_BYTES, { follow: true });
  const kind = recogniseBytes(head ?? new Uint8Array(0));
  return kind === 'composefs' || kind === 'erofs';
}
