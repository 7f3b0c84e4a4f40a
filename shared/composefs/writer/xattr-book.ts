import { ImageError } from '../../erofs/image-error.ts';
import { xxh32 } from '../../erofs/xxh32.ts';
import { upTo, type Steps } from '../../steps.ts';
import { compareBytes, equalBytes } from '../../tree/text.ts';
import { BytePool, compareStretches, hashBytes } from '../dump-reader/byte-pool.ts';
import { HashTable } from '../hash-table.ts';
import type { FormatRules } from './format-rules.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Prefixes; what begins with none is stored whole, under index 0. */
const prefixes: readonly (readonly [prefix: Uint8Array, index: number])[] = [
  [ascii('user.'), 1],
  [ascii('system.posix_acl_access'), 2],
  [ascii('system.posix_acl_default'), 3],
  [ascii('trusted.'), 4],
  [ascii('security.'), 6],
];
const lustre = [ascii('lustre.'), 5] as const;
const OVERLAY = ascii('trusted.overlay.');
const ESCAPED = ascii('trusted.overlay.overlay.');
/** Seed of the hash over a name's suffix, to which its index is added (Linux fs/erofs/erofs_fs.h, EROFS_XATTR_FILTER_SEED). */
const FILTER_SEED = 0x25bbe08f;
/** Not shared. */
const NOT_SHARED = 0xffff_ffff;
const RECENT = 1 << 10;

export const METACOPY = 0;
export const REDIRECT = 1;

interface Name {
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly suffix: Uint8Array;
  /** Its bit of the name filter. */
  readonly bit: number;
}

/**
 * All xattrs of an image that is written: equal ones have one number. What they hold stays where it lies, in the source's
 * bytes or in those that were added. Values of the two names that say where a file's bytes are stored with what the format
 * puts in front of a digest and a redirect, so that these two need not be copied.
 */
export class XattrBook {
  readonly #names: Name[] = [];
  readonly #nameNumbers = new HashTable();
  readonly #source: Uint8Array;
  readonly #rules: FormatRules;
  readonly #prefixes: typeof prefixes;
  readonly #own = new BytePool(0);
  readonly #pairs = new HashTable();
  #name: Uint32Array = new Uint32Array(1 << 10);
  #from: Uint32Array = new Uint32Array(1 << 10);
  #length = new Uint16Array(1 << 10);
  #isOwn = new Uint8Array(1 << 10);
  #uses: Uint32Array = new Uint32Array(1 << 10);
  #pairCount = 0;
  #sharedOffset = new Uint32Array(0);
  /** By name: its place in byte order. */
  #rank = new Uint32Array(0);
  /** Numbers of pairs, those of an inode behind each other. */
  #list = new Uint32Array(1 << 12);
  listLength = 0;
  /** Pairs looked at lately, by a few bits of where their values lie. */
  readonly #recent = new Int32Array(RECENT).fill(-1);
  /** Bytes of the shared area. */
  sharedSize = 0;
  #sharedPairs = new Uint32Array(0);

  constructor(source: Uint8Array, rules: FormatRules) {
    this.#source = source;
    this.#rules = rules;
    this.#prefixes = rules.hasLustrePrefix ? [...prefixes, lustre] : prefixes;
    this.nameOf(ascii('trusted.overlay.metacopy'));
    this.nameOf(ascii('trusted.overlay.redirect'));
  }

