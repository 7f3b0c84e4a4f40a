import type { FormatDifference } from '../../../../contract/compare-values.ts';
import { parseComposefsHeader, type ComposefsHeader } from '../../../../composefs/header.ts';
import {
  compatNames,
  incompatNames,
  parseSuperblock,
  SUPER_OFFSET,
  type Superblock,
} from '../../../../erofs/superblock.ts';
import type { Field, Image } from '../../../image.ts';
import { pathBytes } from '../../../path.ts';
import { displayBytes, equalBytesInSteps, hexOfBytes } from '../../../text.ts';
import { sameRange } from '../../compare-entries.ts';
import type { TreeDiff } from '../../compare-trees.ts';
import { pathOfRow } from '../../summary.ts';
import { each, type Steps } from '../../../../steps.ts';

const HEADER_SIZE = 32;
const SUPER_SIZE = 128;
/** Bytes from one inode number to the next. */
const NID_SLOT = 32;
/** Bytes that are compared from one place to the next where others may have their turn. */
const STRETCH = 1 << 22;

/** Fields of the superblock that may differ, with their offsets in it and what they say. */
const fields: readonly (readonly [name: string, offset: number, of: (superblock: Superblock) => string])[] = [
  ['checksum', 0x04, ({ checksum }) => `0x${checksum.toString(16)}`],
  ['feature_compat', 0x08, ({ featureCompat }) => compatNames(featureCompat)],
  ['blkszbits', 0x0c, ({ blkszbits }) => String(blkszbits)],
  ['root_nid', 0x0e, ({ rootNid }) => String(rootNid)],
  ['inos', 0x10, ({ inos }) => String(inos)],
  ['build_time', 0x18, ({ buildTime }) => String(buildTime)],
  ['build_time_nsec', 0x20, ({ buildTimeNsec }) => String(buildTimeNsec)],
  ['blocks', 0x24, ({ blocks }) => String(blocks)],
  ['meta_blkaddr', 0x28, ({ metaBlkaddr }) => String(metaBlkaddr)],
  ['xattr_blkaddr', 0x2c, ({ xattrBlkaddr }) => String(xattrBlkaddr)],
  ['uuid', 0x30, ({ uuid }) => hexOfBytes(uuid)],
  ['volume_name', 0x40, ({ volumeName }) => hexOfBytes(volumeName)],
  ['feature_incompat', 0x50, ({ featureIncompat }) => incompatNames(featureIncompat)],
];
/** Of these an image of another tree has others by itself. */
const OF_THE_TREE: ReadonlySet<string> = new Set([
  'checksum',
  'root_nid',
  'inos',
  'build_time',
  'build_time_nsec',
  'blocks',
  'xattr_blkaddr',
]);

const isFile = ({ kind }: Image): boolean => kind === 'composefs' || kind === 'erofs';

/**
 * How two images store what they store: the header, the superblock, and where both trees are equal, the order of the
 * inodes, how xattrs are shared, and the first structure that differs, with its offset on each side.
 *
 * @returns nothing where a side is no image file, or the bytes are equal
 * @see image-format.md, sections 1 to 5
 */
export function* compareFormat(diff: TreeDiff): Steps<readonly FormatDifference[]> {
  yield;
  const { a, b } = diff;
  if (!isFile(a) || !isFile(b) || (yield* equalBytesInSteps(a.table.bytes, b.table.bytes))) return [];
  const areEqual = diff.differing.length === 0;
  const found = [...headerDifferences(a, b), ...superblockDifferences(a, b, areEqual)];
  if (!areEqual) return found;
  const behind = SUPER_OFFSET + SUPER_SIZE;
  // a million inodes are not read where all that differs lies before them
  if (!(yield* equalBytesInSteps(a.table.bytes.subarray(behind), b.table.bytes.subarray(behind)))) {
    found.push(...(yield* sharingDifference(diff)), ...(yield* orderDifference(diff)), ...(yield* firstInode(diff)));
  }
  found.push(...(yield* firstByte(diff)));
  return found;
}

function headerDifferences(a: Image, b: Image): readonly FormatDifference[] {
  const [ours, theirs] = [parseComposefsHeader(a.table.bytes), parseComposefsHeader(b.table.bytes)];
  const structure = 'composefs header';
  if (ours === undefined || theirs === undefined) {
    if (ours === theirs) return [];
    const said = (header: typeof ours): string => (header === undefined ? 'none' : 'there');
    return [{ structure, field: 'magic', a: said(ours), b: said(theirs), offsetA: 0, offsetB: 0 }];
  }
  const found: FormatDifference[] = [];
  const compare = (field: string, offset: number, of: (header: ComposefsHeader) => number): void => {
    const [x, y] = [of(ours), of(theirs)];
    if (x !== y) found.push({ structure, field, a: String(x), b: String(y), offsetA: offset, offsetB: offset });
  };
  compare('composefs_version', 12, ({ composefsVersion }) => composefsVersion);
  compare('flags', 8, ({ flags }) => flags);
  return found;
}

