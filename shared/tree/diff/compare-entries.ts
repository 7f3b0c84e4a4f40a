import { ImageError } from '../../erofs/image-error.ts';
import { VerityDigester, type VerityAlgorithm } from '../../verity/fs-verity.ts';
import { portableHash } from '../../verity/portable-hash.ts';
import type { Image } from '../image.ts';
import { digestBytes, redirectBytes } from '../row.ts';
import { symlinkTarget } from '../symlink.ts';
import { Flag, S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT, S_IFREG } from '../table.ts';
import { equalBytes, hexOfBytes } from '../text.ts';
import { Change } from './change.ts';
import { changeOfXattr, differencesOf, SourceXattrs, type XattrDifference } from './source-xattrs.ts';
import { XattrAreas } from './xattr-areas.ts';

/** Digests of files whose bytes lie in no object, by row: of a directory's or a tar's, as far as somebody computed them. */
export type KnownDigests = ReadonlyMap<number, Uint8Array>;

export interface CompareOptions {
  readonly digestsA?: KnownDigests | undefined;
  readonly digestsB?: KnownDigests | undefined;
}

/** Where the bytes of a regular file are. */
export type Storage = 'empty' | 'inline' | 'object' | 'elsewhere';

/** Longest content in an image that is hashed to be told from an object. composefs keeps 5000 bytes at most there. */
const MAX_HASHED = 1 << 16;

/**
 * Tells in what two entries differ. Attributes are compared as those of the tree that an image was made of
 * (digest-divergence.md, section 2): a whiteout is a character device 0:0 however it is stored.
 */
export class EntryComparer {
  readonly a: Image;
  readonly b: Image;
  readonly xattrsA: SourceXattrs;
  readonly xattrsB: SourceXattrs;
  readonly #digestsA: KnownDigests;
  readonly #digestsB: KnownDigests;
  readonly #areas: XattrAreas | undefined;

  constructor(a: Image, b: Image, { digestsA = new Map(), digestsB = new Map() }: CompareOptions = {}) {
    this.a = a;
    this.b = b;
    this.xattrsA = new SourceXattrs(a);
    this.xattrsB = new SourceXattrs(b);
    this.#digestsA = digestsA;
    this.#digestsB = digestsB;
    if (a.kind === b.kind && a.xattrArea !== undefined && b.xattrArea !== undefined) this.#areas = new XattrAreas(a, b);
  }

