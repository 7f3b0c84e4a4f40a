import { writeImage } from '../../shared/composefs/writer/write-image.ts';
import type { Image } from '../../shared/tree/image.ts';

/**
 * The bytes that an image's digest is over: its file's; of a dump, those of the image that mkcomposefs makes of it when it
 * is given no options, since it is that digest that is compared.
 *
 * @throws ImageError `limit` where a dump makes too large an image
 */
export const measuredBytes = (image: Image): Uint8Array =>
  image.kind === 'dump' ? writeImage(image, { minVersion: 0, maxVersion: 1 }) : image.table.bytes;
