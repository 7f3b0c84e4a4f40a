import type { Random } from '../../../../testing/random.ts';
import { backed, char, dir, file, type Node } from '../../../../testing/table-of.ts';
import { VerityDigester } from '../../../../verity/fs-verity.ts';
import { portableHash } from '../../../../verity/portable-hash.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG, S_IFSOCK } from '../../../table.ts';
import { bytesOfText, hexOfBytes } from '../../../text.ts';
import { everyNode, nodeAt, without, withXattrs } from './pairs.ts';
import { labelOf } from './random-system.ts';

/** A cause of digest-divergence.md, as it comes about. */
export interface KnownCause {
  /** What the explainer names. */
  readonly id: string;
  /** What of a tree it touches; two that touch the same hide each other. */
  readonly touches:
    'times' | 'owners' | 'xattrs' | 'objects' | 'permissions' | 'names' | 'devices' | 'links' | 'folders' | 'files';
  readonly make: (root: Node, random: Random) => Node;
}

/** Later than all that `randomSystem` makes. */
const NOW = 1_700_000_000;
const BILLION = 1_000_000_000;

const isDevice = ({ type }: Node): boolean => type === S_IFCHR || type === S_IFBLK;
const isSmall = ({ type, content = '' }: Node): boolean => type === S_IFREG && content !== '';
const usrOf = (root: Node): Node => root.children?.find(([name]) => name === 'usr')?.[1] ?? root;

function digestOf(content: string): string {
  const digester = new VerityDigester({ algorithm: 'sha256', hash: portableHash('sha256') });
  digester.update(bytesOfText(content));
  return hexOfBytes(digester.digest());
}

const policies: readonly ((name: string) => boolean)[] = [
  () => false,
  (name) => name === 'security.capability',
  (name) => name.startsWith('user.'),
  (name) => name !== 'security.selinux',
  (name) => !name.startsWith('trusted.'),
];

/** `children` of `/boot` and the like dropped, with the time of `/usr`. */
const emptied = (root: Node, paths: readonly string[]): Node => {
  const { mtime = 0, nsec = 0 } = usrOf(root);
  return everyNode(root, (node, path) => (paths.includes(path) ? { ...node, children: [], mtime, nsec } : node));
};

/** Each name of a directory made another one. */
const renamed = (root: Node, nameOf: (name: string, node: Node) => string): Node =>
  everyNode(root, (node) =>
    node.type === S_IFDIR
      ? dir(
          (node.children ?? []).map(([name, child]) => [nameOf(name, child), child]),
          node,
        )
      : node,
  );

