import type { ImageKind } from '../../tree/image.ts';
import { equalBytes } from '../../tree/text.ts';
import type { XattrBook } from './xattr-book.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const OVERLAY = ascii('trusted.overlay.');
const ESCAPED = ascii('trusted.overlay.overlay.');
const METACOPY = ascii('trusted.overlay.metacopy');
const REDIRECT = ascii('trusted.overlay.redirect');
/** Names that are remembered; more of them are only slower. */
const MAX_KNOWN = 1000;

/** Not written: the source image's own. */
export const DROPPED = -1;
/** As that, on files whose bytes are in an object; on others it is the tree's own, and written as `ofTree` says. */
export interface Backing {
  readonly ofTree: number;
}

/** Under which names the xattrs of a source are written: `trusted.overlay.X` as `trusted.overlay.overlay.X`. */
export class SourceXattrs {
  readonly #book: XattrBook;
  readonly #kind: ImageKind;
  /** By the array that a name comes in, which the source gives again and again. */
  readonly #known = new Map<Uint8Array, number | Backing>();

  constructor(book: XattrBook, kind: ImageKind) {
    this.#book = book;
    this.#kind = kind;
  }

  /** The number of the name under which it is written. */
  written(name: Uint8Array): number | Backing {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const number = this.#rename(name);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(name, number);
    return number;
  }

  #rename(name: Uint8Array): number | Backing {
    if (!startsWith(name, OVERLAY)) return this.#book.nameOf(name);
    if (this.#kind === 'composefs') {
      // escaped already; what is not is the image's own
      return startsWith(name, ESCAPED) ? this.#book.nameOf(name) : DROPPED;
    }
    const escaped = new Uint8Array(ESCAPED.length + name.length - OVERLAY.length);
    escaped.set(ESCAPED);
    escaped.set(name.subarray(OVERLAY.length), ESCAPED.length);
    const ofTree = this.#book.nameOf(escaped);
    const isBacking = this.#kind === 'erofs' && (equalBytes(name, METACOPY) || equalBytes(name, REDIRECT));
    return isBacking ? { ofTree } : ofTree;
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix);
}
