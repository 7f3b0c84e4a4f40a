import { hexOfBytes } from '../text.ts';
import { Flag, isDirectory, S_IFMT, S_IFREG, type Table } from '../table.ts';
import type { BelowPart, StackImage } from './stack-image.ts';
import type { Part } from './merge-layers.ts';

/** What one layer does in a stack. Bytes are sizes of regular files, each inode once, whatever the store holds. */
export interface LayerReport {
  /** Entries of the layer, its root and whiteouts too, the root's stubs not. */
  readonly entries: number;
  readonly whiteouts: number;
  readonly opaque: number;
  /** Entries of the merged tree that are this layer's. */
  readonly shown: number;
  /** Of those, the ones under whose name no lower layer has anything. */
  readonly adds: number;
  /** Of those, the ones that take the place of what a lower layer has; directories that merge do not. */
  readonly changes: number;
  /** Entries of lower layers, with all that is in them, that would show if this layer were not there. */
  readonly hides: number;
  /** Of all regular files. */
  readonly bytes: number;
  /** Of regular files that do not show: upper layers replaced or deleted them. */
  readonly wasted: number;
  /** Objects that no other layer of the stack refers to. */
  readonly exclusive: Objects;
  /** Objects that another one refers to, too. */
  readonly shared: Objects;
  /** Objects that nothing in the merged tree refers to: whoever stores the merged image alone does not need them. */
  readonly reclaimable: Objects;
}

export interface Objects {
  readonly count: number;
  readonly bytes: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Counts = Writable<Omit<LayerReport, 'exclusive' | 'shared' | 'reclaimable'>>;

/** What each layer of a stack adds, changes, hides and wastes; the lowest first. */
export function reportLayers(stack: StackImage): readonly LayerReport[] {
  const counts = stack.layers.map(({ table }, layer) => ofLayer(stack, table, layer));
  countShown(stack, counts);
  const used = new Set<string>();
  for (let entry = 0; entry < stack.table.count; entry += 1) {
    const key = objectKey(stack.table, entry);
    if (key !== undefined) used.add(key);
  }
  const objects = stack.layers.map(({ table }) => objectsOf(table));
  /** Layers that refer to an object. */
  const users = new Map<string, number>();
  for (const own of objects) for (const key of own.keys()) users.set(key, (users.get(key) ?? 0) + 1);
  return counts.map((count, layer) => {
    const own = objects[layer] ?? new Map<string, number>();
    const { entries, whiteouts, opaque, shown, adds, changes, hides, bytes, wasted } = count;
    const exclusive = sum(own, (key) => users.get(key) === 1);
    const shared = sum(own, (key) => users.get(key) !== 1);
    const reclaimable = sum(own, (key) => !used.has(key));
    return { entries, whiteouts, opaque, shown, adds, changes, hides, bytes, wasted, exclusive, shared, reclaimable };
  });
}

function ofLayer({ merged }: StackImage, table: Table, layer: number): Counts {
  const attributes = merged.attributes[layer];
  const counts = { entries: 0, whiteouts: 0, opaque: 0, shown: 0, adds: 0, changes: 0, hides: 0, bytes: 0, wasted: 0 };
  for (let row = 0; row < table.count; row += 1) {
    if (((table.flags[row] ?? 0) & Flag.stub) !== 0) continue;
    counts.entries += 1;
    if (attributes?.isWhiteout(row) === true) counts.whiteouts += 1;
    if (isDirectory(table, row) && attributes?.of(row).opaque === 'y') counts.opaque += 1;
  }
  return counts;
}

function countShown(stack: StackImage, counts: readonly Counts[]): void {
  const { table, layers } = stack;
  /** By layer: inodes of regular files that show. */
  const inodes = layers.map(() => new Set<number>());
  const show = ({ layer, row }: Part): void => {
    inodes[layer]?.add(layers[layer]?.table.inode[row] ?? 0);
  };
  for (let entry = 0; entry < table.count; entry += 1) {
    const part = stack.partOf(entry);
    const count = counts[part.layer];
    if (count === undefined) continue;
    count.shown += 1;
    if (!isDirectory(table, entry)) show(part);
    const data = stack.merged.data.get(entry);
    if (data !== undefined) show(data);
    const below = stack.below(entry);
    if (below.length === 0) count.adds += 1;
    else if (below.some(({ how }) => how !== 'merged')) count.changes += 1;
    countHidden(stack, counts, part, below);
  }
  for (let index = 0; index < stack.goneCount; index += 1) {
    const { whiteout, below } = stack.gone(index);
    countHidden(stack, counts, whiteout, below);
  }
  for (const [layer, { table: own }] of layers.entries()) {
    const count = counts[layer];
    if (count === undefined) continue;
    const seen = new Set<number>();
    for (let row = 0; row < own.count; row += 1) {
      const inode = own.inode[row] ?? 0;
      if (((own.mode[row] ?? 0) & S_IFMT) !== S_IFREG || seen.has(inode)) continue;
      seen.add(inode);
      const size = own.size[row] ?? 0;
      count.bytes += size;
      if (inodes[layer]?.has(inode) !== true) count.wasted += size;
    }
  }
}

/** Each hidden part is hidden by the nearest one above it that it cannot merge with. */
function countHidden(stack: StackImage, counts: readonly Counts[], top: Part, below: readonly BelowPart[]): void {
  const isFolder = ({ layer, row }: Part): boolean => {
    const table = stack.layers[layer]?.table;
    return table !== undefined && isDirectory(table, row);
  };
  let hider = top;
  let before: Part = top;
  for (const part of below) {
    const merges = part.how !== 'hidden' || (before !== top && isFolder(before) && isFolder(part));
    if (!merges) hider = before;
    if (part.how === 'hidden') {
      const count = counts[hider.layer];
      const table = stack.layers[part.layer]?.table;
      if (count !== undefined && table !== undefined) count.hides += (table.end[part.row] ?? 0) - part.row;
    }
    before = part;
  }
}

/** An object's digest, or its path where it has none. */
function objectKey(table: Table, row: number): string | undefined {
  const bits = table.flags[row] ?? 0;
  if ((bits & Flag.backed) === 0) return undefined;
  const digest = table.digestOffset[row] ?? 0;
  if (digest !== 0) return hexOfBytes(table.bytes.subarray(digest, digest + ((bits & Flag.sha512) === 0 ? 32 : 64)));
  const redirect = table.redirectOffset[row] ?? 0;
  if (redirect === 0) return undefined;
  return `/${hexOfBytes(table.bytes.subarray(redirect, redirect + (table.redirectLength[row] ?? 0)))}`;
}

/** Sizes of a layer's objects. */
function objectsOf(table: Table): ReadonlyMap<string, number> {
  const objects = new Map<string, number>();
  for (let row = 0; row < table.count; row += 1) {
    const key = objectKey(table, row);
    if (key !== undefined) objects.set(key, table.size[row] ?? 0);
  }
  return objects;
}

function sum(objects: ReadonlyMap<string, number>, isWanted: (key: string) => boolean): Objects {
  let count = 0;
  let bytes = 0;
  for (const [key, size] of objects) {
    if (!isWanted(key)) continue;
    count += 1;
    bytes += size;
  }
  return { count, bytes };
}
