import type { Image } from '../tree/image.ts';
import { Flag } from '../tree/table.ts';
import type { Random } from './random.ts';
import {
  backed,
  block,
  broken,
  char,
  dir,
  fifo,
  file,
  imageOf,
  socket,
  symlink,
  type Node,
  type NodeAttributes,
} from './table-of.ts';

const words = ['lib', 'LIB', 'so', 'usr', 'bin', 'a', 'b', 'ssl', '.', '-', '\\xff', 'ä', ':', '*', '00', 'ff', ' '];

function randomName(random: Random): string {
  let name = '';
  for (let i = 0; i <= random.int(3); i += 1) name += random.pick(words);
  return name === '.' || name === '..' ? 'dot' : name;
}

/** Values from few, so that equal ones, and hits of a filter, are common. */
const randomAttributes = (random: Random): NodeAttributes => ({
  uid: random.pick([0, 0, 1000, 70_000]),
  gid: random.pick([0, 5, 1000]),
  mtime: random.pick([0, 1_700_000_000, 1_700_000_001, -5, 2 ** 40]),
  nsec: random.pick([0, 0, 5, 999_999_999]),
  mode: random.pick([0o644, 0o755, 0o4755, 0o2755, 0o1777, 0o600, 0]),
  nlink: random.pick([1, 1, 2, 3]),
});

function randomLeaf(random: Random): Node {
  const attributes = randomAttributes(random);
  const xattrs = random.chance(0.3)
    ? {
        xattrs: {
          'security.selinux': random.pick(['lib_t\\x00', 'bin_t\\x00']),
          ...(random.chance(0.3) ? { 'user.note': 'x=y' } : {}),
        },
      }
    : {};
  const all = { ...attributes, ...xattrs };
  switch (random.int(10)) {
    case 0:
      return symlink(random.pick(['../lib', '/usr/bin/a', 'a b']), all);
    case 1:
      return random.pick([char(0, all), char(0x103, all), block(0x701, all), fifo(all), socket(all)]);
    case 2:
      return file({ ...all, content: random.pick(['', 'x', 'hello world']) });
    case 3:
      return file({ ...all, size: random.int(3), digest: '5'.repeat(64) });
    case 4:
      return random.chance(0.3) ? broken() : file({ ...all, redirect: 'no/digest', size: 7, flags: Flag.broken });
    case 5:
      return file({ ...all, flags: Flag.escapedWhiteout });
    default:
      return backed(random.int(40), random.pick([0, 1, 1023, 1024, 5_000_000, 2 ** 33]), all);
  }
}

/** A tree of about `size` entries at most, with names that need escaping, and now and then unsorted or equal ones. */
export function randomTree(random: Random, size: number): Image {
  let left = size;
  const linked = Array.from({ length: 5 }, (_, inode): Node => ({ ...randomLeaf(random), inode }));
  const leaf = (): Node => (random.chance(0.2) ? random.pick(linked) : randomLeaf(random));
  const directory = (depth: number): Node => {
    const sorted = random.chance(0.9);
    const children: (readonly [string, Node])[] = [];
    const names = new Set<string>();
    for (let wanted = random.int(12); wanted > 0 && left > 0; wanted -= 1) {
      left -= 1;
      const name = randomName(random);
      if (names.has(name) && sorted) continue;
      names.add(name);
      children.push([name, depth < 6 && random.chance(0.4) ? directory(depth + 1) : leaf()]);
    }
    return dir(children, { ...randomAttributes(random), unsorted: !sorted });
  };
  return imageOf(directory(0));
}
