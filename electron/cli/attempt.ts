import { ImageError } from '../../shared/erofs/image-error.ts';

/** What a reader gives; undefined where it refuses: then it is among the image's problems. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
