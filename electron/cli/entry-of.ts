import type { Image } from '../../shared/tree/image.ts';
import type { DigestIndex } from '../engine/explain/digest-index.ts';
import { CliError, Status } from './cli-error.ts';
import { lookupPath } from './lookup-path.ts';

/**
 * The entry that a user means by a path or by the digest of its object: with or without the algorithm in front, or as
 * the path of the object.
 *
 * @throws CliError where there is none
 */
export function entryOf(image: Image, digests: DigestIndex, text: string): number {
  const digest = /^(?:sha(?:256|512):)?([0-9a-f]{2}\/?(?:[0-9a-f]{62}|[0-9a-f]{126}))(?:\.file)?$/i.exec(text)?.[1];
  if (digest === undefined) return lookupPath(image, text);
  const hex = digest.replace('/', '').toLowerCase();
  for (const { entry } of digests.find(Buffer.from(hex, 'hex'))) return entry;
  const object = digests.findRedirect(text.toLowerCase());
  if (object !== undefined) return object;
  throw new CliError(Status.input, 'not-found', 'no object of the image has this digest', { path: text });
}
