import { ImageError } from '../erofs/image-error.ts';
import type { Content, Fact, Field, Image, Xattr } from '../tree/image.ts';
import { ProblemLog } from '../tree/problem-log.ts';
import { Flag, S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, type Table } from '../tree/table.ts';
import { TableBuilder } from '../tree/table-builder.ts';
import { compareBytes } from '../tree/text.ts';

const SUPER_SIZE = 128;
const INODE_SIZE = 96;
const DIRENT_SIZE = 12;
const MAX_DEPTH = 4096;

/** mode type (upper 4 bits) by DT_* of a dirent is the same number: DT_DIR 4 is S_IFDIR >> 12. */
const typeOf = (mode: number): number => (mode & S_IFMT) >>> 12;

/** A reference into the variable data: bytes from the start of the image. */
interface Range {
  readonly offset: number;
  readonly length: number;
}

/**
 * Opens an image of the native composefs format of 2023 (version 3 of the kernel series; tools 0.1 to 0.1.3). No kernel
 * mounts it, but its tree can be shown.
 *
 * @throws ImageError `unsupported` for the generation before it, `truncated`, `corrupt`
 * @see legacy-cfs.md
 */
export function openLegacyCfs(bytes: Uint8Array): Image {
  return new LegacyReader(bytes).open();
}

class LegacyReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #log = new ProblemLog();
  readonly #rows: TableBuilder;
  readonly #vdata: number;
  readonly #inodes: number;
  readonly #seen: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < SUPER_SIZE + INODE_SIZE) {
      throw new ImageError(
        'truncated',
        `expected a superblock and an inode, ${SUPER_SIZE + INODE_SIZE} bytes; the file has ${bytes.length}`,
        {
          offset: bytes.length,
        },
      );
    }
    const vdata = this.#view.getBigUint64(8, true);
    const unused = bytes.subarray(0x10, SUPER_SIZE).every((byte) => byte === 0);
    if (this.#view.getUint32(0, true) !== 1 || !unused || (vdata - 128n) % 96n !== 0n) {
      throw new ImageError(
        'unsupported',
        'composefs image of the first kernel series (November 2022 to January 2023): not supported',
        { offset: 0 },
      );
    }
    if (vdata <= 128n || vdata > BigInt(bytes.length)) {
      throw new ImageError(
        'corrupt',
        `vdata_offset lies behind the inodes and in the file of ${bytes.length} bytes, found ${vdata}`,
        {
          offset: 8,
        },
      );
    }
    this.#vdata = Number(vdata);
    this.#inodes = (this.#vdata - SUPER_SIZE) / INODE_SIZE;
    this.#seen = new Uint8Array(this.#inodes);
    this.#rows = new TableBuilder(bytes, this.#inodes + 1);
  }

  open(): Image {
    const rootMode = this.#view.getUint32(SUPER_SIZE, true);
    if ((rootMode & S_IFMT) !== S_IFDIR) {
      throw new ImageError('corrupt', `the root inode is a directory, found mode 0${rootMode.toString(8)}`, {
        path: '/',
        offset: SUPER_SIZE,
      });
    }
    const root = this.#rows.add(0, 0, 0);
    if (this.#addInode(root, 0, 4)) this.#readDirectory(root, 0, 0);
    this.#rows.end[root] = this.#rows.count;
    return new LegacyImage(this.#bytes, this.#rows.finish(), this.#log, this.#vdata, this.#inodes);
  }

  /** Adds what lies below a directory; recursion is bounded by MAX_DEPTH, work by "a directory is entered once". */
  #readDirectory(row: number, index: number, depth: number): void {
    const data = this.#rangeOf(row, index, 0x34);
    if (!data || data.length === 0) return;
    const view = this.#view;
    const dirents = data.length < 4 ? Infinity : view.getUint32(data.offset, true);
    if (4 + DIRENT_SIZE * dirents > data.length) {
      this.#error(
        row,
        data.offset,
        () => `${dirents} dirents do not fit into the ${data.length} bytes of the directory`,
      );
      return;
    }
    const names = data.offset + 4 + DIRENT_SIZE * dirents;
    const stop = data.offset + data.length;
    let previous: Uint8Array = new Uint8Array(0);
    for (let next = 0; next < dirents; next++) {
      const at = data.offset + 4 + DIRENT_SIZE * next;
      const child = view.getUint32(at, true);
      const name = names + view.getUint32(at + 4, true);
      const length = view.getUint8(at + 8);
      if (length === 0 || name + length > stop) {
        this.#error(row, at + 4, () => `the name of dirent ${next} does not lie in its directory`);
        continue;
      }
      // directories may share their bytes, but not without end
      if (this.#rows.count > this.#bytes.length) {
        this.#error(
          row,
          at,
          () => 'more entries than the image has bytes: directories overlap, reading stops here',
          'limit',
        );
        return;
      }
      const entry = this.#rows.add(row, name, length);
      previous = this.#checkName(entry, at, name, length, previous);
      const enter = this.#addInode(entry, child, view.getUint8(at + 9));
      if (enter && depth >= MAX_DEPTH)
        this.#error(entry, at, () => `directories nest deeper than ${MAX_DEPTH} levels`, 'limit');
      else if (enter) this.#readDirectory(entry, child, depth + 1);
      this.#rows.end[entry] = this.#rows.count;
    }
  }

  #checkName(entry: number, at: number, offset: number, length: number, previous: Uint8Array): Uint8Array {
    const name = this.#bytes.subarray(offset, offset + length);
    if (
      name.includes(0) ||
      name.includes(0x2f) ||
      (name[0] === 0x2e && (length === 1 || (length === 2 && name[1] === 0x2e)))
    ) {
      this.#error(entry, offset, () => 'a name holds no slash and no NUL, and is not . or ..');
    }
    if (previous.length > 0 && compareBytes(previous, name) >= 0)
      this.#error(entry, at, () => 'names are sorted by bytes and stand once');
    return name;
  }

  /** @returns whether it is a directory to be entered */
  #addInode(row: number, index: number, direntType: number): boolean {
    const rows = this.#rows;
    rows.inode[row] = index;
    if (index >= this.#inodes) {
      this.#error(row, rows.nameOffset[row] ?? 0, () => `inode ${index} does not exist, there are ${this.#inodes}`);
      return false;
    }
    const view = this.#view;
    const at = SUPER_SIZE + INODE_SIZE * index;
    const mode = view.getUint32(at, true);
    const size = Number(view.getBigUint64(at + 0x14, true));
    rows.mode[row] = mode;
    rows.nlink[row] = view.getUint32(at + 4, true);
    rows.uid[row] = view.getUint32(at + 8, true);
    rows.gid[row] = view.getUint32(at + 12, true);
    rows.mtime[row] = Number(view.getBigInt64(at + 0x1c, true));
    rows.mtimeNsec[row] = view.getUint32(at + 0x24, true);
    const isFirst = this.#seen[index] === 0;
    this.#seen[index] = 1;
    if (!isFirst) rows.flags[row] = (rows.flags[row] ?? 0) | Flag.hardLink;
    if (size > 2 ** 53) {
      this.#error(row, at + 0x14, () => `the size is at most 2^53, found ${size}`, 'limit');
      return false;
    }
    rows.size[row] = size;
    if (typeOf(mode) !== direntType) {
      this.#log.add(
        'warning',
        'corrupt',
        row,
        at,
        () => `the dirent says type ${direntType}, the mode 0${mode.toString(8)} means ${typeOf(mode)}`,
      );
    }
    const xattrs = this.#rangeOf(row, index, 0x40);
    if (xattrs && xattrs.length > 0) rows.flags[row] = (rows.flags[row] ?? 0) | Flag.xattrs;
    switch (mode & S_IFMT) {
      case S_IFREG:
        this.#addFile(row, index, size);
        return false;
      case S_IFLNK: {
        const target = this.#rangeOf(row, index, 0x34);
        rows.size[row] = target?.length ?? 0;
        if (target && (target.length < 1 || target.length > 4095)) {
          this.#error(row, at + 0x3c, () => `a symlink target is 1 to 4095 bytes long, found ${target.length}`);
        } else if (target && target.length !== size) {
          this.#log.add(
            'warning',
            'corrupt',
            row,
            at + 0x14,
            () => `the size says ${size}, the symlink target has ${target.length} bytes`,
          );
        }
        return false;
      }
      case S_IFCHR:
      case S_IFBLK:
        rows.rdev[row] = view.getUint32(at + 16, true);
        if ((mode & S_IFMT) === S_IFCHR && rows.rdev[row] === 0)
          rows.flags[row] = (rows.flags[row] ?? 0) | Flag.whiteout;
        return false;
      case S_IFDIR:
        if (!isFirst)
          this.#error(row, at, () => 'a directory has one name, this one was seen before: a loop, or two parents');
        return isFirst;
      default:
        if (![0o140000, 0o010000].includes(mode & S_IFMT))
          this.#error(row, at, () => `mode 0${mode.toString(8)} has no file type that exists`);
        return false;
    }
  }

  #addFile(row: number, index: number, size: number): void {
    const rows = this.#rows;
    const payload = this.#rangeOf(row, index, 0x34);
    const digest = this.#rangeOf(row, index, 0x4c);
    const at = SUPER_SIZE + INODE_SIZE * index;
    if (!payload || !digest) return;
    if (size > 0 !== payload.length > 0)
      this.#error(row, at + 0x34, () => `a file of ${size} bytes has a backing path of ${payload.length} bytes`);
    if (payload.length > 0) {
      rows.flags[row] = (rows.flags[row] ?? 0) | Flag.backed;
      rows.redirectOffset[row] = payload.offset;
      rows.redirectLength[row] = Math.min(payload.length, 0xffff);
      if (payload.length > 4095)
        this.#error(row, at + 0x3c, () => `a backing path has at most 4095 bytes, found ${payload.length}`);
    }
    if (digest.length === 32) rows.digestOffset[row] = digest.offset;
    else if (digest.length !== 0)
      this.#error(row, at + 0x4c, () => `a digest has 32 bytes or none, found ${digest.length}`);
  }

  /** The {u64 off, u32 len} at `field` of an inode, as a range of the image; undefined where it reaches outside. */
  #rangeOf(row: number, index: number, field: number): Range | undefined {
    const range = rangeAt(this.#view, this.#vdata, index, field);
    if (range) return range;
    this.#error(
      row,
      SUPER_SIZE + INODE_SIZE * index + field,
      () => 'a reference into the variable data reaches behind the end of the image',
    );
    return undefined;
  }

  #error(row: number, offset: number, message: () => string, code = 'corrupt'): void {
    this.#rows.flags[row] = (this.#rows.flags[row] ?? 0) | Flag.broken;
    this.#log.add('error', code, row, offset, message);
  }
}

