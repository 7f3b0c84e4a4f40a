import { backed, block, char, dir, file, imageOf, socket, symlink, type Node } from '../../../../testing/table-of.ts';
import type { CompareExplanation } from '../../../../contract/compare-values.ts';
import type { Image } from '../../../image.ts';
import { compareTrees } from '../../compare-trees.ts';
import { explainDiff } from '../explain-diff.ts';
import { finish } from '../../../../steps.ts';

const label = { 'security.selinux': 'system_u:object_r:usr_t:s0\\x00' };

/** A tree with something of everything. Times rise, and have nanoseconds in files. */
export const release: Node = dir(
  {
    boot: dir({ vmlinuz: backed(1, 9000, { mtime: 110, nsec: 7, xattrs: label }) }, { mtime: 120, xattrs: label }),
    dev: dir(
      { console: char(0x501, { mtime: 100, xattrs: label }), sda: block(0x800, { mtime: 100 }) },
      { mtime: 100 },
    ),
    etc: dir(
      {
        hosts: file({ content: 'localhost', mtime: 130, nsec: 1, xattrs: label }),
        motd: file({ content: 'welcome', mtime: 131, nsec: 2, xattrs: label, uid: 1, gid: 1 }),
      },
      { mtime: 140, xattrs: label },
    ),
    run: dir({ lock: dir({}, { mtime: 150 }) }, { mtime: 151 }),
    usr: dir(
      {
        bin: dir(
          {
            ls: backed(2, 5000, {
              mtime: 160,
              nsec: 3,
              inode: 1,
              nlink: 2,
              xattrs: { ...label, 'user.origin': 'rpm' },
            }),
            dir: backed(2, 5000, {
              mtime: 160,
              nsec: 3,
              inode: 1,
              nlink: 2,
              xattrs: { ...label, 'user.origin': 'rpm' },
            }),
            ping: backed(3, 6000, { mtime: 161, nsec: 4, xattrs: { ...label, 'security.capability': '1' } }),
            sh: symlink('bash', { mtime: 162, nsec: 5, xattrs: label }),
          },
          { mtime: 170, xattrs: label },
        ),
        lib: dir({ libc: backed(4, 7000, { mtime: 163, nsec: 6, xattrs: label }) }, { mtime: 171, xattrs: label }),
      },
      { mode: 0o555, mtime: 180, nsec: 9, xattrs: label },
    ),
    var: dir({ socket: socket({ mtime: 180 }) }, { mtime: 190, uid: 5, gid: 6 }),
  },
  { mtime: 200 },
);

/** The tree with every node as `change` makes it, children first; undefined: it is left out. */
export function everyNode(root: Node, change: (node: Node, path: string) => Node | undefined): Node {
  const visit = (node: Node, path: string): Node | undefined => {
    if (node.children === undefined) return change(node, path);
    const children = node.children.flatMap(([name, child]) => {
      const changed = visit(child, path === '/' ? `/${name}` : `${path}/${name}`);
      return changed === undefined ? [] : [[name, changed] as const];
    });
    return change({ ...node, children }, path);
  };
  return visit(root, '/') ?? root;
}

/** One node of the tree made another. */
export const nodeAt = (root: Node, path: string, change: (node: Node) => Node | undefined): Node =>
  everyNode(root, (node, at) => (at === path ? change(node) : node));

/** A node without some of its attributes. */
export const without = (node: Node, ...names: readonly (keyof Node)[]): Node => ({
  type: node.type,
  ...Object.fromEntries(Object.entries(node).filter(([name]) => !names.some((one) => one === name))),
});

/** The xattrs of every node that `keeps` keeps. */
export const withXattrs = (root: Node, keeps: (name: string) => boolean): Node =>
  everyNode(root, ({ xattrs, ...node }) => {
    const kept = Object.entries(xattrs ?? {}).filter(([name]) => keeps(name));
    return kept.length === 0 ? node : { ...node, xattrs: Object.fromEntries(kept) };
  });

export const explainTrees = (a: Node, b: Node): CompareExplanation => explainImages(imageOf(a), imageOf(b));
export const explainImages = (a: Image, b: Image): CompareExplanation =>
  finish(explainDiff(compareTrees(a, b), { ofFiles: false }));

const named = ({ causes }: CompareExplanation): readonly string[] => causes.map(({ id, count }) => `${id} ${count}`);

/** The ids of the causes that are named, from A to B, and what they count; the other way round they must be the same. */
export function causesOf(a: Node, b: Node): readonly string[] {
  const [there, back] = [named(explainTrees(a, b)), named(explainTrees(b, a))];
  if (there.join(', ') !== back.join(', ')) return ['there:', ...there, 'and back:', ...back];
  return there;
}
