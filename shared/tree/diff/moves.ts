import { isDirectory, nameBytes, S_IFLNK, S_IFMT, S_IFREG } from '../table.ts';
import { equalBytes } from '../text.ts';
import { symlinkTarget } from '../symlink.ts';
import { ATTRIBUTES, Change } from './change.ts';
import { sourceMode, type EntryComparer } from './compare-entries.ts';
import { nameOf, type Walk } from './compare-trees.ts';

/** Candidates of one fingerprint that are looked at for the same name, before the first is taken. */
const MAX_TRIES = 16;

/** Attributes that may differ where the content is still the same. */
const OF_CONTENT = Change.type | Change.content | Change.digest | Change.size | Change.target | Change.rdev;

/**
 * Finds what has another place on the other side: directories with the same names and contents below them, from the top
 * down; then files with the same digest, or the same bytes in the image. Where several could be meant, the one with the
 * same name is taken, then the first in tree order. Attributes may differ: they are noted on both rows.
 *
 * Fingerprints only say what to compare: images are untrusted, and could have equal ones by intent.
 *
 * @returns the other row of each row that was moved
 */
export function findMoves(walk: Walk, comparer: EntryComparer): ReadonlyMap<number, number> {
  const partner = new Map<number, number>();
  if (!walk.hasAdded || !walk.hasRemoved) return partner;
  const { count, changes, end, rowA, rowB } = walk;
  const { prints, weights } = fingerprints(walk, comparer);
  const pair = (removed: number, added: number): void => {
    const bits = comparer.changes(rowA[removed] ?? 0, rowB[added] ?? 0) & ATTRIBUTES;
    changes[removed] = Change.removed | Change.moved | bits;
    changes[added] = Change.added | Change.moved | bits;
    partner.set(removed, added);
    partner.set(added, removed);
  };
  const isMatch = (removed: number, added: number): boolean => {
    const length = (end[removed] ?? 0) - removed;
    if ((end[added] ?? 0) - added !== length) return false;
    for (let at = 0; at < length; at += 1) {
      if (partner.has(added + at) || partner.has(removed + at)) return false;
      if (at > 0 && !sameName(walk, removed + at, added + at)) return false;
      if ((end[removed + at] ?? 0) - removed !== (end[added + at] ?? 0) - added) return false;
      const [entryA, entryB] = [rowA[removed + at] ?? 0, rowB[added + at] ?? 0];
      if ((comparer.changes(entryA, entryB) & OF_CONTENT) !== 0) return false;
      if (!isKnown(comparer, 'a', entryA) || !isKnown(comparer, 'b', entryB)) return false;
    }
    return true;
  };
  for (const wantsFolders of [true, false]) {
    const isWanted = (row: number, bit: number): boolean =>
      changes[row] === bit && (weights[row] ?? 0) > 0 && isFolder(walk, row) === wantsFolders;
    const candidates = new Map<number, number[]>();
    for (let row = 0; row < count; row += 1) {
      if (!isWanted(row, Change.added)) continue;
      const print = prints[row] ?? 0;
      const list = candidates.get(print);
      if (list === undefined) candidates.set(print, [row]);
      else list.push(row);
    }
    for (let row = 0; row < count && candidates.size > 0; row += 1) {
      if (!isWanted(row, Change.removed)) continue;
      const list = candidates.get(prints[row] ?? 0);
      if (list === undefined) continue;
      const found = choose(walk, list, row, (added) => changes[added] === Change.added && isMatch(row, added));
      if (found === undefined) continue;
      for (let at = 0, length = (end[row] ?? 0) - row; at < length; at += 1) pair(row + at, found + at);
    }
  }
  return partner;
}

/** The candidate with the same name, else the first; it is taken out. */
function choose(walk: Walk, list: number[], row: number, isMatch: (added: number) => boolean): number | undefined {
  const near = list.slice(0, MAX_TRIES);
  const named = near.find((added) => sameName(walk, row, added) && isMatch(added));
  const found = named ?? near.find(isMatch);
  if (found !== undefined) list.splice(list.indexOf(found), 1);
  // those that were paired with a directory of theirs are nobody's candidates any more
  else if (list.length > 0 && walk.changes[list[0] ?? 0] !== Change.added) list.shift();
  return found;
}

const isFolder = (walk: Walk, row: number): boolean => {
  const { table, entry } = nameOf(walk, row);
  return isDirectory(table, entry);
};

function sameName(walk: Walk, one: number, other: number): boolean {
  const [x, y] = [nameOf(walk, one), nameOf(walk, other)];
  return equalBytes(nameBytes(x.table, x.entry), nameBytes(y.table, y.entry));
}

interface Prints {
  readonly prints: Uint32Array;
  /** Files with content in it, itself included: what has none moves nowhere. */
  readonly weights: Uint32Array;
}

/** Fingerprints of content for the rows on one side: a directory's is made of the names and fingerprints below it. */
function fingerprints(walk: Walk, comparer: EntryComparer): Prints {
  const { count, changes, parent, rowA, rowB, a, b } = walk;
  const prints = new Uint32Array(count);
  const weights = new Uint32Array(count);
  for (let row = count - 1; row > 0; row -= 1) {
    const isRemoved = changes[row] === Change.removed;
    if (!isRemoved && changes[row] !== Change.added) continue;
    const image = isRemoved ? a : b;
    const entry = (isRemoved ? rowA[row] : rowB[row]) ?? 0;
    if (!isDirectory(image.table, entry)) {
      const print = contentPrint(comparer, isRemoved ? 'a' : 'b', entry);
      prints[row] = print;
      const isFile = (sourceMode(image, entry) & S_IFMT) === S_IFREG;
      if (isFile && (image.table.size[entry] ?? 0) > 0) weights[row] = 1;
    }
    const above = parent[row] ?? 0;
    if (changes[above] !== changes[row]) continue;
    const name = hashBytes(nameBytes(image.table, entry), 0x811c9dc5);
    // children come last to first: the sum keeps their order by what it is multiplied with
    prints[above] = (Math.imul(prints[above] ?? 0, 0x01000193) + mix(name ^ (prints[row] ?? 0))) >>> 0;
    weights[above] = (weights[above] ?? 0) + (weights[row] ?? 0);
  }
  return { prints, weights };
}

/** Whether the content of a regular file is known, so that an equal one says something. */
function isKnown(comparer: EntryComparer, side: 'a' | 'b', entry: number): boolean {
  const image = side === 'a' ? comparer.a : comparer.b;
  if ((sourceMode(image, entry) & S_IFMT) !== S_IFREG || image.table.size[entry] === 0) return true;
  return comparer.contentKey(side, entry) !== undefined;
}

function contentPrint(comparer: EntryComparer, side: 'a' | 'b', entry: number): number {
  const image = side === 'a' ? comparer.a : comparer.b;
  const { table } = image;
  const mode = sourceMode(image, entry);
  const seed = mix(((mode & S_IFMT) * 31 + (table.rdev[entry] ?? 0)) | 0);
  switch (mode & S_IFMT) {
    case S_IFREG: {
      const key = comparer.contentKey(side, entry);
      return hashBytes(key ?? new Uint8Array(0), seed ^ ((table.size[entry] ?? 0) | 0));
    }
    case S_IFLNK:
      return hashBytes(symlinkTarget(image, entry) ?? new Uint8Array(0), seed);
    default:
      return seed;
  }
}

function hashBytes(bytes: Uint8Array, seed: number): number {
  let hash = seed | 0;
  for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return mix(hash);
}

function mix(value: number): number {
  const hash = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
