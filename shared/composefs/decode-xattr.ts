import type { ImageKind } from '../tree/image.ts';
import { displayBytes } from '../tree/text.ts';
import { decodeFileCapability } from './file-capability.ts';
import { decodeIntegrity } from './integrity-xattr.ts';
import { decodeOverlay } from './overlay-xattr.ts';
import { decodePosixAcl } from './posix-acl.ts';

/** Bytes of a text that are shown. */
const MAX_TEXT = 4096;

/**
 * The value of an extended attribute in words, for a person; undefined where it says nothing beyond its bytes. What is
 * malformed says so, and is never an error.
 *
 * @param name full raw name, as text
 */
export function decodeXattr(name: string, value: Uint8Array): string | undefined {
  const overlay = /^(?:trusted|user)\.overlay\.(.+)$/s.exec(name)?.[1];
  if (overlay !== undefined) return decodeOverlay(overlay, value);
  switch (name) {
    case 'security.capability':
      return decodeFileCapability(value);
    case 'system.posix_acl_access':
    case 'system.posix_acl_default':
      return decodePosixAcl(value);
    case 'security.ima':
    case 'security.evm':
      return decodeIntegrity(value);
    case 'security.selinux':
      // The label is stored with its NUL; nobody means that.
      return displayBytes(value.at(-1) === 0 ? value.subarray(0, -1) : value);
    default:
      return decodeText(value);
  }
}

/** A value that is text, with a NUL at the end or without; lines and tabs may be in it. Long ones are cut, with `…`. */
function decodeText(value: Uint8Array): string | undefined {
  const ended = value.at(-1) === 0 ? value.subarray(0, -1) : value;
  let stop = Math.min(ended.length, MAX_TEXT);
  // Not through a character: what follows the cut must not continue one.
  while (stop > 0 && ((ended[stop] ?? 0) & 0xc0) === 0x80) stop -= 1;
  const text = displayBytes(ended.subarray(0, stop));
  const isText = !text.replaceAll(/\\\\|\\x0[9a]/g, '').includes('\\x');
  if (text === '' || !isText) return undefined;
  return stop < ended.length ? `${text}…` : text;
}

const OVERLAY = 'trusted.overlay.';
const ESCAPED = 'trusted.overlay.overlay.';

/**
 * The name under which a mount shows an attribute. A mount of a composefs image is an overlay: it hides its own
 * attributes and takes one `overlay.` from escaped ones (Linux 6.7 and later; fs/overlayfs/xattrs.c, ovl_can_list). A
 * plain EROFS image, or one of the 2023 format, is mounted as it is.
 *
 * @param rawName as stored, as text
 * @returns undefined: not shown
 */
export function effectiveName(rawName: string, kind: ImageKind): string | undefined {
  if (kind !== 'composefs' || !rawName.startsWith(OVERLAY)) return rawName;
  return rawName.startsWith(ESCAPED) ? OVERLAY + rawName.slice(ESCAPED.length) : undefined;
}
