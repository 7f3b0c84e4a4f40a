import { describe, expect, it } from 'vitest';
import { Random } from '../../testing/random.ts';
import { char, dir, file, imageOf, type Node } from '../../testing/table-of.ts';
import { filterEntries } from '../filter/filter.ts';
import { pathOf } from '../path.ts';
import { Flag } from '../table.ts';
import { TreeView } from '../view.ts';
import { RevealedStack } from './revealed-stack.ts';
import { StackImage } from './stack-image.ts';

const opaque = { xattrs: { 'trusted.overlay.opaque': 'y' }, flags: Flag.xattrs };
const whiteout = (): Node => char(0);

const reveal = (...roots: readonly Node[]): RevealedStack =>
  new RevealedStack(new StackImage(roots.map((root) => imageOf(root, { kind: 'erofs' }))));

/** Each row: path, number of its layer, why it is hidden. */
const linesOf = (stack: RevealedStack): readonly string[] =>
  Array.from({ length: stack.table.count }, (_, row) =>
    [pathOf(stack.table, row), stack.layerOf(row), stack.whyHidden(row) ?? ''].join(' ').trim(),
  );

describe('what a stack hides', () => {
  it('is a file that was replaced and then removed', () => {
    const stack = reveal(
      dir({ d: dir({ f: file() }) }),
      dir({ d: dir({ f: file() }) }),
      dir({ d: dir({ f: whiteout() }) }),
    );
    expect(linesOf(stack)).toEqual([
      '/ 3',
      '/d 3',
      '/d/f 3 whiteout',
      '/d/f 2 removed by layer 3',
      '/d/f 1 replaced by layer 2',
    ]);
    expect([2, 3, 4].map((row) => stack.hiderOf(row))).toEqual([undefined, 2, 3]);
  });

  it('is all of a directory below a file, and below an opaque one', () => {
    const lower = dir({ a: dir({ x: file() }), b: dir({ y: file() }) });
    expect(linesOf(reveal(lower, dir({ a: file(), b: dir({ z: file() }, opaque) })))).toEqual([
      '/ 2',
      '/a 2',
      '/a 1 replaced by layer 2',
      '/a/x 1 replaced by layer 2',
      '/b 2',
      '/b/z 2',
      '/b 1 replaced by layer 2',
      '/b/y 1 replaced by layer 2',
    ]);
  });

  it('is hidden by the nearest one that it cannot merge with', () => {
    const stack = reveal(dir({ d: dir({ a: file() }) }), dir({ d: file() }), dir({ d: dir({ c: file() }) }));
    expect(linesOf(stack)).toEqual([
      '/ 3',
      '/d 3',
      '/d/c 3',
      '/d 2 replaced by layer 3',
      '/d 1 replaced by layer 2',
      '/d/a 1 replaced by layer 2',
    ]);
  });

  it('comes in name order among what shows', () => {
    const stack = reveal(dir({ a: file(), c: file(), e: file() }), dir({ a: whiteout(), e: whiteout() }));
    expect(linesOf(stack).map((line) => line.slice(0, 4))).toEqual(['/ 2', '/a 2', '/a 1', '/c 1', '/e 2', '/e 1']);
  });

  it('has numbers behind those of what shows, which stay', () => {
    const stack = reveal(dir({ a: file(), c: file() }), dir({ a: whiteout() }));
    expect([...stack.numbers]).toEqual([0, 2, 3, 1]);
    expect([0, 1, 2, 3].map((number) => stack.rowOf(number))).toEqual([0, 3, 1, 2]);
    expect(stack.find({ layer: 0, row: 1 })).toBe(3);
    expect(stack.find({ layer: 0, row: 2 })).toBeUndefined();
  });

  it('is found by the filter, and by layer', () => {
    const image = reveal(dir({ a: file(), c: file() }), dir({ a: whiteout() }));
    const rowsOf = (text: string): number[] => {
      const view = new TreeView({ image, statusOf: () => undefined }, { filter: text });
      return view.rows(0, 10).flatMap(({ entry, matches }) => (matches ? [entry] : []));
    };
    expect(rowsOf('type:hidden')).toEqual([1, 2]);
    expect(rowsOf('type:whiteout')).toEqual([1]);
    expect(rowsOf('layer:1')).toEqual([2, 3]);
    expect(rowsOf('layer:>1')).toEqual([0, 1]);
    expect(filterEntries('layer:x', { image, statusOf: () => undefined }).fault?.message).toContain('not a number');
  });

  it('is, with what shows, every entry of every layer once', () => {
    const random = new Random(4);
    for (let run = 0; run < 200; run += 1) {
      const layers = Array.from({ length: 2 + random.int(3) }, () => randomTree(random, 0));
      const stack = reveal(...layers);
      const { table, layers: images } = stack;
      const merged = new Set<string>();
      const seen: string[] = [];
      for (let row = 0; row < table.count; row += 1) {
        const part = stack.partOf(row);
        seen.push(`${part.layer}:${part.row}`);
        expect(pathOf(table, row)).toBe(pathOf(images[part.layer]?.table ?? table, part.row));
        for (const { layer, row: below, how } of stack.below(row))
          if (how === 'merged') merged.add(`${layer}:${below}`);
        const parent = table.parent[row] ?? 0;
        expect(row === 0 || (parent < row && (table.end[row] ?? 0) <= (table.end[parent] ?? 0))).toBe(true);
      }
      const all = images.flatMap((image, layer) =>
        Array.from({ length: image.table.count }, (_, row) => `${layer}:${row}`),
      );
      expect(seen.toSorted()).toEqual(all.filter((key) => !merged.has(key)).toSorted());
    }
  });
});

function randomTree(random: Random, depth: number): Node {
  const entries: Record<string, Node> = {};
  for (const name of ['a', 'b', 'c', 'd']) {
    const what = random.int(6);
    if (what === 0) entries[name] = whiteout();
    else if (what === 1) entries[name] = file();
    else if (what < 5 && depth < 3) entries[name] = randomTree(random, depth + 1);
  }
  return dir(entries, depth > 0 && random.int(5) === 0 ? opaque : {});
}
