import { ImageError } from './image-error.ts';
import { xxh32 } from './xxh32.ts';

/** Seed of the name filter's hash, less the name index. Linux fs/erofs/erofs_fs.h, EROFS_XATTR_FILTER_SEED. */
const FILTER_SEED = 0x25bbe08f;
/** Length of the xattr header: name filter, number of shared ids, reserved. */
export const XATTR_HEADER = 12;
/** With this bit, name_index is an index into the image's own long prefixes. */
const LONG_PREFIX = 0x80;
const TRUSTED = 4;

/** Prefix by name_index. Linux fs/erofs/xattr.h; index 0 holds the full name. */
const PREFIXES: readonly string[] = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
];

const PREFIX_BYTES: readonly Uint8Array[] = PREFIXES.map(ascii);

/** What an xattr means to composefs. Everything else is `other`. */
export const Role = {
  other: 0,
  metacopy: 1,
  redirect: 2,
  opaque: 3,
  escapedOpaque: 4,
  escapedWhiteout: 5,
  escapedWhiteouts: 6,
  /** `trusted.overlay.verity` of C composefs 0.1 to 0.1.3: the digest that metacopy holds since. */
  oldVerity: 7,
} as const;

const ROLE_NAMES: readonly (readonly [string, number])[] = [
  ['overlay.metacopy', Role.metacopy],
  ['overlay.redirect', Role.redirect],
  ['overlay.opaque', Role.opaque],
  ['overlay.overlay.opaque', Role.escapedOpaque],
  ['overlay.overlay.whiteout', Role.escapedWhiteout],
  ['overlay.overlay.whiteouts', Role.escapedWhiteouts],
  ['overlay.verity', Role.oldVerity],
];

/** `trusted.` names by length, as bytes: the walk compares 1,000,000 of them. */
const ROLES_BY_LENGTH: readonly (readonly (readonly [Uint8Array, number])[])[] = Array.from(
  { length: 32 },
  (_, length) =>
    ROLE_NAMES.filter(([name]) => name.length === length).map(([name, role]) => [ascii(name), role] as const),
);

/** A prefix that the image defines: base prefix by index, then more name. */
export interface LongPrefix {
  readonly baseIndex: number;
  readonly infix: Uint8Array;
}

/** One xattr entry on disk, located but not copied. Filled by `readEntry`; one object is filled again and again. */
export class XattrEntry {
  offset = 0;
  nameLength = 0;
  nameIndex = 0;
  nameOffset = 0;
  valueOffset = 0;
  valueLength = 0;
  /** Behind the padding: where the next entry starts. */
  next = 0;
}

/**
 * Locates the entry at `offset`.
 *
 * @param limit end of the area that the entry must lie in, bytes from the start of the image; at most its length
 * @returns undefined where it lies inside, else what does not fit, as words
 * @see Linux fs/erofs/erofs_fs.h, struct erofs_xattr_entry
 */
export function readEntry(view: DataView, offset: number, limit: number, entry: XattrEntry): string | undefined {
  if (offset + 4 > limit) return `an xattr entry needs 4 bytes, ${Math.max(0, limit - offset)} are left`;
  const word = view.getUint32(offset, true);
  entry.offset = offset;
  entry.nameLength = word & 0xff;
  entry.nameIndex = (word >>> 8) & 0xff;
  entry.nameOffset = offset + 4;
  entry.valueOffset = offset + 4 + entry.nameLength;
  entry.valueLength = word >>> 16;
  const end = entry.valueOffset + entry.valueLength;
  entry.next = end + (-end & 3);
  if (end <= limit) return undefined;
  return `an xattr of ${4 + entry.nameLength + entry.valueLength} bytes reaches behind the end of its area, ${limit - offset} bytes are left`;
}

/** What composefs cares about in an entry: its role and its bit in the name filter. */
export interface EntryMeaning {
  readonly role: number;
  /** One bit set, or 0 for a name that no filter covers. */
  readonly filterBit: number;
}

/** Names and meanings of xattr entries in one image. */
export class XattrNames {
  readonly #bytes: Uint8Array;
  readonly #longPrefixes: readonly LongPrefix[];
  readonly #words: DataView;
  /** Last full name by name_index, length and last byte. */
  readonly #lastNames = new Map<number, Uint8Array>();

  constructor(bytes: Uint8Array, longPrefixes: readonly LongPrefix[]) {
    this.#bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#longPrefixes = longPrefixes;
  }