function superblockDifferences(a: Image, b: Image, areEqual: boolean): readonly FormatDifference[] {
  const [ours, theirs] = [parseSuperblock(a.table.bytes), parseSuperblock(b.table.bytes)];
  return fields
    .filter(([field, , of]) => of(ours) !== of(theirs) && (areEqual || !OF_THE_TREE.has(field)))
    .map(([field, at, of]) => ({
      structure: 'superblock',
      field,
      a: of(ours),
      b: of(theirs),
      offsetA: SUPER_OFFSET + at,
      offsetB: SUPER_OFFSET + at,
    }));
}

/** How many xattrs lie in the shared area, and how many with their inode. */
function* sharingDifference({ a, b }: TreeDiff): Steps<readonly FormatDifference[]> {
  const [ours, theirs] = [yield* sharingOf(a), yield* sharingOf(b)];
  if (ours === theirs) return [];
  return [{ structure: 'xattrs', field: 'sharing', a: ours, b: theirs, offsetA: undefined, offsetB: undefined }];
}

function* sharingOf(image: Image): Steps<string> {
  const sums = { inline: 0, shared: 0 };
  const seen = new Set<number>();
  yield* each(rowsOf(image), (row) => {
    const inode = image.table.inode[row] ?? 0;
    if (seen.has(inode)) return;
    seen.add(inode);
    for (const { storage } of image.xattrs(row)) sums[storage] += 1;
  });
  return `${sums.shared} shared, ${sums.inline} with their inodes`;
}

function* rowsOf({ table }: Image): Generator<number, void, void> {
  for (let row = 0; row < table.count; row += 1) yield row;
}

const nidText = ({ table }: Image, entry: number): string => `nid ${table.inode[entry] ?? 0}`;

/** The first place at which the inodes do not follow each other alike on disk. */
function* orderDifference(diff: TreeDiff): Steps<readonly FormatDifference[]> {
  const [ours, theirs] = [yield* orderOf(diff, 'a'), yield* orderOf(diff, 'b')];
  const at = ours.findIndex((row, index) => theirs[index] !== row);
  const [rowA, rowB] = [ours[at], theirs[at]];
  if (rowA === undefined || rowB === undefined) return [];
  const [entryA, entryB] = [diff.rowA[rowA] ?? 0, diff.rowB[rowB] ?? 0];
  return [
    {
      structure: 'order of inodes',
      field: `inode ${at + 1} on disk`,
      a: `${pathOfRow(diff, rowA)}, ${nidText(diff.a, entryA)}`,
      b: `${pathOfRow(diff, rowB)}, ${nidText(diff.b, entryB)}`,
      offsetA: diff.a.fields(entryA)[0]?.offset,
      offsetB: diff.b.fields(entryB)[0]?.offset,
    },
  ];
}

/** Rows in the order of their inodes, those with several names by the first. */
export function* orderOf({ a, b, rowA, rowB, count }: TreeDiff, side: 'a' | 'b'): Steps<Uint32Array> {
  const { inode } = (side === 'a' ? a : b).table;
  const own = side === 'a' ? rowA : rowB;
  const nidOf = (row: number): number => inode[own[row] ?? 0] ?? 0;
  // number and row as one: sorting these needs no function, and takes a tenth of the time; exact up to 2^53
  const keys = new Float64Array(count);
  for (let row = 0; row < count; row += 1) keys[row] = nidOf(row) * count + row;
  yield;
  keys.sort();
  yield;
  const rows = Uint32Array.from(keys, (key) => key % count);
  yield;
  let length = 0;
  for (let at = 0; at < count; at += 1) {
    const row = rows[at] ?? 0;
    if (at > 0 && nidOf(row) === nidOf(rows[at - 1] ?? 0)) continue;
    rows[length++] = row;
  }
  return rows.subarray(0, length);
}

/** Where an inode lies in the image, with its own xattrs; what differs in neither is written alike. */
class InodeBytes {
  readonly #image: Image;
  readonly #slots: number;
  readonly #view: DataView;

