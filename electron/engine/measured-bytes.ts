import { writeImageInSteps } from '../../shared/composefs/writer/write-image.ts';
import { finish, type Steps } from '../../shared/steps.ts';
import type { Image } from '../../shared/tree/image.ts';

/**
 * The bytes that an image's digest is over: its file's; of a dump, those of the image that mkcomposefs makes of it when it
 * is given no options, since it is that digest that is compared.
 *
 * @throws ImageError `limit` where a dump makes too large an image
 */
export const measuredBytes = (image: Image): Uint8Array => finish(measuredBytesInSteps(image));

/** As `measuredBytes`, a little at a time. */
export function* measuredBytesInSteps(image: Image): Steps<Uint8Array> {
  if (image.kind !== 'dump') return image.table.bytes;
  return yield* writeImageInSteps(image, { minVersion: 0, maxVersion: 1 });
}
