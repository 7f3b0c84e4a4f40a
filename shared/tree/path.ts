import { searchPathPart } from './filter/path-search.ts';
import { foldByte } from './filter/pattern.ts';
import { compareBytes, bytesOfText, displayBytes, equalBytes } from './text.ts';
import { ancestry, children, Flag, isDirectory, nameBytes, type Table } from './table.ts';

/** Paths inside an image: rooted at `/`, one `/` between names, none at the end. */

const SLASH = 0x2f;

/** An entry's path as text, as `displayBytes` writes names; `/` for the root. */
export function pathOf(table: Table, entry: number): string {
  if (entry === 0) return '/';
  const names: string[] = [];
  for (let at = entry; at !== 0; at = table.parent[at] ?? 0) names.push(displayBytes(nameBytes(table, at)));
  return `/${names.toReversed().join('/')}`;
}

/** An entry's path as bytes; a new array. */
export function pathBytes(table: Table, entry: number): Uint8Array {
  if (entry === 0) return Uint8Array.of(SLASH);
  const chain = ancestry(table, entry).slice(1);
  const path = new Uint8Array(chain.reduce((length, at) => length + 1 + (table.nameLength[at] ?? 0), 0));
  let length = 0;
  for (const at of chain) {
    path[length] = SLASH;
    path.set(nameBytes(table, at), length + 1);
    length += 1 + (table.nameLength[at] ?? 0);
  }
  return path;
}

/**
 * The entry at a path, symlinks not followed. Empty names (`//`, a `/` at the end) and a missing first `/` do not
 * matter; `.` and `..` mean what they mean, unless the image has such a name. Of equal names the first is found.
 */
export function lookup(table: Table, path: Uint8Array): number | undefined {
  let entry = 0;
  for (let from = 0; from < path.length;) {
    const slash = path.indexOf(SLASH, from);
    const stop = slash === -1 ? path.length : slash;
    if (stop > from) {
      const next = step(table, entry, path.subarray(from, stop));
      if (next === undefined) return undefined;
      entry = next;
    }
    from = stop + 1;
  }
  return entry;
}

const dot = bytesOfText('.');
const dotDot = bytesOfText('..');

function step(table: Table, directory: number, name: Uint8Array): number | undefined {
  const child = findChild(table, directory, name);
  if (child !== undefined) return child;
  if (!isDirectory(table, directory)) return undefined;
  if (equalBytes(name, dot)) return directory;
  return equalBytes(name, dotDot) ? (table.parent[directory] ?? 0) : undefined;
}

/** A directory's child by name. By bisection; where the names are not sorted, as in a broken image, one by one. */
export function findChild(table: Table, directory: number, name: Uint8Array): number | undefined {
  const stop = table.end[directory] ?? 0;
  let low = directory + 1; // always a child, or `stop`
  let high = stop; // no child from here on has a name below `name`… as far as the names are sorted
  while (low < high) {
    const child = childAbove(table, directory, low + ((high - low) >>> 1));
    if (compareBytes(nameBytes(table, child), name) < 0) low = table.end[child] ?? stop;
    else high = child;
  }
  if (low < stop && equalBytes(nameBytes(table, low), name)) return low;
  for (const child of children(table, directory)) if (equalBytes(nameBytes(table, child), name)) return child;
  return undefined;
}

/** The child of `directory` that `row` is, or is below. */
function childAbove(table: Table, directory: number, row: number): number {
  let child = row;
  for (let above = table.parent[child] ?? 0; above !== directory; above = table.parent[child] ?? 0) child = above;
  return child;
}

export interface PathCompletion {
  readonly entry: number;
  readonly path: string;
}

/**
 * Paths that a half-typed one can become: first what begins so in the directory before its last `/` (in its own letters,
 * then in any case), then what has it anywhere in its path, each such path at its topmost entry. Stubs are left out.
 *
 * @param text as `displayBytes` writes paths
 */
export function completePath(table: Table, text: string, limit = 50): readonly PathCompletion[] {
  const wanted = bytesOfText(text);
  const found = new Set<number>();
  const slash = wanted.lastIndexOf(SLASH);
  const directory = lookup(table, wanted.subarray(0, slash + 1));
  if (directory !== undefined) {
    const prefix = wanted.subarray(slash + 1);
    const folded = prefix.map(foldByte);
    const inOtherCase: number[] = [];
    for (const child of children(table, directory)) {
      if (found.size >= limit) break;
      if (isStub(table, child)) continue;
      const start = nameBytes(table, child).subarray(0, prefix.length);
      if (equalBytes(start, prefix)) found.add(child);
      else if (inOtherCase.length < limit && equalBytes(start.map(foldByte), folded)) inOtherCase.push(child);
    }
    for (const child of inOtherCase) if (found.size < limit) found.add(child);
  }
  if (wanted.length > 0 && wanted.length <= MAX_PATH_TEXT && found.size < limit) {
    const rows = searchPathPart(table, wanted.map(foldByte), 'first');
    for (let row = rows.next(0); row < rows.size && found.size < limit; row = rows.next(row + 1)) {
      if (!isStub(table, row)) found.add(row);
    }
  }
  return [...found].map((entry) => ({ entry, path: pathOf(table, entry) }));
}

/** A text as long as this is in no path that Linux takes (PATH_MAX). */
const MAX_PATH_TEXT = 4096;

const isStub = (table: Table, entry: number): boolean => ((table.flags[entry] ?? 0) & Flag.stub) !== 0;
