import type { TreemapNode } from '../contract/values.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import { Flag, nameBytes, S_IFMT, S_IFREG, type Table } from './table.ts';
import { displayBytes } from './text.ts';

/** Levels that make the largest answer: a node below more than these is not drawn anyway. */
const MAX_DEPTH = 16;

/**
 * Sizes below a directory, for a treemap: its subtree down to `depth` levels, the largest first.
 *
 * `bytes` is the sum of the sizes of the regular files in a subtree; a file with several names counts once, where its
 * first name below `entry` is. `entries` counts names, stubs left out, the node's own included. A child without bytes has
 * no node. Where not all can be drawn, the upper levels come before the lower and the larger before the smaller; what is
 * left out of a directory is one node without `entry` at the end of its siblings, so that the bytes of children always
 * sum to those of their directory. Of a stack, each node says how many of its bytes are from which layer.
 *
 * @param depth 1: the children of `entry`; at most 16
 * @param maxNodes nodes in the answer, all included; at least 1
 */
export function treemapOf(image: Image, entry: number, depth: number, maxNodes: number): TreemapNode {
  const sums = sumsBelow(image.table, entry);
  const drawn = largest(image.table, sums, Math.min(depth, MAX_DEPTH), maxNodes);
  const layers = image.dataLayerOf === undefined ? undefined : new LayerSums(image, sums, drawn);
  return nodeOf(image, sums, drawn, entry, layers);
}

/** Totals of the rows from `from` on, by distance from it. */
interface Sums {
  readonly from: number;
  readonly bytes: Float64Array;
  readonly entries: Uint32Array;
}

function sumsBelow(table: Table, from: number): Sums {
  const { end, flags, parent, size } = table;
  const stop = end[from] ?? from + 1;
  const bytes = new Float64Array(stop - from);
  const entries = new Uint32Array(stop - from);
  const isCounted = firstNames(table, from, stop);
  // Backwards, so that the children of a directory are summed before it is added to its own parent.
  for (let row = stop - 1; row >= from; row -= 1) {
    const at = row - from;
    const bits = flags[row] ?? 0;
    if (isFile(table, row) && isCounted(row)) bytes[at] = (bytes[at] ?? 0) + (size[row] ?? 0);
    if ((bits & Flag.stub) === 0) entries[at] = (entries[at] ?? 0) + 1;
    if (row === from) break;
    const above = (parent[row] ?? 0) - from;
    bytes[above] = (bytes[above] ?? 0) + (bytes[at] ?? 0);
    entries[above] = (entries[above] ?? 0) + (entries[at] ?? 0);
  }
  return { from, bytes, entries };
}

const isFile = ({ flags, mode }: Table, row: number): boolean =>
  ((mode[row] ?? 0) & S_IFMT) === S_IFREG && ((flags[row] ?? 0) & Flag.escapedWhiteout) === 0;

/** Whether a row is the first name of its inode in `[from, stop)`. The first in the image is not flagged as a link. */
function firstNames({ flags, inode }: Table, from: number, stop: number): (row: number) => boolean {
  const isLink = (row: number): boolean => ((flags[row] ?? 0) & Flag.hardLink) !== 0;
  const links: number[] = [];
  for (let row = from; row < stop; row += 1) if (isLink(row)) links.push(row);
  if (links.length === 0) return () => true;
  const linked = new Map<number, number>();
  for (const row of links.toReversed()) linked.set(inode[row] ?? 0, row);
  // A name that is not flagged comes before all that are.
  for (let row = from; row < stop; row += 1) {
    if (!isLink(row) && linked.has(inode[row] ?? 0)) linked.set(inode[row] ?? 0, row);
  }
  return (row) => (linked.get(inode[row] ?? 0) ?? row) === row;
}

/** The rows that get a node. Each directory of which some children do may need one more, for the others. */
function largest(table: Table, sums: Sums, depth: number, maxNodes: number): ReadonlySet<number> {
  const drawn = new Set([sums.from]);
  let left = maxNodes - 1;
  let level: readonly number[] = [sums.from];
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    const below: number[] = [];
    /** Children of each directory that have no node yet. */
    const hidden = new Map<number, number>();
    for (const directory of level) {
      const children = childrenWithBytes(table, sums, directory);
      hidden.set(directory, children.length);
      for (const child of children) below.push(child);
    }
    const opened = new Set<number>();
    const next: number[] = [];
    for (const row of largestFirst(sums, below, left)) {
      const above = table.parent[row] ?? 0;
      const cost = opened.has(above) ? 1 : 2;
      if (cost > left) continue;
      left -= cost;
      opened.add(above);
      hidden.set(above, (hidden.get(above) ?? 0) - 1);
      next.push(row);
      drawn.add(row);
    }
    for (const directory of opened) if (hidden.get(directory) === 0) left += 1;
    level = next;
  }
  return drawn;
}

