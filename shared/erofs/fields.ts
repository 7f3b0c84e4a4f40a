import type { Field } from '../tree/image.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT } from '../tree/table.ts';
import { ChunkFormat, chunkMap, type Geometry } from './geometry.ts';
import { type Inode, Layout } from './inode.ts';
import { readEntry, XATTR_HEADER, XattrEntry, type XattrNames } from './xattr.ts';

/** Fields shown of one inode: a chunk map of a million entries is cut with a word. */
const MAX_FIELDS = 2000;

const LAYOUT_NAMES = [
  'flat',
  'compressed (full index)',
  'flat with inline tail',
  'compressed (compact index)',
  'chunk-based',
];
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'socket'],
  [0o120000, 'symlink'],
  [0o100000, 'regular file'],
  [0o060000, 'block device'],
  [0o040000, 'directory'],
  [0o020000, 'character device'],
  [0o010000, 'FIFO'],
]);

/** In words: `extended, chunk-based`. */
export function layoutName(inode: Inode): string {
  return `${inode.extended ? 'extended' : 'compact'}, ${LAYOUT_NAMES[inode.layout] ?? `reserved layout ${inode.layout}`}`;
}

/**
 * The bytes of one inode, its xattr area and its inline tail, field by field in disk order, under the kernel's names.
 *
 * @see Linux fs/erofs/erofs_fs.h; image-format.md, sections 4, 5 and 8
 */
export function inodeFields(geometry: Geometry, names: XattrNames, inode: Inode): readonly Field[] {
  const fields: Field[] = [];
  const add = (offset: number, length: number, name: string, value: string): void => {
    if (fields.length < MAX_FIELDS) fields.push({ offset, length, name, value });
  };
  headerFields(geometry, inode, add);
  if (inode.xattrSize > 0 && inode.after <= geometry.bytes.length) xattrFields(geometry, names, inode, add);
  tailFields(geometry, inode, add);
  if (fields.length >= MAX_FIELDS) {
    const last = fields.at(-1);
    fields.push({
      offset: last?.offset ?? inode.offset,
      length: 0,
      name: '…',
      value: `cut after ${MAX_FIELDS} fields`,
    });
  }
  return fields;
}

type Add = (offset: number, length: number, name: string, value: string) => void;

function headerFields({ view, epoch, blockSize }: Geometry, inode: Inode, add: Add): void {
  const at = inode.offset;
  add(at, 2, 'i_format', `0x${inode.format.toString(16)}: ${layoutName(inode)}`);
  add(at + 2, 2, 'i_xattr_icount', `${inode.xattrIcount}: ${inode.xattrSize} bytes of xattrs`);
  add(
    at + 4,
    2,
    'i_mode',
    `0${inode.mode.toString(8)}: ${TYPE_NAMES.get(inode.mode & S_IFMT) ?? 'no type that exists'}`,
  );
  const u = unionValue(inode, blockSize);
  if (inode.extended) {
    add(at + 6, 2, 'i_reserved', hex(view.getUint16(at + 6, true)));
    add(at + 8, 8, 'i_size', view.getBigUint64(at + 8, true).toString());
    add(at + 16, 4, 'i_u', u);
    add(at + 20, 4, 'i_ino', `${inode.ino} (for display; st_ino of a mount is the nid)`);
    add(at + 24, 4, 'i_uid', String(inode.uid));
    add(at + 28, 4, 'i_gid', String(inode.gid));
    add(at + 32, 8, 'i_mtime', view.getBigInt64(at + 32, true).toString());
    add(at + 40, 4, 'i_mtime_nsec', String(inode.mtimeNsec));
    add(at + 44, 4, 'i_nlink', String(inode.nlink));
    add(
      at + 48,
      16,
      'i_reserved2',
      view.getBigUint64(at + 48, true) === 0n && view.getBigUint64(at + 56, true) === 0n ? '0' : 'not zero',
    );
  } else {
    add(at + 6, 2, 'i_nlink', String(inode.nlink));
    add(at + 8, 4, 'i_size', String(inode.size));
    add(at + 12, 4, 'i_reserved', hex(view.getUint32(at + 12, true)));
    add(at + 16, 4, 'i_u', u);
    add(at + 20, 4, 'i_ino', `${inode.ino} (for display; st_ino of a mount is the nid)`);
    add(at + 24, 2, 'i_uid', String(inode.uid));
    add(at + 26, 2, 'i_gid', String(inode.gid));
    add(
      at + 28,
      4,
      'i_reserved2',
      `${hex(view.getUint32(at + 28, true))} (mtime is the superblock's: ${epoch.seconds}.${epoch.nsec})`,
    );
  }
}

