import { GRAPHIC, putEscaped, sourceOf, XATTR_SAFE, type Escapes } from '../../../composefs/dump-bytes.ts';
import { isDirectory, nameBytes, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../table.ts';
import type { Image } from '../../image.ts';
import { digestBytes, redirectBytes } from '../../row.ts';
import { symlinkTarget } from '../../symlink.ts';
import { hexOfBytes } from '../../text.ts';
import { Change, ONE_SIDED } from '../change.ts';
import { inlineBytes, sourceMode, storageOf } from '../compare-entries.ts';
import { nameOf, type TreeDiff } from '../compare-trees.ts';
import { pairOf } from '../noise.ts';
import { changeOfXattr, type SourceXattr } from '../source-xattrs.ts';
import type { CompareReport } from './report.ts';

/**
 * The differences of the two dumps, normalised (digest-divergence.md, section 2), as `diff -U0` prints them. A line is one
 * of the dump format, but for what says nothing of the tree: sizes and link counts of directories are 0, hard links have
 * the attributes of their inode in place of a `@`, and xattrs are sorted. What is ignored, or is no difference by itself,
 * stands on B's line as on A's.
 */
export function* dumpReport({ diff, seen, a, b }: CompareReport): Generator<string, void, void> {
  if (seen.differing.length === 0) return;
  yield `--- ${inOneLine(a.name)}\n+++ ${inOneLine(b.name)}\n`;
  const { rowA, rowB } = diff;
  let next = 0;
  let linesA = 0;
  let linesB = 0;
  for (let at = 0; at < seen.differing.length;) {
    const first = seen.differing[at] ?? 0;
    for (; next < first; next += 1) {
      if ((rowA[next] ?? -1) >= 0) linesA += 1;
      if ((rowB[next] ?? -1) >= 0) linesB += 1;
    }
    let removed = 0;
    let added = 0;
    for (; seen.differing[at] === next; at += 1, next += 1) {
      if ((rowA[next] ?? -1) >= 0) removed += 1;
      if ((rowB[next] ?? -1) >= 0) added += 1;
    }
    yield `@@ -${range(linesA, removed)} +${range(linesB, added)} @@\n`;
    // a line at a time: one stretch can be all of the tree
    for (let row = first; row < next; row += 1) {
      if ((rowA[row] ?? -1) >= 0) yield `-${lineOf(diff, row, 'a', seen.changes[row] ?? 0)}\n`;
    }
    for (let row = first; row < next; row += 1) {
      if ((rowB[row] ?? -1) >= 0) yield `+${lineOf(diff, row, 'b', seen.changes[row] ?? 0)}\n`;
    }
    linesA += removed;
    linesB += added;
  }
}

/** As POSIX has it: the line before where there is none. */
const range = (before: number, count: number): string =>
  count === 0 ? `${before},0` : count === 1 ? String(before + 1) : `${before + 1},${count}`;

const inOneLine = (name: string): string => name.replaceAll(/[\t\n\r]/g, '?');

function lineOf(diff: TreeDiff, row: number, side: 'a' | 'b', bits: number): string {
  const pair = pairOf(diff, row);
  // where only one side has it, or it was moved, the line is that side's own
  const isOwn = pair === undefined || (bits & ONE_SIDED) !== 0 || (bits & Change.type) !== 0 || side === 'a';
  const own = side === 'a' ? diff.a : diff.b;
  const ownEntry = (side === 'a' ? diff.rowA[row] : diff.rowB[row]) ?? 0;
  const of = (bit: number): { readonly image: Image; readonly entry: number } =>
    isOwn || (bits & bit) !== 0 ? { image: own, entry: ownEntry } : { image: diff.a, entry: pair.entryA };
  const number = (column: 'uid' | 'gid' | 'nlink' | 'rdev', bit: number): string => {
    const { image, entry } = of(bit);
    return String(image.table[column][entry] ?? 0);
  };
  const isFolder = isDirectory(own.table, ownEntry);
  const time = of(Change.mtime);
  const fields = [
    pathText(diff, row),
    isFolder ? '0' : sizeText(of(Change.size | Change.target | Change.content)),
    modeText(of(Change.mode)),
    isFolder ? '0' : number('nlink', Change.nlink | Change.links),
    number('uid', Change.uid),
    number('gid', Change.gid),
    number('rdev', Change.rdev),
    `${time.image.mtimeSeconds(time.entry)}.${time.image.table.mtimeNsec[time.entry] ?? 0}`,
    payloadText(of(Change.redirect | Change.target | Change.storage | Change.digest | Change.content)),
    contentText(of(Change.content | Change.storage)),
    digestText(of(Change.digest | Change.storage | Change.content)),
    ...xattrTexts(diff, isOwn ? undefined : pair.entryA, own, ownEntry, bits),
  ];
  return fields.join(' ');
}

interface Place {
  readonly image: Image;
  readonly entry: number;
}

function pathText(diff: TreeDiff, row: number): string {
  if (row === 0) return '/';
  const names: string[] = [];
  for (let at = row; at !== 0; at = diff.parent[at] ?? 0) {
    const { table, entry } = nameOf(diff, at);
    names.push(escaped(nameBytes(table, entry), GRAPHIC));
  }
  return `/${names.toReversed().join('/')}`;
}

function sizeText({ image, entry }: Place): string {
  const type = sourceMode(image, entry) & S_IFMT;
  if (type === S_IFLNK) return String(symlinkTarget(image, entry)?.length ?? 0);
  return type === S_IFREG ? String(image.table.size[entry] ?? 0) : '0';
}

const modeText = ({ image, entry }: Place): string => sourceMode(image, entry).toString(8);

const optional = (bytes: Uint8Array | undefined): string => {
  if (bytes === undefined || bytes.length === 0) return '-';
  return bytes.length === 1 && bytes[0] === 0x2d ? String.raw`\x2d` : escaped(bytes, GRAPHIC);
};

function payloadText({ image, entry }: Place): string {
  const type = sourceMode(image, entry) & S_IFMT;
  if (type === S_IFLNK) return optional(symlinkTarget(image, entry));
  return type === S_IFREG ? optional(redirectBytes(image.table, entry)) : '-';
}

function contentText({ image, entry }: Place): string {
  const isInline = (sourceMode(image, entry) & S_IFMT) === S_IFREG && storageOf(image, entry) === 'inline';
  return isInline ? optional(inlineBytes(image, entry)) : '-';
}

function digestText({ image, entry }: Place): string {
  if ((sourceMode(image, entry) & S_IFMT) === S_IFDIR) return '-';
  const digest = digestBytes(image.table, entry);
  return digest === undefined ? '-' : hexOfBytes(digest);
}

/** Attributes of which those that are no difference are A's. */
function xattrTexts(
  diff: TreeDiff,
  entryA: number | undefined,
  own: Image,
  ownEntry: number,
  bits: number,
): readonly string[] {
  const { xattrsA, xattrsB } = diff.comparer;
  const ofOwn = (own === diff.a && entryA === undefined ? xattrsA : own === diff.a ? xattrsA : xattrsB).of(ownEntry);
  const isSeen = ({ name }: SourceXattr): boolean => (bits & changeOfXattr(name)) !== 0;
  const list =
    entryA === undefined ? ofOwn : [...ofOwn.filter(isSeen), ...xattrsA.of(entryA).filter((xattr) => !isSeen(xattr))];
  return list
    .map(({ nameBytes: name, value }) => `${escaped(name, XATTR_SAFE)}=${escaped(value, XATTR_SAFE)}`)
    .toSorted();
}

function escaped(bytes: Uint8Array, escapes: Escapes): string {
  const buffer = sourceOf(new Uint8Array(4 * bytes.length));
  const end = putEscaped(buffer, 0, sourceOf(bytes), 0, bytes.length, escapes);
  let text = '';
  for (let at = 0; at < end; at += 1) text += String.fromCharCode(buffer.bytes[at] ?? 0);
  return text;
}