class LegacyImage implements Image {
  readonly kind = 'cfs';
  readonly formatVersion = undefined;
  readonly table: Table;
  readonly facts: readonly Fact[];
  readonly problems;
  readonly problemsOmitted;
  readonly #view: DataView;
  readonly #vdata: number;

  constructor(bytes: Uint8Array, table: Table, log: ProblemLog, vdata: number, inodes: number) {
    this.table = table;
    this.problems = log.problems;
    this.problemsOmitted = log.omitted;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#vdata = vdata;
    this.facts = [
      { label: 'format', value: 'native composefs format of 2023, version 1: no kernel mounts it' },
      { label: 'inodes', value: String(inodes) },
      { label: 'vdata_offset', value: String(vdata) },
    ];
  }

  xattrs(entry: number): readonly Xattr[] {
    const range = this.#range(entry, 0x40);
    if (range.length === 0) return [];
    const view = this.#view;
    const stop = range.offset + range.length;
    const count = range.length < 2 ? Infinity : view.getUint16(range.offset, true);
    let at = range.offset + 2 + 4 * count;
    if (at > stop)
      throw new ImageError('corrupt', `${count} xattrs do not fit into ${range.length} bytes`, {
        offset: range.offset,
      });
    const found: Xattr[] = [];
    const { bytes } = this.table;
    for (let index = 0; index < count; index++) {
      const key = view.getUint16(range.offset + 2 + 4 * index, true);
      const value = view.getUint16(range.offset + 4 + 4 * index, true);
      if (at + key + value > stop)
        throw new ImageError('corrupt', `xattr ${index} reaches behind the end of its block`, { offset: at });
      found.push({
        name: bytes.subarray(at, at + key),
        value: bytes.subarray(at + key, at + key + value),
        storage: 'inline',
        offset: at,
      });
      at += key + value;
    }
    return found;
  }