function unionValue(inode: Inode, blockSize: number): string {
  const type = inode.mode & S_IFMT;
  if (type === S_IFCHR || type === S_IFBLK) {
    return `rdev ${hex(inode.u)}: ${(inode.u >>> 8) & 0xfff}:${(inode.u & 0xff) | ((inode.u >>> 12) & 0xfff00)}`;
  }
  if (inode.layout === Layout.chunkBased) {
    const indexes = (inode.u & ChunkFormat.indexes) !== 0 ? ', 8-byte indexes' : '';
    return `chunk format ${hex(inode.u & 0xffff)}: chunks of ${blockSize * 2 ** (inode.u & ChunkFormat.blkbitsMask)} bytes${indexes}`;
  }
  if (inode.layout === Layout.compressedFull || inode.layout === Layout.compressedCompact)
    return `compressed_blocks ${inode.u}`;
  return `raw_blkaddr ${inode.u}: byte ${inode.u * blockSize}`;
}

function xattrFields(
  { view, bytes, superblock, blockSize }: Geometry,
  names: XattrNames,
  inode: Inode,
  add: Add,
): void {
  const start = inode.offset + inode.headerSize;
  const sharedCount = view.getUint8(start + 4);
  add(start, 4, 'h_name_filter', `${hex(view.getUint32(start, true))} (1 bits: names certainly absent)`);
  add(start + 4, 1, 'h_shared_count', String(sharedCount));
  add(
    start + 5,
    7,
    'h_reserved2',
    bytes.subarray(start + 5, start + 12).every((byte) => byte === 0) ? '0' : 'not zero',
  );
  const entry = new XattrEntry();
  let at = start + XATTR_HEADER;
  for (let index = 0; index < sharedCount && at + 4 <= inode.after; index++, at += 4) {
    const id = view.getUint32(at, true);
    const offset = superblock.xattrBlkaddr * blockSize + 4 * id;
    const fault = readEntry(view, offset, bytes.length, entry);
    add(at, 4, `h_shared_xattrs[${index}]`, `${id}: ${fault ?? nameText(names, entry)} at ${offset}`);
  }
  while (at < inode.after) {
    const fault = readEntry(view, at, inode.after, entry);
    if (fault !== undefined) {
      add(at, inode.after - at, 'xattr entry', fault);
      return;
    }
    add(
      at,
      4,
      'e_name_len, e_name_index, e_value_size',
      `${entry.nameLength}, ${entry.nameIndex}, ${entry.valueLength}`,
    );
    add(entry.nameOffset, entry.nameLength, 'e_name', nameText(names, entry));
    add(entry.valueOffset, entry.valueLength, 'value', `${entry.valueLength} bytes`);
    const padding = Math.min(entry.next, inode.after) - (entry.valueOffset + entry.valueLength);
    if (padding > 0) add(entry.valueOffset + entry.valueLength, padding, 'padding', '');
    at = entry.next;
  }
}

function nameText(names: XattrNames, entry: XattrEntry): string {
  const name = names.fullName(entry);
  if (!name) return `name of unknown index ${entry.nameIndex}`;
  return Array.from(name, (byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

function tailFields(geometry: Geometry, inode: Inode, add: Add): void {
  const { bytes, blockSize } = geometry;
  if (inode.layout === Layout.flatInline) {
    const tail = Math.min(inode.size % blockSize, Math.max(0, bytes.length - inode.after));
    if (tail > 0)
      add(
        inode.after,
        tail,
        'inline tail',
        (inode.mode & S_IFMT) === S_IFDIR ? `dirents, ${tail} bytes` : `last ${tail} bytes of the data`,
      );
    return;
  }
  if (inode.layout !== Layout.chunkBased || inode.size > 2 ** 53) return;
  const map = chunkMap(geometry, inode);
  if (typeof map === 'string') {
    add(Math.min(inode.after, geometry.bytes.length), 0, 'chunk map', map);
    return;
  }
  for (let index = 0; index < Math.min(map.count, MAX_FIELDS); index++) {
    const block = map.blockAt(index);
    add(
      map.offset + index * map.entrySize,
      map.entrySize,
      `chunk[${index}]`,
      block === undefined ? 'hole' : `block ${block}: byte ${block * blockSize}`,
    );
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;
