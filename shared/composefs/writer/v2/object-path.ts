import { bytesOfText } from '../../../tree/text.ts';

/** The end of a redirect that names an object by its digest, be it in a folder; undefined: it does not. */
export function objectPathOf(redirect: Uint8Array): Uint8Array | undefined {
  const text = String.fromCharCode(...redirect);
  const found = /(?:^|\/)([0-9a-f]{2}\/(?:[0-9a-f]{62}|[0-9a-f]{126}))$/.exec(text)?.[1];
  return found === undefined ? undefined : bytesOfText(found);
}
