import type { Image } from '../image.ts';
import { compareBytes, displayBytes } from '../text.ts';
import { Flag } from '../table.ts';
import { visitXattrs } from '../xattr-index.ts';
import { Change } from './change.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** An attribute of the tree that an image was made of. `value` is a view. */
export interface SourceXattr {
  /** As text, `displayBytes`. */
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly value: Uint8Array;
}

/** An attribute that two entries do not have alike. */
export interface XattrDifference {
  readonly name: string;
  readonly a: Uint8Array | undefined;
  readonly b: Uint8Array | undefined;
}

interface SourceName {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly dropped: 'never' | 'always' | 'on backed files' | 'on whiteouts';
}

/** Names that are remembered; an honest image has a handful. */
const MAX_KNOWN = 1000;
const TRUSTED_OVERLAY = 'trusted.overlay.';
const ESCAPED = 'trusted.overlay.overlay.';
/** What marks the parent of a whiteout; it means nothing else, and formats and dumps do not agree on writing it. */
const MARKS: ReadonlySet<string> = new Set(['trusted.overlay.opaque', 'user.overlay.opaque']);
const LETTER_X = 0x78;

/**
 * Reads the attributes of an image's entries as those of the tree that it was made of: in a composefs image, overlay's own
 * are left out and escaped ones unescaped; redirect and metacopy are columns of the table and no attributes here; and the
 * marks `overlay.opaque=x` are left out, which follow from the whiteouts (image-format.md, section 9).
 */
export class SourceXattrs {
  readonly image: Image;
  /** By the array that a name comes in, which readers use again and again. */
  readonly #known = new Map<Uint8Array, SourceName>();
  readonly #found: SourceXattr[] = [];
  #bits = 0;

  constructor(image: Image) {
    this.image = image;
  }

  /** Sorted by name; the array is new. What cannot be read is left out: it is among the image's problems. */
  of(entry: number): readonly SourceXattr[] {
    this.#bits = this.image.table.flags[entry] ?? 0;
    if ((this.#bits & Flag.xattrs) === 0) return [];
    this.#found.length = 0;
    visitXattrs(this.image, entry, this.#visit);
    return this.#found.toSorted((a, b) => compareBytes(a.nameBytes, b.nameBytes));
  }

  readonly #visit = (raw: Uint8Array, offset: number, length: number): void => {
    let name = this.#known.get(raw);
    if (name === undefined) {
      name = sourceName(raw, this.image);
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(raw, name);
    }
    if (name.dropped === 'always') return;
    if (name.dropped === 'on backed files' && (this.#bits & Flag.backed) !== 0) return;
    if (name.dropped === 'on whiteouts' && (this.#bits & Flag.escapedWhiteout) !== 0) return;
    const { bytes } = this.image.table;
    if (length === 1 && bytes[offset] === LETTER_X && MARKS.has(name.text)) return;
    const value = bytes.subarray(offset, offset + length);
    this.#found.push({ name: name.text, nameBytes: name.bytes, value });
  };
}

/** @see shared/composefs/dump-xattrs.ts, which says the same of dumps */
function sourceName(raw: Uint8Array, { kind, formatVersion }: Image): SourceName {
  const text = displayBytes(raw);
  const bytes = raw.slice();
  const isBacking = text === 'trusted.overlay.metacopy' || text === 'trusted.overlay.redirect';
  if (kind !== 'composefs') return { text, bytes, dropped: isBacking ? 'on backed files' : 'never' };
  // format 2 has whiteouts as they are, and no marks of them
  const hasMarks = formatVersion !== 2;
  if (!text.startsWith(ESCAPED)) {
    const isOwn = text.startsWith(TRUSTED_OVERLAY) || (hasMarks && text.startsWith('user.overlay.whiteout'));
    return { text, bytes, dropped: isOwn ? 'always' : 'never' };
  }
  const source = TRUSTED_OVERLAY + text.slice(ESCAPED.length);
  const whole = ascii(TRUSTED_OVERLAY);
  const unescaped = new Uint8Array(raw.length - 8);
  unescaped.set(whole);
  unescaped.set(raw.subarray(ESCAPED.length), whole.length);
  const dropped = !hasMarks
    ? 'never'
    : source === 'trusted.overlay.whiteout'
      ? 'on whiteouts'
      : source === 'trusted.overlay.whiteouts'
        ? 'always'
        : 'never';
  return { text: source, bytes: unescaped, dropped };
}

/** What two lists, sorted by name, do not have alike. A name that an inode has twice is compared one by one. */
export function differencesOf(a: readonly SourceXattr[], b: readonly SourceXattr[]): readonly XattrDifference[] {
  const found: XattrDifference[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [ours, theirs] = [a[i], b[j]];
    const order = ours === undefined ? 1 : theirs === undefined ? -1 : compareBytes(ours.nameBytes, theirs.nameBytes);
    if (order < 0) {
      found.push({ name: ours?.name ?? '', a: ours?.value, b: undefined });
      i += 1;
    } else if (order > 0) {
      found.push({ name: theirs?.name ?? '', a: undefined, b: theirs?.value });
      j += 1;
    } else {
      if (ours !== undefined && theirs !== undefined && compareBytes(ours.value, theirs.value) !== 0) {
        found.push({ name: ours.name, a: ours.value, b: theirs.value });
      }
      i += 1;
      j += 1;
    }
  }
  return found;
}

/** Which bit of `Change` an attribute belongs to. */
export function changeOfXattr(name: string): number {
  if (name === 'security.selinux') return Change.selinux;
  return /^(?:trusted|user)\.overlay\./.test(name) ? Change.overlay : Change.xattrs;
}
