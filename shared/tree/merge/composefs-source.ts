import type { Image } from '../image.ts';
import { equalBytes } from '../text.ts';
import { visitXattrs } from '../xattr-index.ts';

/** What of a composefs image's attributes is of the tree that it was made of, and what the image has for itself. */

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const OWN = ascii('trusted.overlay.');
const ESCAPED = ascii('trusted.overlay.overlay.');

interface Mark {
  readonly trusted: Uint8Array;
  readonly user: Uint8Array;
}

const markOf = (key: string): Mark => ({
  trusted: ascii(`trusted.overlay.overlay.${key}`),
  user: ascii(`user.overlay.${key}`),
});
const whiteout = markOf('whiteout');
const whiteouts = markOf('whiteouts');
const opaque = markOf('opaque');
const marks = [whiteout, whiteouts, opaque];

/** Whether a name is one of those that stand for a whiteout in an image; whose it is on an entry, `hasMark` says. */
export const isMark = (name: Uint8Array): boolean =>
  marks.some(({ trusted, user }) => equalBytes(trusted, name) || equalBytes(user, name));

/**
 * Whether a mark on an entry is the image's: what makes an image of a tree puts them in pairs, for privileged mounts and for
 * others, on a whiteout and on its directory; what the tree had under these names is lost. One of a pair is the tree's own.
 *
 * @param name one for which `isMark` holds
 * @see composefs 1.0.8, libcomposefs/lcfs-writer.c; `opaque` is one of format 1 alone, on directories with whiteouts
 */
export function hasMark(image: Image, row: number, name: Uint8Array): boolean {
  const mark = marks.find(({ trusted, user }) => equalBytes(trusted, name) || equalBytes(user, name));
  if (mark === undefined || (mark === opaque && image.formatVersion !== 1)) return false;
  const wanted = [mark.trusted, mark.user];
  if (mark === opaque) wanted.push(whiteouts.trusted, whiteouts.user);
  let found = 0;
  visitXattrs(image, row, (other) => {
    if (wanted.some((one) => equalBytes(one, other))) found += 1;
  });
  return found === wanted.length;
}

/** A name in a composefs image as the tree has it; undefined: it says where an object is, or the like. */
export const ofSource = (name: Uint8Array): Uint8Array | undefined => unescaped(name, OWN, ESCAPED);

/** A name through a mount: overlay's own do not show, escaped ones show with one `overlay.` less. */
export function unescaped(name: Uint8Array, prefix: Uint8Array, escaped: Uint8Array): Uint8Array | undefined {
  if (!startsWith(name, prefix)) return name;
  if (!startsWith(name, escaped)) return undefined;
  const shown = new Uint8Array(name.length - escaped.length + prefix.length);
  shown.set(prefix);
  shown.set(name.subarray(escaped.length), prefix.length);
  return shown;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let at = 0; at < prefix.length; at += 1) if (bytes[at] !== prefix[at]) return false;
  return true;
}
