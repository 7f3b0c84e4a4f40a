import type { Image } from '../tree/image.ts';
export function openLegacyCfs(_bytes: Uint8Array): Image {
  throw new Error('soon');
}