  content(entry: number): Content {
    const { mode, size, flags, bytes, redirectOffset, redirectLength, digestOffset } = this.table;
    const type = (mode[entry] ?? 0) & S_IFMT;
    if (type !== S_IFREG && type !== S_IFLNK)
      return { kind: 'unavailable', why: 'Only regular files and symlinks have content.' };
    if (size[entry] === 0) return { kind: 'empty' };
    if (type === S_IFLNK) {
      const target = this.#range(entry, 0x34);
      return { kind: 'inline', extents: [{ offset: target.offset, length: target.length }] };
    }
    if (((flags[entry] ?? 0) & Flag.backed) === 0) return { kind: 'unavailable', why: 'The file has no backing path.' };
    const redirect = redirectOffset[entry] ?? 0;
    const digest = digestOffset[entry] ?? 0;
    return {
      kind: 'object',
      redirect: bytes.subarray(redirect, redirect + (redirectLength[entry] ?? 0)),
      digest: digest === 0 ? undefined : bytes.subarray(digest, digest + 32),
    };
  }

  mtimeSeconds(entry: number): bigint {
    return this.#view.getBigInt64(this.#inode(entry) + 0x1c, true);
  }

  fields(entry: number): readonly Field[] {
    const at = this.#inode(entry);
    const view = this.#view;
    const fields: Field[] = [];
    const add = (offset: number, length: number, name: string, value: string): void =>
      void fields.push({ offset, length, name, value });
    const reference = (field: number): string =>
      `offset ${view.getBigUint64(at + field, true)}, length ${view.getUint32(at + field + 8, true)}`;
    add(at, 4, 'mode', `0${view.getUint32(at, true).toString(8)}`);
    add(at + 0x04, 4, 'nlink', String(view.getUint32(at + 0x04, true)));
    add(at + 0x08, 4, 'uid', String(view.getUint32(at + 0x08, true)));
    add(at + 0x0c, 4, 'gid', String(view.getUint32(at + 0x0c, true)));
    add(at + 0x10, 4, 'rdev', `0x${view.getUint32(at + 0x10, true).toString(16)}`);
    add(at + 0x14, 8, 'size', view.getBigUint64(at + 0x14, true).toString());
    add(at + 0x1c, 8, 'mtime seconds', view.getBigInt64(at + 0x1c, true).toString());
    add(at + 0x24, 4, 'mtime nsec', String(view.getUint32(at + 0x24, true)));
    add(at + 0x28, 8, 'ctime seconds', view.getBigInt64(at + 0x28, true).toString());
    add(at + 0x30, 4, 'ctime nsec', String(view.getUint32(at + 0x30, true)));
    add(at + 0x34, 12, 'variable data', reference(0x34));
    add(at + 0x40, 12, 'xattrs', reference(0x40));
    add(at + 0x4c, 12, 'digest', reference(0x4c));
    add(at + 0x58, 8, 'unused', '');
    return fields;
  }

  /** @throws ImageError `truncated` */
  #range(entry: number, field: number): Range {
    const inode = this.#inode(entry);
    const range = rangeAt(this.#view, this.#vdata, this.table.inode[entry] ?? 0, field);
    if (range) return range;
    throw new ImageError('truncated', 'a reference into the variable data reaches behind the end of the image', {
      offset: inode + field,
    });
  }

  /** @throws ImageError `corrupt` */
  #inode(entry: number): number {
    const offset = SUPER_SIZE + INODE_SIZE * (this.table.inode[entry] ?? 0);
    if (offset + INODE_SIZE <= this.#vdata) return offset;
    throw new ImageError('corrupt', 'the entry points at an inode that does not exist', { offset });
  }
}

function rangeAt(view: DataView, vdata: number, index: number, field: number): Range | undefined {
  const at = SUPER_SIZE + INODE_SIZE * index + field;
  const offset = Number(view.getBigUint64(at, true));
  const length = view.getUint32(at + 8, true);
  return length === 0 || vdata + offset + length <= view.byteLength
    ? { offset: length === 0 ? vdata : vdata + offset, length }
    : undefined;
}