  constructor(image: Image) {
    this.#image = image;
    const { bytes } = image.table;
    const { metaBlkaddr, blkszbits } = parseSuperblock(bytes);
    this.#slots = metaBlkaddr * 2 ** blkszbits;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** `[from, to)` of the inode and its xattr area, cut at the end of the image. */
  rangeOf(row: number): readonly [from: number, to: number] {
    const from = this.#slots + (this.#image.table.inode[row] ?? 0) * NID_SLOT;
    const last = this.#view.byteLength;
    if (from + 4 > last) return [Math.min(from, last), last];
    const header = (this.#view.getUint8(from) & 1) === 0 ? 32 : 64;
    const count = this.#view.getUint16(from + 2, true);
    return [from, Math.min(last, from + header + (count === 0 ? 0 : 12 + 4 * (count - 1)))];
  }
}

/** Differences of inodes that are looked at field by field: where no field tells them, nobody reads on for ever. */
const MAX_READ = 100_000;

/** The first inode in the tree's order that is written otherwise, field by field. Equal bytes are not read at all. */
function* firstInode(diff: TreeDiff): Steps<readonly FormatDifference[]> {
  const { a, b, rowA, rowB } = diff;
  const [inA, inB] = [new InodeBytes(a), new InodeBytes(b)];
  let read = 0;
  for (let row = 0; row < diff.count && read < MAX_READ; row += 1) {
    if (row % 1024 === 0) yield;
    const [entryA, entryB] = [rowA[row] ?? 0, rowB[row] ?? 0];
    const [fromA, toA] = inA.rangeOf(entryA);
    const [fromB, toB] = inB.rangeOf(entryB);
    if (sameRange(a.table.bytes, fromA, toA - fromA, b.table.bytes, fromB, toB - fromB)) continue;
    read += 1;
    const difference = fieldDifference(diff, row);
    if (difference !== undefined) return [difference];
  }
  return [];
}

/** The first field of an inode that says something else. */
function fieldDifference(diff: TreeDiff, row: number): FormatDifference | undefined {
  const [ours, theirs] = [diff.a.fields(diff.rowA[row] ?? 0), diff.b.fields(diff.rowB[row] ?? 0)];
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => index).find(
    (index) => said(ours[index]) !== said(theirs[index]),
  );
  if (at === undefined) return undefined;
  return {
    structure: `inode of ${pathOfRow(diff, row)}`,
    field: ours[at]?.name ?? theirs[at]?.name ?? '',
    a: ours[at]?.value ?? 'not there',
    b: theirs[at]?.value ?? 'not there',
    offsetA: ours[at]?.offset,
    offsetB: theirs[at]?.offset,
  };
}

const said = (field: Field | undefined): string => (field === undefined ? '' : `${field.name} ${field.value}`);

/** The first byte that differs, and in which structure of each side it lies. */
function* firstByte({ a, b }: TreeDiff): Steps<readonly FormatDifference[]> {
  const [ours, theirs] = [a.table.bytes, b.table.bytes];
  const shorter = Math.min(ours.length, theirs.length);
  let at = 0;
  while (at < shorter && ours[at] === theirs[at]) {
    at += 1;
    if (at % STRETCH === 0) yield;
  }
  const byte = (image: Image): string => {
    const value = image.table.bytes[at];
    if (value === undefined) return `the end, after ${at} bytes`;
    return `0x${value.toString(16).padStart(2, '0')} in ${structureAt(image, at)}`;
  };
  return [{ structure: 'bytes', field: 'first that differs', a: byte(a), b: byte(b), offsetA: at, offsetB: at }];
}

/** What lies at an offset, as far as a structure holds it. */
function structureAt(image: Image, at: number): string {
  if (image.kind === 'composefs' && at < HEADER_SIZE) return 'the composefs header';
  if (at < SUPER_OFFSET) return 'the padding before the superblock';
  if (at < SUPER_OFFSET + SUPER_SIZE) return 'the superblock';
  const { table } = image;
  const { metaBlkaddr, blkszbits } = parseSuperblock(table.bytes);
  const last = (at - metaBlkaddr * 2 ** blkszbits) / NID_SLOT;
  let nearest = -1;
  for (let row = 0; row < table.count; row += 1) {
    const nid = table.inode[row] ?? 0;
    // inodes lie in the order of their numbers
    if (nid <= last && (nearest < 0 || nid > (table.inode[nearest] ?? 0))) nearest = row;
  }
  const field =
    nearest < 0 ? undefined : image.fields(nearest).find(({ offset, length }) => at >= offset && at < offset + length);
  return field === undefined
    ? 'data or shared xattrs'
    : `${field.name} of the inode of ${displayBytes(pathBytes(table, nearest))}`;
}
