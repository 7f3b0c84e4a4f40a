import { describe, expect, it } from 'vitest';
import type { Wanted } from '../state/stacks.ts';
import { placeLayer, removeLayer, shiftLayer, switchLayer } from './move-layer.ts';

const layers: Wanted = [1, 2, 3].map((layer) => ({ layer, isOn: true }));
const ids = (changed: Wanted | undefined): readonly number[] | undefined => changed?.map(({ layer }) => layer);

describe('a list of layers, the lowest first', () => {
  it('is reordered by steps, up to its ends', () => {
    expect(ids(shiftLayer(layers, 1, 1))).toEqual([2, 1, 3]);
    expect(ids(shiftLayer(layers, 1, 9))).toEqual([2, 3, 1]);
    expect(ids(shiftLayer(layers, 3, -1))).toEqual([1, 3, 2]);
    expect(shiftLayer(layers, 3, 1)).toBeUndefined();
    expect(shiftLayer(layers, 7, 1)).toBeUndefined();
  });

  it('is reordered by dropping one beside another', () => {
    expect(ids(placeLayer(layers, 1, 3, 'above'))).toEqual([2, 3, 1]);
    expect(ids(placeLayer(layers, 1, 3, 'below'))).toEqual([2, 1, 3]);
    expect(ids(placeLayer(layers, 3, 1, 'below'))).toEqual([3, 1, 2]);
    expect(placeLayer(layers, 1, 2, 'below')).toBeUndefined();
    expect(placeLayer(layers, 2, 2, 'above')).toBeUndefined();
  });

  it('keeps one layer that is on', () => {
    const one = layers.map(({ layer }) => ({ layer, isOn: layer === 2 }));
    expect(switchLayer(one, 2)).toBeUndefined();
    expect(switchLayer(one, 1)?.map(({ isOn }) => isOn)).toEqual([true, true, false]);
    expect(removeLayer(one, 2)).toBeUndefined();
    expect(ids(removeLayer(one, 1))).toEqual([2, 3]);
  });
});
