import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aloneWithMounts } from '../../kernel/testing/alone-with-mounts.ts';
import { Random } from '../../../shared/testing/random.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { symlinkTarget } from '../../../shared/tree/symlink.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { displayBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { readDirectory } from './read-directory.ts';
import { makeLayer } from './testing/random-layers.ts';
import { readXattrs } from './xattr-calls.ts';

aloneWithMounts();

/** What the kernel's own overlayfs shows of the same layers is right; ours must be that, entry by entry. */

/** An entry as text: type and permissions, owner, time, device, target, bytes, attributes; or the errno of a look at it. */
type Seen = Map<string, string>;

interface Tree {
  readonly entries: Seen;
  /** Paths that share an inode, joined. */
  readonly links: readonly string[];
}

const groupsOf = (byInode: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...byInode.values()]
    .filter(({ length }) => length > 1)
    .map((paths) => paths.toSorted().join(' '))
    .toSorted();

const xattrText = (xattrs: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[]): string =>
  xattrs
    .map(({ name, value }) => `${displayBytes(name)}=${hexOfBytes(value)}`)
    .toSorted()
    .join(' ');

function bytesAt(path: string): string {
  // not to wait for a writer where a FIFO lies in place of the data
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(4096);
    return hexOfBytes(buffer.subarray(0, readSync(fd, buffer, 0, 4096, 0)));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What the kernel shows: all that it lists, and all of ours that it does not list, asked for by name. */
class Mount implements Tree {
  readonly entries: Seen = new Map();
  readonly #byInode = new Map<string, string[]>();
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.#visit('/');
  }

  get links(): readonly string[] {
    return groupsOf(this.#byInode);
  }

  /** A directory's listing leaves out what cannot be looked up, and at times fails for the sake of it. */
  look(path: string): boolean {
    const at = this.#root + path;
    try {
      const stats = lstatSync(at, { bigint: true });
      const type = Number(stats.mode) & S_IFMT;
      const parts = [stats.mode.toString(8), `${stats.uid}:${stats.gid}`, String(stats.mtimeNs)];
      if (type !== S_IFDIR) {
        parts.push(String(stats.size), String(stats.rdev));
        const key = `${stats.dev}:${stats.ino}`;
        this.#byInode.set(key, [...(this.#byInode.get(key) ?? []), path]);
      }
      if (type === S_IFLNK) parts.push(readlinkSync(at));
      if (type === S_IFREG) parts.push(bytesAt(at));
      parts.push(xattrText(readXattrs(Buffer.from(at))));
      this.entries.set(path, parts.join(' '));
      return type === S_IFDIR;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === '') throw error;
      // a whiteout in a directory that one layer alone has is listed, and is not there
      if (code !== 'ENOENT') this.entries.set(path, code);
      return false;
    }
  }

  #visit(path: string): void {
    if (!this.look(path)) return;
    let names: readonly string[] = [];
    try {
      names = readdirSync(this.#root + path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
    for (const name of names) this.#visit(path === '/' ? `/${name}` : `${path}/${name}`);
  }
}

function walkStack(stack: StackImage, folders: readonly string[]): Tree {
  const entries: Seen = new Map();
  const byInode = new Map<string, string[]>();
  const { table, merged } = stack;
  const onDisk = (entry: number, part: { readonly layer: number; readonly row: number }): string => {
    const image = stack.layers[part.layer];
    if (image === undefined) throw new Error(`no layer for entry ${entry}`);
    return join(folders[part.layer] ?? '', pathOf(image.table, part.row));
  };
  for (let entry = 0; entry < table.count; entry += 1) {
    const path = pathOf(table, entry);
    const fault = merged.faults.get(entry);
    if (fault !== undefined) {
      entries.set(path, fault.errno);
      continue;
    }
    const mode = table.mode[entry] ?? 0;
    const type = mode & S_IFMT;
    const time = stack.mtimeSeconds(entry) * 1_000_000_000n + BigInt(table.mtimeNsec[entry] ?? 0);
    const parts = [mode.toString(8), `${table.uid[entry]}:${table.gid[entry]}`, String(time)];
    if (type !== S_IFDIR) {
      // the device as libc has it: of numbers that are small enough it is the kernel's
      parts.push(String(table.size[entry]), String(table.rdev[entry]));
      const key = String(table.inode[entry]);
      byInode.set(key, [...(byInode.get(key) ?? []), path]);
    }
    if (type === S_IFLNK) parts.push(Buffer.from(symlinkTarget(stack, entry) ?? []).toString());
    if (type === S_IFREG) parts.push(bytesAt(onDisk(entry, stack.dataOf(entry))));
    parts.push(xattrText(stack.xattrs(entry)));
    entries.set(path, parts.join(' '));
  }
  return { entries, links: groupsOf(byInode) };
}

const mount = (options: string, at: string): string | undefined => {
  const { status, stderr } = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', options, at], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr;
};

/** Whether this machine lets us mount, and its kernel knows what is tried here. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'composcope-overlay-'));
  try {
    for (const name of ['tmpfs', 'at']) mkdirSync(join(folder, name));
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', join(folder, 'tmpfs')]).status !== 0) return false;
    for (const name of ['a', 'b']) mkdirSync(join(folder, 'tmpfs', name));
    const lower = `${join(folder, 'tmpfs', 'a')}:${join(folder, 'tmpfs', 'b')}`;
    const failed = mount(`ro,lowerdir=${lower},redirect_dir=follow,metacopy=on`, join(folder, 'at')) !== undefined;
    if (!failed) spawnSync('umount', [join(folder, 'at')]);
    // opaque=x came with Linux 6.8
    const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number);
    return !failed && (major > 6 || (major === 6 && minor >= 8));
  } finally {
    spawnSync('umount', [join(folder, 'tmpfs')]);
    rmSync(folder, { recursive: true, force: true });
  }
}

const SEEDS = Number(process.env['COMPOSCOPE_MERGE_SEEDS'] ?? 400);
/** Cases of one test: each takes some 30 ms. */
const AT_ONCE = 25;

describe.skipIf(!canMount())('layers merged as the kernel merges them', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'composcope-merge-'));
    // a tmpfs takes trusted and user attributes, and is fast
    expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
  });
  afterAll(() => {
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  const check = async (seed: number): Promise<void> => {
    const random = new Random(seed);
    const family = random.int(5) === 0 ? 'user' : 'trusted';
    const base = join(folder, String(seed));
    const at = join(base, 'mount');
    mkdirSync(at, { recursive: true });
    const folders = Array.from({ length: 2 + random.int(3) }, (_, layer) => join(base, `layer${layer + 1}`));
    for (const layer of folders) {
      mkdirSync(layer);
      makeLayer(layer, random, { family });
    }
    const lower = folders.toReversed().join(':');
    // with userxattr the kernel follows neither
    const follow = family === 'user' ? 'userxattr' : 'redirect_dir=follow,metacopy=on';
    expect(mount(`ro,xino=on,lowerdir=${lower},${follow}`, at)).toBeUndefined();
    try {
      const kernel = new Mount(at);
      const ours = walkStack(
        new StackImage(await Promise.all(folders.map((layer) => readDirectory(layer))), { family }),
        folders,
      );
      for (const path of ours.entries.keys()) if (!kernel.entries.has(path)) kernel.look(path);
      const seedText = `seed ${seed}`;
      expect([seedText, ...[...ours.entries].map(String).toSorted()]).toEqual([
        seedText,
        ...[...kernel.entries].map(String).toSorted(),
      ]);
      expect([seedText, ...ours.links]).toEqual([seedText, ...kernel.links]);
    } finally {
      spawnSync('umount', [at]);
    }
  };

  for (let from = 0; from < SEEDS; from += AT_ONCE) {
    it(`seeds ${from} to ${from + AT_ONCE - 1}`, async () => {
      for (let seed = from; seed < from + AT_ONCE; seed += 1) await check(seed);
    });
  }
});
