import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { TreemapNode } from '../../shared/contract/values.ts';

/** A node's rectangle, in CSS pixels of the frame. */
export interface Cell<Node = TreemapNode> {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 1 for the folder's own children. */
  readonly depth: number;
  /** Which child of the folder it lies in, of `HUES` colours. */
  readonly hue: number;
}

export const HUES = 6;
/** Height of a folder's name. */
export const LABEL_PX = 18;
/** Smaller cells are not drawn: nobody sees them. */
const MIN_PX = 2;

/** A frame in CSS pixels, and the least width and height of what is drawn in it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly leastPx: number;
}

/**
 * Rectangles for all nodes below the root, parents before their children, largest first; each folder has room for its name
 * above its children.
 *
 * @param sizeOf of a node, its children included
 */
export function squarify<Node extends { readonly children?: readonly Node[] | undefined }>(
  root: Node,
  sizeOf: (node: Node) => number,
  { width, height, leastPx }: Frame,
): readonly Cell<Node>[] {
  if (width <= 0 || height <= 0) return [];
  const tree = hierarchy(root, ({ children }) => children?.toSorted((a, b) => sizeOf(b) - sizeOf(a)))
    // inner nodes have the sum of their children, which the engine counted already
    .sum((node) => (node.children && node.children.length > 0 ? 0 : sizeOf(node)));
  const placed = treemap<Node>()
    .tile(treemapSquarify)
    .size([width, height])
    .round(true)
    .paddingInner(1)
    .paddingTop((node) => (node.depth > 0 && node.children ? LABEL_PX : 0))(tree);
  const hues = new Map((placed.children ?? []).map((child, index) => [child.data, index % HUES]));
  return placed
    .descendants()
    .filter((node) => node.depth > 0 && node.x1 - node.x0 >= leastPx && node.y1 - node.y0 >= leastPx)
    .map((node) => ({
      node: node.data,
      x: node.x0,
      y: node.y0,
      width: node.x1 - node.x0,
      height: node.y1 - node.y0,
      depth: node.depth,
      hue: hues.get(node.ancestors().at(-2)?.data ?? node.data) ?? 0,
    }));
}

/** By apparent size. */
export const layOut = (root: TreemapNode, width: number, height: number): readonly Cell[] =>
  squarify(root, ({ bytes }) => bytes, { width, height, leastPx: MIN_PX });

export type Direction = 'left' | 'right' | 'up' | 'down';

/** Index of the cell that an arrow leads to: the nearest one in that direction, or the same where there is none. */
export function nearest(cells: readonly Cell[], from: number, direction: Direction): number {
  const start = cells[from];
  if (!start) return 0;
  const [x, y] = centre(start);
  let best = from;
  let bestCost = Infinity;
  cells.forEach((cell, index) => {
    const [cx, cy] = centre(cell);
    const along = direction === 'left' ? x - cx : direction === 'right' ? cx - x : direction === 'up' ? y - cy : cy - y;
    const across = Math.abs(direction === 'left' || direction === 'right' ? cy - y : cx - x);
    const cost = along + 2 * across;
    if (index === from || along <= 0 || cost >= bestCost) return;
    best = index;
    bestCost = cost;
  });
  return best;
}

const centre = (cell: Cell): readonly [number, number] => [cell.x + cell.width / 2, cell.y + cell.height / 2];
