import type { Random } from '../../../../testing/random.ts';
import {
  backed,
  block,
  char,
  dir,
  file,
  socket,
  symlink,
  type Node,
  type NodeAttributes,
} from '../../../../testing/table-of.ts';
import { everyNode } from './pairs.ts';

/** Trees as systems have them: enough of everything for a cause to show, and nothing that looks like one by itself. */

type Named = readonly [name: string, node: Node];

const NAMES = ['bin', 'lib', 'share', 'doc', 'man', 'ssl', 'conf', 'x', 'data', 'README', 'zoneinfo', 'Europe', 'café'];
/** 2020-09-13; within two years of it everything was made. */
const FIRST = 1_600_000_000;
const TWO_YEARS = 63_000_000;

export const labelOf = (type: string): Readonly<Record<string, string>> => ({
  'security.selinux': `system_u:object_r:${type}:s0\\x00`,
});

export function randomSystem(random: Random): Node {
  return new System(random).root();
}

class System {
  readonly #random: Random;
  readonly #isLabelled: boolean;
  readonly #owners: readonly number[];
  readonly #links: Node[] = [];
  #serial = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#isLabelled = random.chance(0.7);
    this.#owners = random.pick([[0], [0, 0, 0, 5, 33, 1000]]);
  }

  root(): Node {
    const random = this.#random;
    const some = (chance: number, ...children: readonly Named[]): readonly Named[] =>
      random.chance(chance) ? children : [];
    const kernel: Named = ['vmlinuz', backed(this.#next(), 9000, this.#attributes('/boot/vmlinuz'))];
    const devices: readonly Named[] = [
      ['null', char(0x103, this.#attributes('/dev/null'))],
      ['sda', block(0x800, this.#attributes('/dev/sda'))],
    ];
    const root = dir(
      [
        ['boot', this.#folder('/boot', some(0.7, kernel))],
        ['dev', this.#folder('/dev', some(0.7, ...devices))],
        [
          'etc',
          this.#folder('/etc', [
            ['hosts', file({ ...this.#attributes('/etc/hosts'), content: 'localhost' })],
            ['group', file({ ...this.#attributes('/etc/group'), content: 'root' })],
            ...this.#children('/etc', 1),
          ]),
        ],
        ['run', this.#folder('/run', some(0.6, ['lock', this.#folder('/run/lock', [])]))],
        [
          'usr',
          this.#folder(
            '/usr',
            ['bin', 'lib', 'share'].map((name) => [name, this.#directory(`/usr/${name}`, 1)]),
          ),
        ],
        ['var', this.#folder('/var', some(0.5, ['socket', socket(this.#attributes('/var/socket'))]))],
      ],
      this.#attributes('/'),
    );
    return withLinkCounts(root);
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #attributes(path: string): NodeAttributes {
    const random = this.#random;
    const owner = random.pick(this.#owners);
    const folder = path.split('/')[1] ?? '';
    const xattrs = {
      ...(this.#isLabelled ? labelOf(folder === 'usr' || folder === 'etc' ? `${folder}_t` : 'default_t') : {}),
      ...(random.chance(0.1) ? { 'user.note': String(random.int(5)) } : {}),
      ...(random.chance(0.05) ? { 'trusted.note': 'y' } : {}),
      ...(random.chance(0.05) ? { 'system.posix_acl_access': '\\x02\\x00\\x00\\x00' } : {}),
    };
    return {
      mtime: FIRST + random.int(TWO_YEARS),
      nsec: random.chance(0.9) ? random.int(1_000_000_000) : 0,
      uid: owner,
      gid: owner,
      ...(Object.keys(xattrs).length === 0 ? {} : { xattrs }),
    };
  }

  #folder(path: string, children: readonly Named[]): Node {
    return dir(children, this.#attributes(path));
  }

  #directory(path: string, depth: number): Node {
    return this.#folder(path, this.#children(path, depth));
  }

  #children(path: string, depth: number): readonly Named[] {
    const random = this.#random;
    const children = new Map<string, Node>();
    for (let left = random.int(8) + (depth < 2 ? 3 : 0); left > 0; left -= 1) {
      // no two that differ in case alone
      const name = `${random.pick(NAMES)}${this.#next()}`;
      const at = `${path}/${name}`;
      const isFolder = depth < 4 && random.chance(0.35);
      children.set(name, isFolder ? this.#directory(at, depth + 1) : this.#leaf(at));
    }
    return [...children];
  }

  #leaf(path: string): Node {
    const random = this.#random;
    const attributes = this.#attributes(path);
    if (this.#links.length > 0 && random.chance(0.1)) return random.pick(this.#links);
    const kind = random.int(10);
    if (kind < 2) return symlink(random.pick(['../x', '/usr/bin/a', 'b']), attributes);
    if (kind < 4) return file({ ...attributes, content: `${random.pick(['hello', 'conf=1'])} ${this.#next()}` });
    if (kind < 5) return file(attributes);
    const mode = random.pick([0o644, 0o755, 0o4755]);
    const node = backed(this.#next(), 65 + random.int(1_000_000), { ...attributes, mode });
    if (!random.chance(0.2)) return node;
    const linked = { ...node, inode: this.#next() };
    this.#links.push(linked);
    return linked;
  }
}

/** The link counts that follow from the names. */
function withLinkCounts(root: Node): Node {
  const sums = new Map<number, number>();
  everyNode(root, (node) => {
    if (node.inode !== undefined) sums.set(node.inode, (sums.get(node.inode) ?? 0) + 1);
    return node;
  });
  return everyNode(root, (node) => (node.inode === undefined ? node : { ...node, nlink: sums.get(node.inode) ?? 1 }));
}