  /**
   * Full name of an entry; undefined where its name_index means nothing. Not to be written to: it is a view where the
   * name is stored whole, and the array of an earlier answer where that spelled the same name.
   */
  fullName(entry: XattrEntry): Uint8Array | undefined {
    const { nameIndex, nameOffset, nameLength } = entry;
    // by the last letter too: metacopy and redirect have one length
    const slot = (nameIndex << 16) | (nameLength << 8) | (this.#bytes[nameOffset + nameLength - 1] ?? 0);
    const last = this.#lastNames.get(slot);
    if (last) {
      // an image has a handful of names, a million times: 0.3 s in place of 3 for a dump
      const skip = last.length - nameLength;
      let index = 0;
      while (index < nameLength && last[skip + index] === this.#bytes[nameOffset + index]) index++;
      if (index === nameLength) return last;
    }
    const name = this.#joinName(entry);
    if (name && nameIndex !== 0) this.#lastNames.set(slot, name);
    return name;
  }

  #joinName(entry: XattrEntry): Uint8Array | undefined {
    const suffix = this.#bytes.subarray(entry.nameOffset, entry.nameOffset + entry.nameLength);
    if (entry.nameIndex === 0) return suffix;
    if ((entry.nameIndex & LONG_PREFIX) !== 0) {
      const long = this.#longPrefixes[entry.nameIndex & ~LONG_PREFIX];
      const base = long && PREFIX_BYTES[long.baseIndex];
      return long && base ? join(base, long.infix, suffix) : undefined;
    }
    const prefix = PREFIX_BYTES[entry.nameIndex];
    return prefix && join(prefix, suffix);
  }

  /** Whether the kernel knows the name_index at all. */
  isKnown(nameIndex: number): boolean {
    return (nameIndex & LONG_PREFIX) !== 0
      ? this.#longPrefixes[nameIndex & ~LONG_PREFIX] !== undefined
      : nameIndex < PREFIXES.length;
  }

  /** The entry's role; 0 (`other`) for almost all names. */
  role(entry: XattrEntry): number {
    if (entry.nameIndex === TRUSTED) {
      const length = entry.nameLength;
      if (length < 14) return Role.other;
      // the two that every backed file has, word by word: "over" "lay." "meta" "copy", "redi" "rect"
      if (length === 16 && this.#words.getUint32(entry.nameOffset, true) === OVER) {
        const tail = this.#words.getUint32(entry.nameOffset + 8, true);
        if (tail === META && this.#words.getUint32(entry.nameOffset + 12, true) === COPY) return Role.metacopy;
        if (tail === REDI && this.#words.getUint32(entry.nameOffset + 12, true) === RECT) return Role.redirect;
      }
      return this.#roleAt(this.#bytes, entry.nameOffset, length);
    }
    // index 0 holds full names, and a long prefix may spell `trusted.overlay.`: rare, so by the full name
    if (entry.nameIndex === 0 || (entry.nameIndex & LONG_PREFIX) === 0) return Role.other;
    const name = this.fullName(entry);
    return name && startsWith(name, TRUSTED_BYTES)
      ? this.#roleAt(name, TRUSTED_BYTES.length, name.length - TRUSTED_BYTES.length)
      : Role.other;
  }

  /** The bit that the entry's name takes in an inode's name filter, as u32 with one bit set; 0: none. */
  filterBit(entry: XattrEntry): number {
    if ((entry.nameIndex & LONG_PREFIX) !== 0) {
      const long = this.#longPrefixes[entry.nameIndex & ~LONG_PREFIX];
      if (!long) return 0;
      const name = join(long.infix, this.#bytes.subarray(entry.nameOffset, entry.nameOffset + entry.nameLength));
      return (1 << (xxh32(name, 0, name.length, FILTER_SEED + long.baseIndex) & 31)) >>> 0;
    }
    const seed = FILTER_SEED + entry.nameIndex;
    return (1 << (xxh32(this.#bytes, entry.nameOffset, entry.nameOffset + entry.nameLength, seed) & 31)) >>> 0;
  }

  /** Whether two entries have the same full name (entries that spell one name in two ways do not count). */
  sameName(a: XattrEntry, b: XattrEntry): boolean {
    if (a.nameIndex !== b.nameIndex || a.nameLength !== b.nameLength) return false;
    for (let index = 0; index < a.nameLength; index++) {
      if (this.#bytes[a.nameOffset + index] !== this.#bytes[b.nameOffset + index]) return false;
    }
    return true;
  }

  #roleAt(bytes: Uint8Array, offset: number, length: number): number {
    const candidates = ROLES_BY_LENGTH[length];
    if (candidates === undefined) return Role.other;
    for (const [name, role] of candidates) {
      let index = 0;
      while (index < length && bytes[offset + index] === name[index]) index++;
      if (index === length) return role;
    }
    return Role.other;
  }
}

/** Filter bits of the two names that every backed file has (image-format.md, section 8). */
export const METACOPY_BIT = 0x8000_0000;
export const REDIRECT_BIT = 1 << 17;

/**
 * Reads the image's long prefixes.
 *
 * @param bytes what holds the records: the image, or the packed inode's data
 * @param start of the first record in `bytes`
 * @throws ImageError `truncated` or `corrupt`
 * @see Linux fs/erofs/xattr.c, erofs_xattr_prefixes_init; records are 4-aligned: u16 length, u8 base index, infix
 */
export function readLongPrefixes(bytes: Uint8Array, start: number, count: number): LongPrefix[] {
  const prefixes: LongPrefix[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    at = Math.ceil(at / 4) * 4;
    const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    if (at + 2 + length > bytes.length) {
      throw new ImageError('truncated', `long xattr prefix ${index} reaches behind the end of its data`, {
        offset: at,
      });
    }
    if (length < 1) {
      throw new ImageError('corrupt', `long xattr prefix ${index} has no base index`, { offset: at });
    }
    prefixes.push({ baseIndex: bytes[at + 2] ?? 0, infix: bytes.subarray(at + 3, at + 2 + length) });
    at += 2 + length;
  }
  return prefixes;
}

const TRUSTED_BYTES = ascii('trusted.');
const OVER = fourcc('over');
const META = fourcc('meta');
const COPY = fourcc('copy');
const REDI = fourcc('redi');
const RECT = fourcc('rect');

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function fourcc(text: string): number {
  return new DataView(ascii(text).buffer).getUint32(0, true);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