  /** Bits of `Change`, without those of what became of the name, and without `links`. */
  changes(entryA: number, entryB: number): number {
    const [a, b] = [this.a.table, this.b.table];
    const flagsA = a.flags[entryA] ?? 0;
    const flagsB = b.flags[entryB] ?? 0;
    const modeA = sourceMode(this.a, entryA);
    const modeB = sourceMode(this.b, entryB);
    let bits = 0;
    if (a.uid[entryA] !== b.uid[entryB]) bits |= Change.uid;
    if (a.gid[entryA] !== b.gid[entryB]) bits |= Change.gid;
    if (a.mtime[entryA] !== b.mtime[entryB] || a.mtimeNsec[entryA] !== b.mtimeNsec[entryB]) bits |= Change.mtime;
    // Equal bytes of all xattrs: then those that say redirect and digest are equal too.
    const areas = this.#areas;
    const hasXattrs = ((flagsA | flagsB) & Flag.xattrs) !== 0;
    const sameArea = hasXattrs && areas !== undefined && areas.areEqual(entryA, entryB);
    if (hasXattrs && !sameArea) bits |= this.#xattrChanges(entryA, entryB);
    if (modeA !== modeB) {
      if (((modeA ^ modeB) & ~S_IFMT) !== 0) bits |= Change.mode;
      if (((modeA ^ modeB) & S_IFMT) !== 0) return bits | Change.type;
    }
    const type = modeA & S_IFMT;
    if (type === S_IFREG) {
      if (a.nlink[entryA] !== b.nlink[entryB]) bits |= Change.nlink;
      if (a.size[entryA] !== b.size[entryB]) bits |= Change.size;
      const isBacked = (flagsA & flagsB & Flag.backed) !== 0;
      if (!(sameArea && isBacked)) bits |= this.#contentChanges(entryA, entryB);
    } else if (type === S_IFLNK) {
      if (a.nlink[entryA] !== b.nlink[entryB]) bits |= Change.nlink;
      if (!this.#sameTarget(entryA, entryB)) bits |= Change.target;
    } else if (type === S_IFCHR || type === S_IFBLK) {
      if (a.nlink[entryA] !== b.nlink[entryB]) bits |= Change.nlink;
      if (a.rdev[entryA] !== b.rdev[entryB]) bits |= Change.rdev;
    }
    return bits;
  }

  /** The xattrs that the two do not have alike, by name. */
  xattrDifferences(entryA: number, entryB: number): readonly XattrDifference[] {
    return differencesOf(this.xattrsA.of(entryA), this.xattrsB.of(entryB));
  }

  /**
   * The digest that the object of a regular file has, or would have: stored, or computed by somebody, or of bytes that lie
   * in the image. undefined: not known.
   */
  digestOf(side: 'a' | 'b', entry: number, algorithm: VerityAlgorithm): Uint8Array | undefined {
    const image = side === 'a' ? this.a : this.b;
    const stored = digestBytes(image.table, entry);
    const known = stored ?? (side === 'a' ? this.#digestsA : this.#digestsB).get(entry);
    if (known !== undefined) return known.length === (algorithm === 'sha256' ? 32 : 64) ? known : undefined;
    const bytes = inlineBytes(image, entry);
    if (bytes === undefined || bytes.length > MAX_HASHED) return undefined;
    const digester = new VerityDigester({ algorithm, hash: portableHash(algorithm) });
    digester.update(bytes);
    return digester.digest();
  }

  /**
   * Bytes that tell a regular file's content from others: its digest, where it is, or the content itself; undefined:
   * nobody knows it.
   */
  contentKey(side: 'a' | 'b', entry: number): Uint8Array | undefined {
    const image = side === 'a' ? this.a : this.b;
    const known = (side === 'a' ? this.#digestsA : this.#digestsB).get(entry);
    return digestBytes(image.table, entry) ?? known ?? redirectBytes(image.table, entry) ?? inlineBytes(image, entry);
  }

  #xattrChanges(entryA: number, entryB: number): number {
    let bits = 0;
    for (const { name } of this.xattrDifferences(entryA, entryB)) bits |= changeOfXattr(name);
    return bits;
  }

  #contentChanges(entryA: number, entryB: number): number {
    const storageA = storageOf(this.a, entryA);
    const storageB = storageOf(this.b, entryB);
    if (storageA === 'object' && storageB === 'object') return this.#objectChanges(entryA, entryB);
    if (storageA === 'inline' && storageB === 'inline') {
      return sameInline(this.a, entryA, this.b, entryB) ? 0 : Change.content;
    }
    if (storageA === storageB && storageA === 'empty') return 0;
    // A directory keeps nothing in images or objects: that it is stored otherwise is no difference.
    const storage = storageA === 'elsewhere' || storageB === 'elsewhere' ? 0 : Change.storage;
    if (this.a.table.size[entryA] !== this.b.table.size[entryB]) return storage | Change.content;
    if (storageA === 'empty' || storageB === 'empty') return storage;
    const stored = digestBytes(this.a.table, entryA) ?? digestBytes(this.b.table, entryB);
    const algorithm = stored?.length === 64 ? 'sha512' : 'sha256';
    const digestA = this.digestOf('a', entryA, algorithm);
    const digestB = this.digestOf('b', entryB, algorithm);
    const isKnown = digestA !== undefined && digestB !== undefined;
    return storage | (isKnown && !equalBytes(digestA, digestB) ? Change.content : 0);
  }

  #objectChanges(entryA: number, entryB: number): number {
    const [a, b] = [this.a.table, this.b.table];
    const digestA = a.digestOffset[entryA] ?? 0;
    const digestB = b.digestOffset[entryB] ?? 0;
    const lengthA = digestA === 0 ? 0 : ((a.flags[entryA] ?? 0) & Flag.sha512) === 0 ? 32 : 64;
    const lengthB = digestB === 0 ? 0 : ((b.flags[entryB] ?? 0) & Flag.sha512) === 0 ? 32 : 64;
    const sameDigest = sameRange(a.bytes, digestA, lengthA, b.bytes, digestB, lengthB);
    const redirectA = a.redirectOffset[entryA] ?? 0;
    const redirectB = b.redirectOffset[entryB] ?? 0;
    const sizeA = a.redirectLength[entryA] ?? 0;
    const sizeB = b.redirectLength[entryB] ?? 0;
    const sameRedirect = sameRange(a.bytes, redirectA, sizeA, b.bytes, redirectB, sizeB);
    if (sameDigest) return sameRedirect ? 0 : Change.redirect;
    if (sameRedirect) return Change.digest;
    // A redirect that is made of the digest says nothing of its own.
    const follows = redirectStem(this.a, entryA);
    return follows !== undefined && follows === redirectStem(this.b, entryB)
      ? Change.digest
      : Change.digest | Change.redirect;
  }