/** The `count` largest rows, in order. A threshold first: a comparison for each of 1,000,000 would take a second. */
function largestFirst(sums: Sums, rows: readonly number[], count: number): number[] {
  const sizes = Float64Array.from(rows, (row) => bytesOf(sums, row)).toSorted();
  const least = sizes[Math.max(0, sizes.length - count)] ?? 0;
  return rows
    .filter((row) => bytesOf(sums, row) >= least)
    .toSorted((a, b) => bytesOf(sums, b) - bytesOf(sums, a) || a - b)
    .slice(0, count);
}

const bytesOf = ({ from, bytes }: Sums, row: number): number => bytes[row - from] ?? 0;

function childrenWithBytes({ end }: Table, sums: Sums, directory: number): number[] {
  const stop = end[directory] ?? 0;
  const found: number[] = [];
  for (let child = directory + 1; child < stop; child = end[child] ?? stop) {
    if (bytesOf(sums, child) > 0) found.push(child);
  }
  return found;
}

type BytesOfLayers = ReadonlyMap<number, number>;

/** Of a stack: from which layers the bytes below the drawn rows are. */
class LayerSums {
  /** Bytes by layer, by the lowest drawn row that they lie in. */
  readonly #own = new Map<number, Map<number, number>>();

  constructor(image: Image, { from, bytes }: Sums, drawn: ReadonlySet<number>) {
    const { table } = image;
    const stop = from + bytes.length;
    const drawnIn = new Uint32Array(bytes.length);
    for (let row = from; row < stop; row += 1) {
      const at = drawn.has(row) ? row : (drawnIn[(table.parent[row] ?? 0) - from] ?? from);
      drawnIn[row - from] = at;
      const size = isFile(table, row) ? (bytes[row - from] ?? 0) : 0;
      if (size > 0) addTo(getOr(this.#own, at), image.dataLayerOf?.(row) ?? 0, size);
    }
  }

  /** Of what has no node of its own below a drawn row, or of the row itself. */
  of(row: number): BytesOfLayers {
    return this.#own.get(row) ?? new Map<number, number>();
  }
}

function getOr(sums: Map<number, Map<number, number>>, row: number): Map<number, number> {
  const known = sums.get(row);
  if (known !== undefined) return known;
  const made = new Map<number, number>();
  sums.set(row, made);
  return made;
}

const addTo = (sums: Map<number, number>, layer: number, bytes: number): void => {
  sums.set(layer, (sums.get(layer) ?? 0) + bytes);
};

const largestLayers = (sums: BytesOfLayers): TreemapNode['layers'] =>
  [...sums].map(([layer, bytes]) => ({ layer, bytes })).toSorted((a, b) => b.bytes - a.bytes || b.layer - a.layer);

function nodeOf(
  image: Image,
  sums: Sums,
  drawn: ReadonlySet<number>,
  entry: number,
  layers: LayerSums | undefined,
): TreemapNode {
  const { table } = image;
  const children = childrenWithBytes(table, sums, entry)
    .filter((child) => drawn.has(child))
    .toSorted((a, b) => bytesOf(sums, b) - bytesOf(sums, a) || a - b)
    .map((child) => nodeOf(image, sums, drawn, child, layers));
  const bytes = bytesOf(sums, entry);
  const entries = sums.entries[entry - sums.from] ?? 0;
  const left = layers?.of(entry);
  const total = left && new Map(left);
  if (total) {
    for (const child of children) for (const { layer, bytes: part } of child.layers ?? []) addTo(total, layer, part);
  }
  const rest = bytes - children.reduce((sum, child) => sum + child.bytes, 0);
  if (children.length > 0 && rest > 0) {
    const others = entries - 1 - children.reduce((sum, child) => sum + child.entries, 0);
    children.push({
      entry: undefined,
      name: 'others',
      kind: 'unknown',
      bytes: rest,
      entries: others,
      children: undefined,
      ...(left && { layers: largestLayers(left) }),
    });
  }
  return {
    entry,
    name: entry === 0 ? '/' : displayBytes(nameBytes(table, entry)),
    kind: kindOf(image, entry),
    bytes,
    entries,
    children: children.length === 0 ? undefined : children,
    ...(total && { layers: largestLayers(total) }),
  };
}
