import { describe, expect, it } from 'vitest';
import type { TreemapNode } from '../contract/values.ts';
import { Random } from '../testing/random.ts';
import { randomTree } from '../testing/random-tree.ts';
import { backed, char, dir, file, imageOf, symlink } from '../testing/table-of.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import { Flag, type Table } from './table.ts';
import { StackImage } from './merge/stack-image.ts';
import { treemapOf } from './treemap.ts';

/** `name bytes entries`, two spaces a level. */
function outline(node: TreemapNode, indent = ''): string[] {
  const line = `${indent}${node.entry === undefined ? '…' : node.name} ${node.bytes} ${node.entries}`;
  return [line, ...(node.children ?? []).flatMap((child) => outline(child, `${indent}  `))];
}

/** `name: layer bytes, …` */
const layerLines = (node: TreemapNode): string[] => [
  `${node.name}: ${(node.layers ?? []).map(({ layer, bytes }) => `${layer} ${bytes}`).join(', ')}`,
  ...(node.children ?? []).flatMap(layerLines),
];

const image = imageOf(
  dir({
    '00': char(0),
    big: backed(1, 1000),
    empty: file(),
    link: symlink('big'),
    usr: dir({
      bin: dir({ a: file({ size: 30 }), b: file({ size: 50 }) }),
      lib: dir({ so: backed(2, 400) }),
      none: dir(),
    }),
  }),
);

describe('treemapOf', () => {
  it('sums the sizes of files over their directories, the largest first', () => {
    expect(outline(treemapOf(image, 0, 4, 100))).toEqual([
      '/ 1480 11',
      '  big 1000 1',
      '  usr 480 7',
      '    lib 400 2',
      '      so 400 1',
      '    bin 80 3',
      '      b 50 1',
      '      a 30 1',
    ]);
  });

  it('says of a stack from which layers the bytes are, those that have no node too', () => {
    const lower = dir({
      usr: dir({ a: file({ size: 30 }), b: file({ size: 50 }) }),
      var: dir({ c: file({ size: 7 }) }),
    });
    const upper = dir({ usr: dir({ b: file({ size: 60 }), d: file({ size: 5 }) }) });
    const stack = new StackImage([lower, upper].map((root) => imageOf(root, { kind: 'erofs' })));
    expect(layerLines(treemapOf(stack, 0, 1, 100))).toEqual(['/: 2 65, 1 37', 'usr: 2 65, 1 30', 'var: 1 7']);
    expect(layerLines(treemapOf(stack, 0, 2, 5))).toEqual([
      '/: 2 65, 1 37',
      'usr: 2 65, 1 30',
      'b: 2 60',
      'others: 1 30, 2 5',
      'var: 1 7',
    ]);
    expect(treemapOf(image, 0, 1, 100).layers).toBeUndefined();
  });

  it('counts the bytes of a file that has only its attributes above for the layer that they are in', () => {
    const stack = new StackImage([
      imageOf(dir({ a: file({ size: 30, content: 'x'.repeat(30), flags: Flag.inline }) }), { kind: 'erofs' }),
      imageOf(dir({ a: file({ size: 30, xattrs: { 'trusted.overlay.metacopy': '' }, flags: Flag.xattrs }) }), {
        kind: 'erofs',
      }),
    ]);
    expect(stack.layerOf(1)).toBe(2);
    expect(treemapOf(stack, 0, 1, 100).children?.[0]?.layers).toEqual([{ layer: 1, bytes: 30 }]);
  });

  it('goes as deep as it is asked to', () => {
    expect(outline(treemapOf(image, 0, 1, 100))).toEqual(['/ 1480 11', '  big 1000 1', '  usr 480 7']);
    expect(treemapOf(image, 0, 1, 100).children?.[1]).toMatchObject({ kind: 'directory', children: undefined });
  });

  it('puts what is left out into one node, without an entry', () => {
    expect(outline(treemapOf(image, 0, 4, 3))).toEqual(['/ 1480 11', '  big 1000 1', '  … 480 9']);
    expect(outline(treemapOf(image, 5, 2, 5))).toEqual(['usr 480 7', '  lib 400 2', '    so 400 1', '  bin 80 3']);
  });

  it('begins anywhere, also at a file', () => {
    expect(outline(treemapOf(image, 2, 4, 100))).toEqual(['big 1000 1']);
  });

  it('counts a file once, whatever number of names it has below', () => {
    const linked = imageOf(
      dir({
        a: dir({ x: file({ inode: 1, size: 10 }) }),
        b: dir({ y: file({ inode: 1, size: 10 }), z: file({ inode: 1, size: 10 }) }),
      }),
    );
    expect(outline(treemapOf(linked, 0, 2, 100))).toEqual(['/ 10 6', '  a 10 2', '    x 10 1']);
    expect(outline(treemapOf(linked, 3, 2, 100))).toEqual(['b 10 3', '  y 10 1']);
  });

  it('adds up in any tree, with no more nodes than it may have', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const random = new Random(seed);
      const tree = randomTree(random, 150);
      const from = random.int(tree.table.count);
      const maxNodes = random.int(40) + 1;
      const root = treemapOf(tree, from, random.int(5) + 1, maxNodes);
      expect(root.bytes).toBe(naiveBytes(tree, from));
      let nodes = 0;
      const check = (node: TreemapNode): void => {
        nodes += 1;
        if (node.entry !== undefined) expect(node.entries).toBe(naiveEntries(tree.table, node.entry));
        if (node.children === undefined) return;
        expect(node.children.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(node.bytes);
        expect(node.children.every(({ bytes }) => bytes > 0)).toBe(true);
        node.children.forEach(check);
      };
      check(root);
      expect(nodes).toBeLessThanOrEqual(maxNodes);
    }
  });
});

function naiveBytes({ table }: Image, from: number): number {
  const seen = new Set<number>();
  let sum = 0;
  for (let row = from; row < (table.end[from] ?? 0); row += 1) {
    if (kindOf({ table }, row) !== 'file' || seen.has(table.inode[row] ?? 0)) continue;
    seen.add(table.inode[row] ?? 0);
    sum += table.size[row] ?? 0;
  }
  return sum;
}

function naiveEntries(table: Table, from: number): number {
  const rows = table.flags.subarray(from, table.end[from]);
  return rows.filter((flags) => (flags & Flag.stub) === 0).length;
}
