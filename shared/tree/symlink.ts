import { ImageError } from '../erofs/image-error.ts';
import type { Image } from './image.ts';
import { S_IFLNK, S_IFMT } from './table.ts';

/** A target longer than this is no target: PATH_MAX (Linux include/uapi/linux/limits.h). */
const PATH_MAX = 4096;

/** The bytes of a symlink's target, a view where they lie in one piece; undefined for all else, or where unreadable. */
export function symlinkTarget(image: Image, entry: number): Uint8Array | undefined {
  const { bytes, mode, size } = image.table;
  if (((mode[entry] ?? 0) & S_IFMT) !== S_IFLNK || (size[entry] ?? 0) > PATH_MAX) return undefined;
  try {
    const content = image.content(entry);
    if (content.kind !== 'inline') return undefined;
    const [only] = content.extents;
    if (content.extents.length === 1 && only?.offset !== undefined) {
      return bytes.subarray(only.offset, only.offset + only.length);
    }
    const target = new Uint8Array(content.extents.reduce((length, extent) => length + extent.length, 0));
    let length = 0;
    for (const extent of content.extents) {
      if (extent.offset !== undefined) {
        target.set(bytes.subarray(extent.offset, extent.offset + extent.length), length);
      }
      length += extent.length;
    }
    return target;
  } catch (error) {
    if (error instanceof ImageError) return undefined; // it is among the image's problems
    throw error;
  }
}