  #sameTarget(entryA: number, entryB: number): boolean {
    const targetA = symlinkTarget(this.a, entryA);
    const targetB = symlinkTarget(this.b, entryB);
    return targetA === undefined || targetB === undefined ? targetA === targetB : equalBytes(targetA, targetB);
  }
}

/** `st_mode` in the source tree: an escaped whiteout of a composefs image is a character device there; format 2 has none. */
export function sourceMode({ kind, formatVersion, table }: Image, entry: number): number {
  const mode = table.mode[entry] ?? 0;
  if (kind !== 'composefs' || formatVersion === 2 || ((table.flags[entry] ?? 0) & Flag.escapedWhiteout) === 0)
    return mode;
  return (mode & ~S_IFMT) | S_IFCHR;
}

/** Where the bytes of a regular file are. */
export function storageOf({ table, kind }: Image, entry: number): Storage {
  const flags = table.flags[entry] ?? 0;
  if ((flags & Flag.backed) !== 0) return 'object';
  if ((flags & Flag.inline) !== 0) return 'inline';
  if (table.size[entry] === 0) return 'empty';
  return kind === 'directory' || kind === 'tar' || kind === 'stack' ? 'elsewhere' : 'inline';
}

/**
 * What a redirect is in front of the digest that it is made of: `` or `objects/`; undefined: it is of something else.
 *
 * @param digest of the object, where the entry does not say it
 */
export function redirectStem(
  { table }: Image,
  entry: number,
  digest: Uint8Array | undefined = digestBytes(table, entry),
): string | undefined {
  const from = table.redirectOffset[entry] ?? 0;
  if (digest === undefined || from === 0) return undefined;
  const letters: number[] = [];
  for (const byte of table.bytes.subarray(from, from + (table.redirectLength[entry] ?? 0))) letters.push(byte);
  const text = String.fromCharCode(...letters);
  const hex = hexOfBytes(digest);
  const canonical = `${hex.slice(0, 2)}/${hex.slice(2)}`;
  return text.endsWith(canonical) ? text.slice(0, -canonical.length) : undefined;
}

/** The bytes of a file that lies in the image; undefined where it does not, or cannot be read. Holes are zeros. */
export function inlineBytes(image: Image, entry: number): Uint8Array | undefined {
  const extents = extentsOf(image, entry);
  if (extents === undefined) return undefined;
  const size = extents.reduce((sum, { length }) => sum + length, 0);
  if (size > Math.max(MAX_HASHED, image.table.bytes.length)) return undefined; // mostly holes
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { offset, length } of extents) {
    if (offset !== undefined) bytes.set(image.table.bytes.subarray(offset, offset + length), at);
    at += length;
  }
  return bytes;
}

function extentsOf(
  image: Image,
  entry: number,
): readonly { readonly offset: number | undefined; readonly length: number }[] | undefined {
  try {
    const content = image.content(entry);
    if (content.kind === 'empty') return [];
    return content.kind === 'inline' ? content.extents : undefined;
  } catch (error) {
    if (error instanceof ImageError) return undefined; // it is among the image's problems
    throw error;
  }
}

function sameInline(a: Image, entryA: number, b: Image, entryB: number): boolean {
  const [ours, theirs] = [extentsOf(a, entryA), extentsOf(b, entryB)];
  if (ours === undefined || theirs === undefined) return a.table.size[entryA] === b.table.size[entryB];
  const [only, other] = [ours[0], theirs[0]];
  if (ours.length === 1 && theirs.length === 1 && only?.offset !== undefined && other?.offset !== undefined) {
    return sameRange(a.table.bytes, only.offset, only.length, b.table.bytes, other.offset, other.length);
  }
  const [bytesA, bytesB] = [inlineBytes(a, entryA), inlineBytes(b, entryB)];
  return bytesA !== undefined && bytesB !== undefined && equalBytes(bytesA, bytesB);
}

/** Whether two ranges, maybe of two files, hold the same bytes. */
export function sameRange(
  a: Uint8Array,
  atA: number,
  lengthA: number,
  b: Uint8Array,
  atB: number,
  lengthB: number,
): boolean {
  if (lengthA !== lengthB) return false;
  for (let i = 0; i < lengthA; i += 1) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
