import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { randomBytes, type Random } from '../../../../shared/testing/random.ts';
import { setXattr } from '../../layers/testing/random-layers.ts';

/** Directories on disk with everything that one can hold. For root, on a file system that takes all attributes. */

const SIZES = [0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000, 262_144, 262_145, 1_500_000];
const S_IFSOCK = 0o140000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFIFO = 0o010000;

type MakeNode = (path: Uint8Array, mode: number, device: number) => number;
let makeNodeCall: MakeNode | undefined;

function makeNode(path: Uint8Array, mode: number, major = 0, minor = 0): void {
  if (makeNodeCall === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    makeNodeCall = koffi.load(null).func('int mknod(void *path, unsigned int mode, uint64_t device)') as MakeNode;
  }
  const device = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  if (makeNodeCall(Buffer.concat([path, Buffer.of(0)]), mode, device) !== 0) throw new Error('mknod failed');
}

/** An ACL as the kernel stores it: owner, a user, group, mask, others. */
function acl(random: Random): Uint8Array {
  const entries = [
    [1, 7, 0xffffffff],
    [2, random.int(8), 1000 + random.int(3)],
    [4, 5, 0xffffffff],
    [0x10, 7, 0xffffffff],
    [0x20, random.int(6), 0xffffffff],
  ] as const;
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2, 0);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + index * 8);
    bytes.writeUInt16LE(permissions, 6 + index * 8);
    bytes.writeUInt32LE(id, 8 + index * 8);
  }
  return bytes;
}

const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');

/** Fills `folder`. */
export function makeRealTree(folder: string, random: Random): void {
  const files: Buffer[] = [];
  let made = 0;
  const attributes = (path: Buffer, kind: 'file' | 'directory' | 'symlink' | 'other'): void => {
    const set = (name: string, value: Uint8Array): void => setXattr(path, name, value);
    const uid = random.pick([0, 0, 1000, 65_536, 4_000_000]);
    lchownSync(path, uid, random.pick([0, 0, 100, 70_000]));
    if (kind !== 'symlink') chmodSync(path, random.pick([0o755, 0o644, 0o600, 0o4711, 0o2755, 0o1777, 0]));
    if (random.chance(0.15)) set('trusted.note', Buffer.from(`note ${random.int(5)}`));
    if (random.chance(0.15)) set('security.selinux', Buffer.from(`system_u:object_r:t${random.int(4)}_t:s0\0`));
    if (kind === 'file' || kind === 'directory') {
      if (random.chance(0.2)) set('user.mark', randomBytes(random.int(1000), random.int(40)));
      if (random.chance(0.1)) set('system.posix_acl_access', acl(random));
      if (random.chance(0.05)) set('trusted.overlay.overlay.escaped', Buffer.from('e'));
    }
    if (kind === 'file' && random.chance(0.1)) set('security.capability', capability);
    if (kind === 'directory' && random.chance(0.1)) set('system.posix_acl_default', acl(random));
    if (kind === 'directory' && random.chance(0.1)) set('trusted.overlay.opaque', Buffer.from('y'));
    const seconds = random.int(2_000_000_000) - 100_000_000 + random.int(1000) / 1000;
    lutimesSync(path, seconds, seconds);
  };
  const nameOf = (): Buffer => {
    made += 1;
    const plain = Buffer.from(`${random.pick(['a', 'file', 'lib.so', '.hidden', '00', 'ff', 'ünï', 'a b'])}-${made}`);
    if (random.chance(0.05)) return Buffer.concat([plain, Buffer.of(0xff, 0xfe)]);
    if (random.chance(0.03)) return Buffer.concat([plain, Buffer.from('\n\t\\')]);
    if (random.chance(0.03)) return Buffer.concat([plain, Buffer.alloc(255 - plain.length, 'x')]);
    return plain;
  };
  const fill = (at: Buffer, depth: number): void => {
    for (let left = random.int(14); left > 0; left -= 1) {
      const path = Buffer.concat([at, Buffer.from('/'), nameOf()]);
      const kind = random.int(100);
      if (kind < 22 && depth < 4) {
        mkdirSync(path);
        fill(path, depth + 1);
        attributes(path, 'directory');
      } else if (kind < 68) {
        // few seeds: some files have the same content
        writeFileSync(path, randomBytes(random.int(6), random.pick(SIZES)));
        attributes(path, 'file');
        files.push(path);
      } else if (kind < 72) {
        const fd = openSync(path, 'w');
        ftruncateSync(fd, 600_000);
        writeSync(fd, 'in the middle of a hole', 300_000);
        closeSync(fd);
        attributes(path, 'file');
      } else if (kind < 80 && files.length > 0) {
        linkSync(random.pick(files), path);
      } else if (kind < 90) {
        symlinkSync('t/'.repeat(1 + random.int(random.chance(0.1) ? 1000 : 20)), path);
        attributes(path, 'symlink');
      } else {
        const [type, major, minor] = random.pick([
          [S_IFCHR, 0, 0],
          [S_IFCHR, 1, 3],
          [S_IFBLK, 259, 70_000],
          [S_IFIFO, 0, 0],
          [S_IFSOCK, 0, 0],
        ] as const);
        makeNode(path, type | 0o644, major, minor);
      }
    }
  };
  fill(Buffer.from(folder), 0);
  attributes(Buffer.from(folder), 'directory');
}
