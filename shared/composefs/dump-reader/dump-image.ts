import type { Content, Fact, Field, Image, Problem, Xattr } from '../../tree/image.ts';
import { Flag, S_IFLNK, S_IFMT, S_IFREG, type Table } from '../../tree/table.ts';
import type { XattrPool } from './xattr-pool.ts';

export interface DumpImageParts {
  readonly table: Table;
  readonly xattrs: XattrPool;
  /** By row: where its list of xattrs begins in the pool, and where it ends. */
  readonly xattrsFrom: Uint32Array;
  readonly xattrsTo: Uint32Array;
  /** By row: where inline content or a symlink's target lies; its length is the size. */
  readonly contentOffset: Uint32Array;
  /** Seconds of rows whose `mtime` is rounded. */
  readonly exactMtimes: ReadonlyMap<number, bigint>;
  readonly problems: readonly Problem[];
  readonly problemsOmitted: number;
  /** Lines of hard links with the target alone, as composefs-rs prints them. */
  readonly bareLinks: number;
  readonly facts: readonly Fact[];
}

/** A dump, as an image: so that all that looks into images looks into it, and what writes images makes one of it. */
export class DumpImage implements Image {
  readonly kind = 'dump';
  readonly formatVersion = undefined;
  readonly table: Table;
  readonly problems: readonly Problem[];
  readonly problemsOmitted: number;
  readonly facts: readonly Fact[];
  readonly bareLinks: number;
  readonly #parts: DumpImageParts;

  constructor(parts: DumpImageParts) {
    this.table = parts.table;
    this.problems = parts.problems;
    this.problemsOmitted = parts.problemsOmitted;
    this.facts = parts.facts;
    this.bareLinks = parts.bareLinks;
    this.#parts = parts;
  }

  xattrs(entry: number): readonly Xattr[] {
    const list: Xattr[] = [];
    const { bytes } = this.table;
    this.eachXattr(entry, (name, offset, length) =>
      list.push({ name, value: bytes.subarray(offset, offset + length), storage: 'inline', offset }),
    );
    return list;
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    const { xattrs, xattrsFrom, xattrsTo } = this.#parts;
    xattrs.each(xattrsFrom[entry] ?? 0, xattrsTo[entry] ?? 0, visit);
  }

  content(entry: number): Content {
    const { mode, size, flags, bytes, redirectOffset, redirectLength, digestOffset } = this.table;
    const type = (mode[entry] ?? 0) & S_IFMT;
    const bits = flags[entry] ?? 0;
    const length = size[entry] ?? 0;
    if (type !== S_IFREG && type !== S_IFLNK) {
      return { kind: 'unavailable', why: 'Only regular files and symlinks have content.' };
    }
    if (length === 0) return { kind: 'empty' };
    if ((bits & Flag.backed) === 0) {
      return { kind: 'inline', extents: [{ offset: this.#parts.contentOffset[entry] ?? 0, length }] };
    }
    const redirect = redirectOffset[entry] ?? 0;
    const digest = digestOffset[entry] ?? 0;
    return {
      kind: 'object',
      redirect: redirect === 0 ? undefined : bytes.subarray(redirect, redirect + (redirectLength[entry] ?? 0)),
      digest: digest === 0 ? undefined : bytes.subarray(digest, digest + ((bits & Flag.sha512) === 0 ? 32 : 64)),
    };
  }

  mtimeSeconds(entry: number): bigint {
    return this.#parts.exactMtimes.get(entry) ?? BigInt(this.table.mtime[entry] ?? 0);
  }

  /** There is no inode on disk to be shown. */
  fields(): readonly Field[] {
    return [];
  }

  /** A link keeps its place, wherever the file itself stands. */
  originalRow(entry: number): number {
    return this.table.inode[entry] ?? entry;
  }
}
