import type { EntryRow } from '../contract/values.ts';
import type { StatusOf } from './entry-status.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import { problemOf } from './problems.ts';
import { symlinkTarget } from './symlink.ts';
import { Flag, nameBytes, type Table } from './table.ts';
import { displayBytes, hexOfBytes } from './text.ts';

/** Where a row stands in its view. */
export type RowPlace = Pick<EntryRow, 'depth' | 'expanded' | 'hasChildren' | 'position' | 'siblings' | 'matches'>;

/** The place of an entry that is looked at by itself, outside any view. */
export function placeAlone(table: Table, entry: number): RowPlace {
  let depth = 0;
  for (let at = entry; at !== 0; at = table.parent[at] ?? 0) depth += 1;
  return {
    depth,
    expanded: undefined,
    hasChildren: (table.end[entry] ?? 0) > entry + 1,
    position: 1,
    siblings: 1,
    matches: true,
  };
}

/** The raw digest that an entry's object must have, a view; undefined: none. */
export function digestBytes(table: Table, entry: number): Uint8Array | undefined {
  const offset = table.digestOffset[entry] ?? 0;
  if (offset === 0) return undefined;
  return table.bytes.subarray(offset, offset + (((table.flags[entry] ?? 0) & Flag.sha512) === 0 ? 32 : 64));
}

/** The path of an entry's object below the data root, a view without the leading `/`; undefined: none. */
export function redirectBytes(table: Table, entry: number): Uint8Array | undefined {
  const offset = table.redirectOffset[entry] ?? 0;
  return offset === 0 ? undefined : table.bytes.subarray(offset, offset + (table.redirectLength[entry] ?? 0));
}

/** An entry as the window, and `--json`, show it. */
export function entryRow(
  image: Image,
  entry: number,
  statusOf: StatusOf,
  place: RowPlace = placeAlone(image.table, entry),
): EntryRow {
  const { table } = image;
  const kind = kindOf(image, entry);
  const redirect = redirectBytes(table, entry);
  const digest = digestBytes(table, entry);
  const target = kind === 'symlink' ? symlinkTarget(image, entry) : undefined;
  return {
    entry,
    name: entry === 0 ? '/' : displayBytes(nameBytes(table, entry)),
    ...place,
    kind,
    mode: table.mode[entry] ?? 0,
    uid: table.uid[entry] ?? 0,
    gid: table.gid[entry] ?? 0,
    size: kind === 'file' || kind === 'symlink' ? (table.size[entry] ?? 0) : undefined,
    mtime: table.mtime[entry] ?? 0,
    mtimeNsec: table.mtimeNsec[entry] ?? 0,
    nlink: table.nlink[entry] ?? 0,
    inode: table.inode[entry] ?? 0,
    redirect: redirect && displayBytes(redirect),
    digest: digest && hexOfBytes(digest),
    verity: statusOf(entry),
    target: target && displayBytes(target),
    problem: problemOf(image, entry),
    layer: image.layerOf?.(entry),
    hidden: image.whyHidden?.(entry),
  };
}
