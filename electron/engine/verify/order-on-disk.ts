import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gateOf } from '../stores/io-gate.ts';
import type { Targets, Waiting } from './targets.ts';

/** Disks of virtual machines say that they turn, for want of knowing better; nobody knows what is below them. */
const VIRTUAL = /\/(?:vd|xvd|nbd|rbd|loop|zram)[^/]*(?:\/[^/]*)?$/;
/** Look-ups under way. */
const UNDER_WAY = 64;

/**
 * The order in which to read files. Where one of the stores is on a disk that turns, by inode number: file systems put
 * what was created together close together, so that the head goes one way. Elsewhere as they come.
 *
 * @throws the signal's reason
 */
export async function orderOnDisk<Verdict>(
  targets: Targets<Verdict>,
  roots: readonly string[],
  signal: AbortSignal | undefined,
  turns: (root: string) => Promise<boolean> = isOnTurningDisk,
): Promise<readonly Waiting[]> {
  const order: Waiting[] = Array.from({ length: targets.count }, (_, target) => ({ target, root: undefined }));
  const [root] = roots;
  if (root === undefined || !(await turns(root))) return order;
  const inodes = new Float64Array(targets.count).fill(Number.POSITIVE_INFINITY);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let target = next++; target < targets.count; target = next++) {
      signal?.throwIfAborted();
      const path = targets.path(target);
      if ('errno' in path) continue;
      inodes[target] = await inodeOf(root, path.path);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
  return order.toSorted((a, b) => (inodes[a.target] ?? 0) - (inodes[b.target] ?? 0) || a.target - b.target);
}

/** What cannot be looked at comes last: it is told when it is its turn. */
async function inodeOf(root: string, path: string): Promise<number> {
  try {
    return await gateOf(root).run<number>((done) => {
      lstat(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')])).then(
        ({ ino }) => done(null, ino),
        (error: unknown) => done(error as Error, 0),
      );
    });
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether a folder is on a disk that says of itself that it turns; false where nothing can be told. */
async function isOnTurningDisk(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    const { dev } = await stat(folder);
    // Linux's encoding of st_dev (glibc gnu_dev_major)
    const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
    const device = await realpath(`/sys/dev/block/${major}:${minor}`);
    if (VIRTUAL.test(device)) return false;
    for (const queue of [join(device, 'queue'), join(device, '..', 'queue')]) {
      const text = await readFile(join(queue, 'rotational'), 'latin1').catch(() => undefined);
      if (text !== undefined) return text.trim() === '1';
    }
    return false;
  } catch {
    return false; // btrfs, NFS, tmpfs: no block device of that number
  }
}
