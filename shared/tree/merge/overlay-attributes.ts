import { Bitset } from '../bitset.ts';
import type { Image, ImageKind } from '../image.ts';
import { Flag, S_IFCHR, S_IFDIR, S_IFMT, S_IFREG } from '../table.ts';
import { equalBytes } from '../text.ts';
import { visitXattrs } from '../xattr-index.ts';

/** Which of the two families of overlay's attributes is read: `user` is that of mounts with `userxattr`. */
export type XattrFamily = 'trusted' | 'user';

/** What an entry's own attributes say to overlayfs (overlay-metacopy.md, sections 1, 2 and 4). */
export interface OverlayAttributes {
  /** `y`: what lies below does not show. `x`: it may hold whiteouts that are files. */
  readonly opaque: 'y' | 'x' | undefined;
  /** As stored, not checked. */
  readonly redirect: Uint8Array | undefined;
  /** The attributes are here, the bytes are below. */
  readonly metacopy: 'none' | 'right' | 'malformed';
  /** Whether it has `overlay.whiteout`, whatever its value. */
  readonly whiteout: boolean;
}

const nothing: OverlayAttributes = { opaque: undefined, redirect: undefined, metacopy: 'none', whiteout: false };

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/**
 * What begins the names that overlayfs reads of a layer. An image of composefs shows, when it is mounted, its escaped
 * attributes: those are the layer's, one level down; the unescaped ones are the image's own and say where its objects are.
 */
export function overlayPrefix(kind: ImageKind, family: XattrFamily): string {
  return kind === 'composefs' && family === 'trusted' ? 'trusted.overlay.overlay.' : `${family}.overlay.`;
}

/** A key of `overlay.*` that matters to a merge. */
type Key = 'opaque' | 'redirect' | 'metacopy' | 'whiteout';
const keys: readonly Key[] = ['opaque', 'redirect', 'metacopy', 'whiteout'];

/** Overlay's attributes of a whole layer, read once. */
export class LayerAttributes {
  readonly #image: Image;
  /** By row; rows that say nothing are not there. */
  readonly #byRow = new Map<number, OverlayAttributes>();
  /** Rows that are more than themselves, whiteouts and stubs among them, in order. */
  readonly #special: number[] = [];
  readonly #isSpecial: Bitset;

  constructor(image: Image, family: XattrFamily) {
    this.#image = image;
    this.#isSpecial = new Bitset(image.table.count);
    const prefix = overlayPrefix(image.kind, family);
    const names = keys.map((key) => [ascii(prefix + key), key] as const);
    /** The image gives the same array for a name again and again. */
    const known = new Map<Uint8Array, Key | 'none'>();
    const keyOf = (name: Uint8Array): Key | undefined => {
      const seen = known.get(name);
      if (seen !== undefined) return seen === 'none' ? undefined : seen;
      const key = names.find(([wanted]) => equalBytes(wanted, name))?.[1];
      if (known.size >= 1000) known.clear();
      known.set(name, key ?? 'none');
      return key;
    };
    const { count, flags, mode } = image.table;
    const { bytes } = image.table;
    let found: { -readonly [K in keyof OverlayAttributes]: OverlayAttributes[K] } | undefined;
    const visit = (name: Uint8Array, offset: number, length: number): void => {
      const key = keyOf(name);
      if (key === undefined) return;
      found ??= { ...nothing };
      if (key === 'whiteout') found.whiteout = true;
      else if (key === 'redirect') found.redirect = bytes.subarray(offset, offset + length);
      else if (key === 'metacopy')
        found.metacopy = isMetacopy(bytes.subarray(offset, offset + length)) ? 'right' : 'malformed';
      else if (length === 1) found.opaque = bytes[offset] === 0x79 ? 'y' : bytes[offset] === 0x78 ? 'x' : undefined;
    };
    // the walk that opened the image has seen them all
    const wanted = image.kind === 'composefs' ? Flag.xattrs | Flag.plainXattrs : Flag.xattrs;
    for (let row = 0; row < count; row += 1) {
      const bits = flags[row] ?? 0;
      const type = (mode[row] ?? 0) & S_IFMT;
      if ((bits & wanted) === Flag.xattrs && (type === S_IFDIR || type === S_IFREG)) {
        found = undefined;
        visitXattrs(image, row, visit);
        if (found !== undefined) this.#byRow.set(row, found);
      }
      if (found !== undefined || (bits & Flag.stub) !== 0 || this.#isDevice(row)) {
        this.#special.push(row);
        this.#isSpecial.add(row);
      }
      found = undefined;
    }
  }

  of(row: number): OverlayAttributes {
    return this.#byRow.get(row) ?? nothing;
  }

  /** Whether an entry is not simply what it looks like. */
  isSpecial(row: number): boolean {
    return this.#isSpecial.has(row);
  }

  /** Whether anything in a subtree is not simply what it looks like. @param from first row @param to row behind the last */
  hasAny(from: number, to: number): boolean {
    let low = 0;
    let high = this.#special.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#special[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return (this.#special[low] ?? to) < to;
  }

  /**
   * Whether an entry stands for the absence of its name: a character device 0:0, or an empty regular file with
   * `overlay.whiteout`. Linux 6.18 asks for no mark on the directory when it looks a name up; only a listing shows such a
   * file where the directory is not marked with `opaque=x`, and then it cannot be opened.
   */
  isWhiteout(row: number): boolean {
    if (this.#isDevice(row)) return true;
    const { mode, size } = this.#image.table;
    return size[row] === 0 && ((mode[row] ?? 0) & S_IFMT) === S_IFREG && this.of(row).whiteout;
  }

  /** A whiteout as a device, or as images of composefs store one: an empty file that is a device to whoever mounts it. */
  #isDevice(row: number): boolean {
    const { mode, rdev, size, flags } = this.#image.table;
    if (((mode[row] ?? 0) & S_IFMT) === S_IFCHR) return rdev[row] === 0;
    return this.#image.kind === 'composefs' && ((flags[row] ?? 0) & Flag.escapedWhiteout) !== 0 && size[row] === 0;
  }
}

/** @see Linux fs/overlayfs/util.c, ovl_check_metacopy_xattr: empty, or version 0, its own length, no flags */
function isMetacopy(value: Uint8Array): boolean {
  const [version, length, flags] = value;
  return value.length === 0 || (value.length >= 4 && version === 0 && length === value.length && flags === 0);
}
