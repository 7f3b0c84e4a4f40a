import { describe, expect, it } from 'vitest';
import type { TreemapNode } from '../../shared/contract/values.ts';
import { layOut, nearest } from './layout.ts';

const leaf = (name: string, bytes: number): TreemapNode => ({
  entry: bytes,
  name,
  kind: 'file',
  bytes,
  entries: 1,
  children: undefined,
});
const folder = (name: string, children: readonly TreemapNode[]): TreemapNode => ({
  entry: 0,
  name,
  kind: 'directory',
  bytes: children.reduce((sum, { bytes }) => sum + bytes, 0),
  entries: children.length,
  children,
});
const tree = folder('/', [folder('a', [leaf('a1', 300), leaf('a2', 100)]), leaf('b', 400), leaf('c', 200)]);

describe('layout of the treemap', () => {
  const cells = layOut(tree, 400, 300);
  const cell = (name: string) => {
    const found = cells.find(({ node }) => node.name === name);
    if (!found) throw new Error(name);
    return found;
  };

  it('gives each node an area that goes with its bytes, inside its parent', () => {
    expect(cells.map(({ node }) => node.name).toSorted()).toEqual(['a', 'a1', 'a2', 'b', 'c']);
    const area = (name: string): number => cell(name).width * cell(name).height;
    expect(area('b') / area('c')).toBeCloseTo(2, 0);
    expect(cell('a1').x).toBeGreaterThanOrEqual(cell('a').x);
    expect(cell('a1').y).toBeGreaterThan(cell('a').y);
  });

  it('colours what lies in one folder alike', () => {
    expect(cell('a1').hue).toBe(cell('a').hue);
    expect(cell('b').hue).not.toBe(cell('c').hue);
  });

  it('has nothing to draw without room', () => expect(layOut(tree, 0, 100)).toEqual([]));

  it('moves with the arrows to where they point, and stays at the edge', () => {
    const first = (from: number): number =>
      nearest(cells, nearest(cells, nearest(cells, from, 'left'), 'left'), 'left');
    const edge = first(0);
    expect(nearest(cells, edge, 'left')).toBe(edge);
    expect(nearest(cells, edge, 'right')).not.toBe(edge);
  });
});