  /** The number of a full name; its bytes are copied. */
  nameOf(name: Uint8Array): number {
    const hash = hashBytes(name, 0, name.length, 0);
    const known = this.#nameNumbers.find(hash, (number) => {
      const other = this.#names[number]?.bytes;
      return other !== undefined && equalBytes(other, name);
    });
    if (known >= 0) return known;
    const bytes = name.slice();
    const [prefix, index] = this.#prefixes.find(([start]) => startsWith(bytes, start)) ?? [new Uint8Array(0), 0];
    const suffix = bytes.subarray(prefix.length);
    const bit = 1 << (xxh32(suffix, 0, suffix.length, FILTER_SEED + index) & 31);
    this.#names.push({ bytes, index, suffix, bit });
    return this.#nameNumbers.add(hash);
  }

  /** Whether a name is of a POSIX ACL. */
  isAcl(name: number): boolean {
    const found = this.#names[name];
    return found !== undefined && (found.index === 2 || found.index === 3) && found.suffix.length === 0;
  }

  /** Adds an xattr to the inode's list, its value from the source's bytes. */
  add(name: number, from: number, length: number): void {
    const slot = (from ^ Math.imul(name, 0x9e37)) & (RECENT - 1);
    const recent = this.#recent[slot] ?? -1;
    const isKnown =
      recent >= 0 &&
      this.#name[recent] === name &&
      this.#from[recent] === from &&
      this.#length[recent] === length &&
      this.#isOwn[recent] === 0;
    const pair = isKnown ? recent : this.#pairOf(name, this.#source, from, length, 0);
    if (!isKnown && this.#from[pair] === from && this.#isOwn[pair] === 0) this.#recent[slot] = pair;
    this.#append(pair);
  }

  /** As `add`, its value given. */
  addBytes(name: number, value: Uint8Array): void {
    const from = this.#own.add(value, 0, value.length);
    const pair = this.#pairOf(name, this.#own.bytes, from, value.length, 1);
    if (this.#from[pair] !== from || this.#isOwn[pair] !== 1) this.#own.length = from;
    this.#append(pair);
  }

  /** Which pairs are shared, in which order, and where; lists are sorted by name. @param starts of lists, and their end */
  *finish(starts: Uint32Array): Steps<void> {
    const order = this.#names
      .map((_, name) => name)
      .toSorted(this.#rules.version === 2 ? this.#compareAsAdded : this.#compareNames);
    this.#rank = new Uint32Array(order.length);
    for (const [place, name] of order.entries()) this.#rank[name] = place;
    yield* upTo(starts.length - 1, (index) => this.#sortList(starts[index] ?? 0, starts[index + 1] ?? 0));
    this.#share();
  }

  /** How many of a list are shared. */
  sharedCount(from: number, to: number): number {
    let shared = 0;
    for (let at = from; at < to; at += 1) if (this.#sharedOffset[this.#list[at] ?? 0] !== NOT_SHARED) shared += 1;
    return shared;
  }

  /** Length of the area that a list comes to; 0 where it is empty. */
  areaSize(from: number, to: number): number {
    if (from === to) return 0;
    const { maxShared } = this.#rules;
    let size = 12;
    let shared = 0;
    for (let at = from; at < to; at += 1) {
      const pair = this.#list[at] ?? 0;
      if (shared < maxShared && this.#sharedOffset[pair] !== NOT_SHARED) {
        shared += 1;
        size += 4;
      } else size += this.#entrySize(pair);
    }
    return size;
  }

  /**
   * Writes the area of a list.
   *
   * @param sharedBase what offsets into the shared area count from, in bytes
   */
  putArea(out: DataView, start: number, from: number, to: number, sharedBase: number): void {
    const { maxShared } = this.#rules;
    let filter = 0;
    let shared = 0;
    let at = start + 12;
    for (let index = from; index < to; index += 1) {
      const pair = this.#list[index] ?? 0;
      filter |= this.#names[this.#name[pair] ?? 0]?.bit ?? 0;
      if (shared === maxShared || this.#sharedOffset[pair] === NOT_SHARED) continue;
      out.setUint32(at, (sharedBase + (this.#sharedOffset[pair] ?? 0)) / 4, true);
      shared += 1;
      at += 4;
    }
    out.setUint32(start, ~filter >>> 0, true);
    out.setUint8(start + 4, shared);
    let skipped = 0;
    for (let index = from; index < to; index += 1) {
      const pair = this.#list[index] ?? 0;
      if (skipped < maxShared && this.#sharedOffset[pair] !== NOT_SHARED) skipped += 1;
      else at = this.#putEntry(out, at, pair);
    }
  }

  /** Writes the shared area. */
  putShared(out: DataView, start: number): void {
    let at = start;
    for (const pair of this.#sharedPairs) at = this.#putEntry(out, at, pair);
  }

  #bytesOf(name: number): Uint8Array {
    return this.#names[name]?.bytes ?? this.#source.subarray(0, 0);
  }

  #holding(pair: number): Uint8Array {
    return this.#isOwn[pair] === 1 ? this.#own.bytes : this.#source;
  }

  #pairOf(name: number, bytes: Uint8Array, from: number, length: number, isOwn: number): number {
    const hash = hashBytes(bytes, from, from + length, name);
    const known = this.#pairs.find(hash, (pair) => {
      if (this.#name[pair] !== name || this.#length[pair] !== length) return false;
      const other = this.#holding(pair);
      const start = this.#from[pair] ?? 0;
      for (let index = 0; index < length; index += 1) if (other[start + index] !== bytes[from + index]) return false;
      return true;
    });
    if (known >= 0) return known;
    const pair = this.#pairs.add(hash);
    if (pair === this.#name.length) this.#grow(2 * pair);
    this.#name[pair] = name;
    this.#from[pair] = from;
    this.#length[pair] = length;
    this.#isOwn[pair] = isOwn;
    this.#pairCount = pair + 1;
    return pair;
  }

  #grow(capacity: number): void {
    const words = (column: Uint32Array): Uint32Array => copyInto(column, new Uint32Array(capacity));
    this.#name = words(this.#name);
    this.#from = words(this.#from);
    this.#uses = words(this.#uses);
    this.#length = copyInto(this.#length, new Uint16Array(capacity));
    this.#isOwn = copyInto(this.#isOwn, new Uint8Array(capacity));
  }

  #append(pair: number): void {
    if (this.listLength === this.#list.length) {
      this.#list = copyInto(this.#list, new Uint32Array(Math.ceil(1.5 * this.listLength)));
    }
    this.#list[this.listLength++] = pair;
    this.#uses[pair] = (this.#uses[pair] ?? 0) + 1;
  }

  #rankOf(pair: number): number {
    return this.#rank[this.#name[pair] ?? 0] ?? 0;
  }

  /** @throws ImageError where a name stands twice */
  #sortList(from: number, to: number): void {
    const list = this.#list;
    if (to - from > 32) list.subarray(from, to).sort((a, b) => this.#rankOf(a) - this.#rankOf(b));
    else {
      for (let index = from + 1; index < to; index += 1) {
        const pair = list[index] ?? 0;
        const rank = this.#rankOf(pair);
        let at = index;
        for (; at > from && this.#rankOf(list[at - 1] ?? 0) > rank; at -= 1) list[at] = list[at - 1] ?? 0;
        list[at] = pair;
      }
    }
    for (let index = from + 1; index < to; index += 1) {
      if (this.#name[list[index] ?? 0] === this.#name[list[index - 1] ?? 0]) {
        throw new ImageError('corrupt', 'a file has two xattrs of one name');
      }
    }
  }

  readonly #compareNames = (a: number, b: number): number => compareBytes(this.#bytesOf(a), this.#bytesOf(b));

  /** What composefs-rs adds first comes first, and then the tree's own, by the names that they have there. */
  readonly #compareAsAdded = (a: number, b: number): number => {
    if (a <= REDIRECT || b <= REDIRECT) return a - b;
    return compareBytes(unescaped(this.#bytesOf(a)), unescaped(this.#bytesOf(b)));
  };

  #share(): void {
    const shared: number[] = [];
    for (let pair = 0; pair < this.#pairCount; pair += 1) if ((this.#uses[pair] ?? 0) > 1) shared.push(pair);
    const order = Uint32Array.from(shared).toSorted(
      this.#rules.version === 2 ? this.#compareEntries : (a, b) => this.#comparePairs(b, a),
    );
    this.#sharedOffset = new Uint32Array(this.#pairCount).fill(NOT_SHARED);
    for (const pair of order) {
      this.#sharedOffset[pair] = this.sharedSize;
      this.sharedSize += this.#entrySize(pair);
    }
    this.#sharedPairs = order;
  }

  /** By name, length of the value, and value. */
  #comparePairs(a: number, b: number): number {
    const byLength = (this.#length[a] ?? 0) - (this.#length[b] ?? 0);
    return this.#rankOf(a) - this.#rankOf(b) || byLength || this.#compareValues(a, b);
  }

  /** By prefix, suffix and value, as they are stored. */
  readonly #compareEntries = (a: number, b: number): number => {
    const [ours, theirs] = [this.#names[this.#name[a] ?? 0], this.#names[this.#name[b] ?? 0]];
    if (ours === undefined || theirs === undefined) return 0;
    if (ours !== theirs) return ours.index - theirs.index || compareBytes(ours.suffix, theirs.suffix);
    const byLength = (this.#length[a] ?? 0) - (this.#length[b] ?? 0);
    // a digest's length stands in front of it
    if (byLength !== 0 && this.#name[a] === METACOPY) return byLength;
    return compareBytes(this.#valueOf(a), this.#valueOf(b));
  };

  #valueOf(pair: number): Uint8Array {
    const from = this.#from[pair] ?? 0;
    return this.#holding(pair).subarray(from, from + (this.#length[pair] ?? 0));
  }

  /** Of two of the same name and length. */
  #compareValues(a: number, b: number): number {
    const length = this.#length[a] ?? 0;
    const x = this.#holding(a);
    const y = this.#holding(b);
    const from = this.#from[a] ?? 0;
    const other = this.#from[b] ?? 0;
    if (x === y) return compareStretches(x, from, length, other, length);
    return compareBytes(x.subarray(from, from + length), y.subarray(other, other + length));
  }

  /** Bytes that the format puts in front of what is kept of the value. */
  #headLength(pair: number): number {
    const name = this.#name[pair];
    if (name === REDIRECT) return 1;
    return name === METACOPY && this.#length[pair] !== 0 ? 4 : 0;
  }

  #entrySize(pair: number): number {
    const suffix = this.#names[this.#name[pair] ?? 0]?.suffix.length ?? 0;
    return (4 + suffix + this.#headLength(pair) + (this.#length[pair] ?? 0) + 3) & ~3;
  }

  /** @returns where the next begins */
  #putEntry(out: DataView, start: number, pair: number): number {
    const name = this.#names[this.#name[pair] ?? 0];
    if (name === undefined) return start;
    const length = this.#length[pair] ?? 0;
    const head = this.#headLength(pair);
    out.setUint8(start, name.suffix.length);
    out.setUint8(start + 1, name.index);
    out.setUint16(start + 2, head + length, true);
    let at = start + 4;
    for (const byte of name.suffix) out.setUint8(at++, byte);
    if (head === 1) out.setUint8(at++, 0x2f);
    if (head === 4) {
      // struct ovl_metacopy: version, length, flags, digest algorithm (1 SHA-256, 2 SHA-512)
      out.setUint32(at, ((head + length) << 8) | ((length === 64 ? 2 : 1) << 24), true);
      at += 4;
    }
    const bytes = this.#holding(pair);
    const from = this.#from[pair] ?? 0;
    for (let index = from; index < from + length; index += 1) out.setUint8(at++, bytes[index] ?? 0);
    return start + this.#entrySize(pair);
  }
}

/** A name as the tree has it. */
function unescaped(name: Uint8Array): Uint8Array {
  if (!startsWith(name, ESCAPED)) return name;
  const shown = new Uint8Array(name.length - ESCAPED.length + OVERLAY.length);
  shown.set(OVERLAY);
  shown.set(name.subarray(ESCAPED.length), OVERLAY.length);
  return shown;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix);
}

function copyInto<T extends Uint32Array | Uint16Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
