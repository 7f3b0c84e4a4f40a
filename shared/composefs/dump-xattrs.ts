import type { ImageKind } from '../tree/image.ts';
import { equalBytes } from '../tree/text.ts';
import { putEscaped, sourceOf, XATTR_SAFE } from './dump-bytes.ts';
import type { ByteSource } from './dump-bytes.ts';

/** What becomes of an xattr's name in a dump. */
export interface XattrKey {
  /** On which entries the xattr is part of how the image stores them, and none of the source tree's own. */
  readonly dropped: 'never' | 'always' | 'on files' | 'on backed files';
  /** As it stands in the line: a space, the name, an equals sign. */
  readonly text: ByteSource;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const TRUSTED = ascii('trusted.');
const OVERLAY = ascii('trusted.overlay.');
const ESCAPED = ascii('trusted.overlay.overlay.');
const ESCAPED_WHITEOUTS = ascii('trusted.overlay.overlay.whiteouts');
const USER_WHITEOUT = ascii('user.overlay.whiteout');
const USER_WHITEOUTS = ascii('user.overlay.whiteouts');
export const ESCAPED_WHITEOUT = ascii('trusted.overlay.overlay.whiteout');
export const METACOPY = ascii('trusted.overlay.metacopy');
export const REDIRECT = ascii('trusted.overlay.redirect');

/**
 * In an image with a composefs header, overlay's own names are left out and those of the source tree unescaped. A plain
 * EROFS image escapes nothing, so that all names are its own, but for the two that say where a file's bytes are.
 *
 * @param name full raw name; not kept
 * @see dump-format.md, section 5
 */
export function xattrKey(name: Uint8Array, kind: ImageKind): XattrKey {
  if (kind !== 'composefs') {
    const isBacking = equalBytes(name, METACOPY) || equalBytes(name, REDIRECT);
    return { dropped: isBacking ? 'on backed files' : 'never', text: keyText(name) };
  }
  if (!startsWith(name, ESCAPED)) {
    const isDropped = startsWith(name, OVERLAY) || equalBytes(name, USER_WHITEOUT) || equalBytes(name, USER_WHITEOUTS);
    return { dropped: isDropped ? 'always' : 'never', text: keyText(name) };
  }
  const unescaped = new Uint8Array(TRUSTED.length + name.length - OVERLAY.length);
  unescaped.set(TRUSTED);
  unescaped.set(name.subarray(OVERLAY.length), TRUSTED.length);
  const dropped = equalBytes(name, ESCAPED_WHITEOUT) ? 'on files' : 'never';
  return { dropped: equalBytes(name, ESCAPED_WHITEOUTS) ? 'always' : dropped, text: keyText(unescaped) };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix);
}

function keyText(name: Uint8Array): ByteSource {
  const buffer = sourceOf(new Uint8Array(4 * name.length + 2));
  buffer.bytes[0] = 0x20;
  const end = putEscaped(buffer, 1, sourceOf(name), 0, name.length, XATTR_SAFE);
  buffer.bytes[end] = 0x3d;
  return sourceOf(buffer.bytes.subarray(0, end + 1));
}
