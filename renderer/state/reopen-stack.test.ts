import { describe, expect, it } from 'vitest';
import type { LayerInfo } from '../../shared/contract/layer-values.ts';
import { arrangeAsBefore, pathsOf } from './reopen-stack.ts';

let next = 0;
const layer = (path: string, digest?: string, isOn = true): LayerInfo => {
  next += 1;
  return { layer: next, number: 0, name: `${path} ${digest ?? ''}`, path, kind: 'tar', digest, bytes: 1, isOn };
};

describe('pathsOf', () => {
  it('opens a container image once, wherever its layers lie in the stack', () => {
    const layers = [layer('oci', 'a'), layer('top.cfs'), layer('oci', 'b')];
    expect(pathsOf(layers)).toEqual(['oci', 'top.cfs']);
  });

  it('opens what was put in twice twice', () => {
    expect(pathsOf([layer('a'), layer('b'), layer('a')])).toEqual(['a', 'b', 'a']);
    expect(pathsOf(['a', 'b', 'a', 'b'].map((digest) => layer('oci', digest)))).toEqual(['oci', 'oci']);
  });
});

describe('arrangeAsBefore', () => {
  it('gives order and switches back, leaves out what was taken out, and tells what is gone', () => {
    const before = [layer('x.cfs'), layer('oci', 'b', false), layer('oci', 'a'), layer('gone.cfs')];
    const [x, a, b, c] = [layer('x.cfs'), layer('oci', 'a'), layer('oci', 'b'), layer('oci', 'c')] as const;
    const { layers, missing } = arrangeAsBefore(before, [a, b, c, x]);
    expect(layers).toEqual([
      { layer: x.layer, isOn: true },
      { layer: b.layer, isOn: false },
      { layer: a.layer, isOn: true },
    ]);
    expect(missing.map(({ path }) => path)).toEqual(['gone.cfs']);
  });

  it('takes each of two equal layers once', () => {
    const now = [layer('a'), layer('a')];
    expect(arrangeAsBefore([layer('a', undefined, false), layer('a')], now).layers.map((own) => own.layer)).toEqual(
      now.map((own) => own.layer),
    );
  });
});
