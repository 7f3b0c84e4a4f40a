import { isUtf8 } from 'node:buffer';
import { accessSync, constants, readdirSync, readlinkSync } from 'node:fs';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import { newInode, newLeaf, newNode, type TreeInode, type TreeNode } from '../../../shared/tree/tree-image.ts';
import { mtimeMsOf, statPath, type FileStat } from '../../kernel/stat-calls.ts';
import { readXattrs } from '../layers/xattr-calls.ts';
import { slices } from '../slices.ts';
import { describeErrno, errnoOf, StoreError } from '../stores/store-error.ts';

/** What of a directory goes into an image, by the names that mkcomposefs has for it. */
export interface ScanOptions {
  /** All times are 0. */
  readonly useEpoch?: boolean | undefined;
  /** Block and character devices are left out, whiteouts among them. */
  readonly skipDevices?: boolean | undefined;
  readonly skipXattrs?: boolean | undefined;
  /** Only `user.` of the extended attributes. */
  readonly userXattrs?: boolean | undefined;
  /** Names of one file stay so. The reference makes each a file of its own. */
  readonly hardlinks?: boolean | undefined;
}

/** A regular file whose bytes are to be read. */
export interface ScannedFile {
  readonly inode: TreeInode;
  /** On disk, Latin-1. */
  readonly path: string;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What cannot be read. */
export interface ScanFault {
  /** On disk, for a person. */
  readonly path: string;
  readonly code: string;
  /** A clause. */
  readonly message: string;
}

export interface Scan {
  readonly root: TreeNode;
  /** All of them: the first 1,000 in full. */
  readonly faults: readonly ScanFault[];
  readonly faultCount: number;
  readonly counts: ScanCounts;
}

export interface ScanCounts {
  entries: number;
  files: number;
  /** Sum of the sizes of regular files. */
  bytes: number;
  directories: number;
  symlinks: number;
  devices: number;
  /** Devices that were left out. */
  skipped: number;
  /** FIFOs and sockets. */
  others: number;
  /** Names of files that have another name, too. */
  hardLinks: number;
  /** Names that are no UTF-8. */
  oddNames: number;
  /** Entries with extended attributes. */
  withXattrs: number;
}

const MAX_FAULTS = 1000;
const user = Buffer.from('user.');

/**
 * Lists a directory as mkcomposefs does: mounts in it are entered, attributes are those of lstat(2), a name is a file. What
 * cannot be read is gathered, so that it can be told together. Lets others have their turn.
 *
 * @param onFile told of each regular file that is not empty as it is found; its inode gets its content later
 * @throws StoreError where the directory itself cannot be read; the signal's reason
 */
export async function scanDirectory(
  path: string,
  options: ScanOptions,
  onFile: (file: ScannedFile) => void,
  { signal, onEntries }: { readonly signal?: AbortSignal | undefined; onEntries?: (count: number) => void } = {},
): Promise<Scan> {
  const scanner = new Scanner(options, onFile);
  const root = scanner.root(path);
  const breathe = slices();
  while (scanner.step()) {
    signal?.throwIfAborted();
    onEntries?.(scanner.counts.entries);
    await breathe();
  }
  return { root, faults: scanner.faults, faultCount: scanner.faultCount, counts: scanner.counts };
}

interface Folder {
  readonly node: TreeNode;
  /** Latin-1. */
  readonly at: string;
}

class Scanner {
  readonly faults: ScanFault[] = [];
  faultCount = 0;
  readonly counts: ScanCounts = {
    entries: 0,
    files: 0,
    bytes: 0,
    directories: 0,
    symlinks: 0,
    devices: 0,
    skipped: 0,
    others: 0,
    hardLinks: 0,
    oddNames: 0,
    withXattrs: 0,
  };
  readonly #options: ScanOptions;
  readonly #onFile: (file: ScannedFile) => void;
  readonly #waiting: Folder[] = [];
  readonly #links = new Map<string, TreeInode>();
  /** Root may read all that can be read at all. */
  readonly #mayRead = process.geteuid?.() === 0;

  constructor(options: ScanOptions, onFile: (file: ScannedFile) => void) {
    this.#options = options;
    this.#onFile = onFile;
  }

