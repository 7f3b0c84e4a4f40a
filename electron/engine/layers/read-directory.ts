import { lstatSync, opendirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import {
  nameKey,
  newInode,
  newNode,
  TreeImage,
  type TreeInode,
  type TreeNode,
} from '../../../shared/tree/tree-image.ts';
import { slices } from '../slices.ts';
import { errnoOf, StoreError } from '../stores/store-error.ts';
import { readXattrs } from './xattr-calls.ts';

export interface ReadDirectoryOptions {
  /** Entries that it may have, all in all. */
  readonly maxEntries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const MAX_ENTRIES = 20_000_000;
/** Entries after which others may have had to wait for long enough. */
const AT_ONCE = 64;

/**
 * A directory on disk as a layer: what overlayfs would see of it as a lower directory, its `trusted.` attributes too where
 * this process may read them. Contents of regular files stay where they are. Another file system mounted in it is not
 * entered.
 *
 * @throws the signal's reason; StoreError where it cannot be read, `EFBIG` where it has too many entries
 */
export async function readDirectory(
  path: string,
  { maxEntries = MAX_ENTRIES, signal }: ReadDirectoryOptions = {},
): Promise<TreeImage> {
  const breathe = slices();
  const links = new Map<string, TreeInode>();
  const top = Buffer.from(path);
  let device = 0n;
  let entries = 0;
  const waiting: { readonly node: TreeNode; readonly at: Buffer }[] = [];
  const look = (name: Uint8Array, at: Buffer): TreeNode => {
    entries += 1;
    if (entries > maxEntries)
      throw new StoreError(
        'EFBIG',
        path,
        `${path} has more than ${maxEntries} entries, which is the limit (--max-entries raises it)`,
      );
    const stats = lstatSync(at, { bigint: true });
    const isDirectory = (Number(stats.mode) & S_IFMT) === S_IFDIR;
    if (entries === 1) device = stats.dev;
    const key = `${stats.dev}:${stats.ino}`;
    const known = isDirectory || stats.nlink < 2n ? undefined : links.get(key);
    const inode = known ?? inodeOf(stats, at);
    if (!isDirectory && stats.nlink > 1n) links.set(key, inode);
    const node = newNode(name, inode);
    if (isDirectory && stats.dev === device) waiting.push({ node, at });
    return node;
  };
  try {
    const root = look(new Uint8Array(0), top);
    if ((root.inode.mode & S_IFMT) !== S_IFDIR) throw new StoreError('ENOTDIR', path, `${path} is no directory`);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      // names are bytes: the directory's own types know of strings alone
      const directory = opendirSync(next.at as unknown as string, { encoding: 'buffer' as unknown as BufferEncoding });
      try {
        for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
          if (entries % AT_ONCE === 0) {
            await breathe();
            signal?.throwIfAborted();
          }
          const name = entry.name as unknown as Buffer;
          next.node.children.set(nameKey(name), look(name, Buffer.concat([next.at, Buffer.of(0x2f), name])));
        }
      } finally {
        directory.closeSync();
      }
    }
    return new TreeImage({ kind: 'directory', root, facts: factsOf(entries) });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StoreError) throw error;
    const where = (error as NodeJS.ErrnoException).path;
    const file = typeof where === 'string' ? where : where === undefined ? path : displayBytes(where as Uint8Array);
    throw new StoreError(errnoOf(error), path, `${file} cannot be read: ${(error as Error).message}`, error);
  }
}

function factsOf(entries: number): { readonly label: string; readonly value: string }[] {
  const facts = [{ label: 'entries', value: String(entries) }];
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) facts.push({ label: 'xattrs', value: 'without those in trusted., which only root may read' });
  return facts;
}

function inodeOf(stats: BigIntStats, at: Buffer): TreeInode {
  const mode = Number(stats.mode);
  const type = mode & S_IFMT;
  const inode = newInode(mode);
  inode.uid = Number(stats.uid);
  inode.gid = Number(stats.gid);
  inode.size = type === S_IFREG || type === S_IFLNK ? Number(stats.size) : 0;
  const seconds = stats.mtimeNs / 1_000_000_000n - (stats.mtimeNs % 1_000_000_000n < 0n ? 1n : 0n);
  inode.mtime = Number(seconds);
  inode.mtimeNsec = Number(stats.mtimeNs - seconds * 1_000_000_000n);
  inode.rdev = kernelDevice(stats.rdev);
  inode.xattrs = readXattrs(at);
  if (type === S_IFLNK) inode.content = { kind: 'inline', bytes: readlinkSync(at, 'buffer') };
  if (type === S_IFREG && inode.size > 0) {
    inode.content = { kind: 'elsewhere', why: 'Its bytes lie in the directory, in no image and no object.' };
  }
  return inode;
}

/** From how libc has it (`makedev`, 64 bits) to how the kernel stores it (`new_encode_dev`, 32 bits). */
export function kernelDevice(device: bigint): number {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return Number(((minor & 0xffn) | (major << 8n) | ((minor & ~0xffn) << 12n)) & 0xffff_ffffn);
}