export const knownCauses: readonly KnownCause[] = [
  {
    id: 'D03',
    touches: 'times',
    make: (root, random) => {
      const isZero = random.chance(0.3);
      return everyNode(root, (node, path) => {
        const isImplicit = (node.children ?? []).length > 0 && path.split('/').length > 2 && random.chance(0.5);
        if (!isImplicit) return node;
        return isZero
          ? { ...node, mtime: 0, nsec: 0 }
          : { ...node, mtime: NOW + random.int(60), nsec: random.int(BILLION) };
      });
    },
  },
  {
    id: 'D05',
    touches: 'times',
    make: (root, random) => {
      const isRounded = random.chance(0.5);
      return everyNode(root, ({ mtime = 0, nsec = 0, ...node }) => ({
        ...node,
        mtime: isRounded && nsec >= BILLION / 2 ? mtime + 1 : mtime,
        nsec: 0,
      }));
    },
  },
  {
    id: 'D35',
    touches: 'times',
    make: (root, random) => {
      const mtime = random.pick([0, 1, 1_650_000_000]);
      return everyNode(root, (node) => ({ ...node, mtime, nsec: 0 }));
    },
  },
  {
    id: 'D35',
    touches: 'times',
    make: (root, random) => {
      const clamp = 1_600_000_000 + random.int(40_000_000);
      return everyNode(root, (node) => ((node.mtime ?? 0) < clamp ? node : { ...node, mtime: clamp, nsec: 0 }));
    },
  },
  {
    id: 'D20',
    touches: 'owners',
    make: (root, random) => {
      const isShift = random.chance(0.5);
      const mapped = (id = 0): number => (isShift ? id + 100_000 : id === 0 ? 1000 : 99_999 + id);
      return everyNode(root, (node) => ({ ...node, uid: mapped(node.uid), gid: mapped(node.gid) }));
    },
  },
  { id: 'D04', touches: 'xattrs', make: (root, random) => withXattrs(root, random.pick(policies)) },
  { id: 'D34', touches: 'xattrs', make: (root) => withXattrs(root, (name) => !name.startsWith('system.posix_acl_')) },
  {
    id: 'D34',
    touches: 'xattrs',
    make: (root, random) =>
      everyNode(root, (node) =>
        node.type === S_IFDIR && random.chance(0.2)
          ? { ...node, xattrs: { ...node.xattrs, 'trusted.overlay.origin': 'abc' } }
          : node,
      ),
  },
  {
    id: 'D08',
    touches: 'xattrs',
    make: (root) => {
      const inodes = new Set<number>();
      const isMeant = (node: Node, path: string): boolean =>
        node.xattrs?.['security.selinux'] !== undefined &&
        (path.startsWith('/usr/lib') || inodes.has(node.inode ?? -1));
      everyNode(root, (node, path) => {
        if (isMeant(node, path) && node.inode !== undefined) inodes.add(node.inode);
        return node;
      });
      return everyNode(root, (node, path) =>
        isMeant(node, path) ? { ...node, xattrs: { ...node.xattrs, ...labelOf('lib_t') } } : node,
      );
    },
  },
  {
    id: 'D10',
    touches: 'objects',
    make: (root) =>
      everyNode(root, (node) =>
        node.digest === undefined
          ? node
          : {
              ...node,
              digest: node.digest.repeat(2),
              redirect: `${node.digest.slice(0, 2)}/${node.digest.slice(2)}${node.digest}`,
            },
      ),
  },
  {
    id: 'D16',
    touches: 'objects',
    make: (root) =>
      everyNode(root, (node) => {
        if (!isSmall(node)) return node;
        const { content = '', ...rest } = node;
        const digest = digestOf(content);
        return { ...rest, size: content.length, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}` };
      }),
  },
  { id: 'D18', touches: 'objects', make: (root) => everyNode(root, (node) => without(node, 'digest')) },
  {
    id: 'D25',
    touches: 'objects',
    make: (root, random) => {
      const front = random.pick(['objects/', '/', './']);
      return everyNode(root, (node) =>
        node.redirect === undefined ? node : { ...node, redirect: `${front}${node.redirect}` },
      );
    },
  },
  {
    id: 'D21',
    touches: 'permissions',
    make: (root, random) => {
      const mode = random.pick([0o755, 0o644]);
      return everyNode(root, (node) => (node.type === S_IFLNK ? { ...node, mode } : node));
    },
  },
  {
    id: 'D23',
    touches: 'names',
    make: (root, random) =>
      everyNode(root, (node, path) =>
        node.type === S_IFDIR && path.startsWith('/usr') && random.chance(0.3)
          ? dir([...(node.children ?? []), [random.pick(['.wh..wh..opq', '.wh.gone']), file({ mtime: 1 })]], node)
          : node,
      ),
  },
  {
    id: 'D36',
    touches: 'names',
    make: (root) =>
      renamed(root, (name, { type }) => (type === S_IFREG && name.startsWith('share') ? `${name}\\x00` : name)),
  },
  {
    id: 'D41',
    touches: 'names',
    make: (root, random) => {
      const isCase = random.chance(0.5);
      return renamed(root, (name) => (isCase ? name.toLowerCase() : name.normalize('NFD')));
    },
  },
  { id: 'D29', touches: 'devices', make: (root) => everyNode(root, (node) => (isDevice(node) ? undefined : node)) },
  {
    id: 'D36',
    touches: 'devices',
    make: (root) => everyNode(root, (node) => (node.type === S_IFSOCK ? undefined : node)),
  },
  {
    id: 'D40',
    touches: 'devices',
    make: (root, random) => {
      const isWhiteout = random.chance(0.5);
      return everyNode(root, (node) => {
        if (!isDevice(node)) return node;
        const { type: _type, rdev: _rdev, ...rest } = node;
        return isWhiteout ? char(0, rest) : file(rest);
      });
    },
  },
  { id: 'D12', touches: 'links', make: (root) => everyNode(root, (node) => without(node, 'inode', 'nlink')) },
  {
    id: 'D24',
    touches: 'links',
    make: (root) => everyNode(root, (node) => ((node.nlink ?? 1) > 1 ? { ...node, nlink: 1 } : node)),
  },
  { id: 'D07', touches: 'folders', make: (root) => emptied(root, ['/boot', '/sysroot']) },
  { id: 'D11', touches: 'folders', make: (root) => emptied(root, ['/run']) },
  {
    id: 'D22',
    touches: 'files',
    make: (root, random) => {
      const hosts = nodeAt(root, '/etc/hosts', (node) => ({ ...node, content: '127.0.0.1', mtime: NOW }));
      if (random.chance(0.5)) return hosts;
      return nodeAt(hosts, '/etc', (node) =>
        dir([...(node.children ?? []), ['resolv.conf', file({ mtime: NOW })]], { ...node, mtime: NOW }),
      );
    },
  },
  {
    // really another one
    id: 'unexplained',
    touches: 'files',
    make: (root, random) => {
      let left = 1 + random.int(4);
      return everyNode(root, (node, path) => {
        const isMeant = left > 0 && node.digest !== undefined && node.inode === undefined && random.chance(0.2);
        if (!isMeant) return node;
        left -= 1;
        return { ...node, ...backed(900_000 + path.length * 100 + left, (node.size ?? 0) + 1), mtime: NOW };
      });
    },
  },
];