  root(path: string): TreeNode {
    const at = Buffer.from(path).toString('latin1');
    try {
      const stat = statPath(at);
      if (stat === undefined) throw new StoreError('ENOENT', path, `${path} cannot be read: it is not there`);
      const type = stat.mode & S_IFMT;
      if (type !== S_IFDIR) throw new StoreError('ENOTDIR', path, `${path} is no directory`);
      const node = newNode(new Uint8Array(0), this.#inode(stat, at));
      this.#count(stat, type);
      this.#waiting.push({ node, at });
      return node;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(errnoOf(error), path, `${path} cannot be read: ${(error as Error).message}`, error);
    }
  }

  /** Lists one directory. @returns whether there was one */
  step(): boolean {
    const folder = this.#waiting.pop();
    if (folder === undefined) return false;
    try {
      for (const name of readdirSync(bytesOf(folder.at), 'latin1')) this.#entry(folder, name);
    } catch (error) {
      this.#fault(folder.at, error);
    }
    return true;
  }

  /** @param name Latin-1: names are bytes */
  #entry({ node, at: above }: Folder, name: string): void {
    const at = `${above}/${name}`;
    try {
      const stat = statPath(at);
      if (stat === undefined) throw new StoreError('ENOENT', at, `${describeErrno('ENOENT')} (ENOENT)`);
      const type = stat.mode & S_IFMT;
      if (this.#options.skipDevices === true && (type === S_IFBLK || type === S_IFCHR)) {
        this.counts.skipped += 1;
        return;
      }
      this.#count(stat, type);
      const bytes = bytesOf(name);
      if (!isUtf8(bytes)) this.counts.oddNames += 1;
      const inode = this.#linked(stat, type) ?? this.#inode(stat, at);
      const child = type === S_IFDIR ? newNode(bytes, inode) : newLeaf(bytes, inode);
      node.children.set(name, child);
      if (type === S_IFDIR) this.#waiting.push({ node: child, at });
    } catch (error) {
      this.#fault(at, error);
    }
  }

  #linked(stat: FileStat, type: number): TreeInode | undefined {
    if (stat.nlink < 2 || type === S_IFDIR) return undefined;
    this.counts.hardLinks += 1;
    return this.#options.hardlinks === true ? this.#links.get(stat.identity()) : undefined;
  }

  #inode(stat: FileStat, at: string): TreeInode {
    const { useEpoch, hardlinks } = this.#options;
    const { mode, size } = stat;
    const type = mode & S_IFMT;
    const inode = newInode(mode);
    inode.uid = stat.uid;
    inode.gid = stat.gid;
    inode.size = type === S_IFREG || type === S_IFLNK ? size : 0;
    if (useEpoch !== true) {
      inode.mtime = stat.mtime;
      inode.mtimeNsec = stat.mtimeNsec;
    }
    if (type === S_IFBLK || type === S_IFCHR) inode.rdev = stat.rdev;
    inode.xattrs = this.#xattrs(at);
    if (type === S_IFLNK) {
      const bytes = readlinkSync(bytesOf(at), 'buffer');
      inode.size = bytes.length;
      inode.content = { kind: 'inline', bytes };
    }
    if (hardlinks === true && type !== S_IFDIR && stat.nlink > 1) this.#links.set(stat.identity(), inode);
    if (type === S_IFREG && size > 0) {
      if (!this.#mayRead) accessSync(bytesOf(at), constants.R_OK);
      this.#onFile({ inode, path: at, ino: stat.ino, size, mtimeMs: mtimeMsOf(stat) });
    }
    return inode;
  }

  #xattrs(at: string): TreeInode['xattrs'] {
    const { skipXattrs, userXattrs } = this.#options;
    if (skipXattrs === true) return [];
    const all = readXattrs(bytesOf(at));
    const kept = userXattrs === true ? all.filter(({ name }) => user.equals(name.subarray(0, user.length))) : all;
    if (kept.length > 0) this.counts.withXattrs += 1;
    return kept;
  }

  #count({ size }: FileStat, type: number): void {
    const { counts } = this;
    counts.entries += 1;
    if (type === S_IFREG) {
      counts.files += 1;
      counts.bytes += size;
    } else if (type === S_IFDIR) counts.directories += 1;
    else if (type === S_IFLNK) counts.symlinks += 1;
    else if (type === S_IFBLK || type === S_IFCHR) counts.devices += 1;
    else counts.others += 1;
  }

  #fault(at: string, error: unknown): void {
    this.faultCount += 1;
    if (this.faults.length >= MAX_FAULTS) return;
    const code = errnoOf(error);
    const message =
      error instanceof Error && !('syscall' in error) ? error.message : `${describeErrno(code)} (${code})`;
    this.faults.push({ path: displayBytes(bytesOf(at)), code, message });
  }
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
