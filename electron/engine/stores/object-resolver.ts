import { close, constants, lstat, open, stat, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { isRedirectFault, parseRedirect, type RedirectPath } from '../../../shared/store/redirect-path.ts';
import { gateOf, type IoGate } from './io-gate.ts';
import { describeErrno, errnoOf, storeError } from './store-error.ts';

/** An object that overlayfs would take: a regular file, reached without a symlink. */
export interface FoundObject {
  readonly found: true;
  /** On disk; bytes, since the redirect need not be UTF-8. */
  readonly path: Buffer;
  /** Index of the data root that has it. */
  readonly root: number;
  /** Bytes. */
  readonly size: number;
  /** Identity of the file, to see that what is opened later is the same one; rounded above 2^53. */
  readonly dev: number;
  readonly ino: number;
  readonly mtimeMs: number;
  /** It is there, but this process may not read it: the errno. */
  readonly denied: 'EACCES' | undefined;
}

export interface NoObject {
  readonly found: false;
  /** `missing`: no such path in any store. `unreadable`: something is in the way. */
  readonly status: 'missing' | 'unreadable';
  readonly errno: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** Where it was looked for last, on disk; undefined where no look was possible. */
  readonly path: Buffer | undefined;
  /** Index of the data root that `reason` is about; undefined: of none. */
  readonly root: number | undefined;
}

export type Resolution = FoundObject | NoObject;

interface Obstacle {
  readonly errno: string;
  readonly reason: string;
}

/** What is known of a folder on the way to objects. */
interface Folder {
  /** Why nothing below it can be had; undefined: it is a folder that may be entered. */
  readonly obstacle: Obstacle | undefined;
  /** Objects that were not there. */
  misses: number;
  /** Hashes of the names in it, once there were enough misses; a name whose hash is not among them is not there. */
  names: ReadonlySet<number> | undefined;
}

interface Root {
  readonly path: string;
  readonly prefix: Buffer;
  readonly gate: IoGate;
  readonly folders: Map<string, Promise<Folder>>;
}

/** Folders remembered, a root; an honest store has 256. */
const MAX_FOLDERS = 1 << 16;
/**
 * Misses after which a folder is listed once, so that the following cost no call: 200,000 look-ups of which 150,000 are
 * misses take 2 s instead of 4. Searching several stores is mostly misses.
 */
const MISSES_BEFORE_LISTING = 4;
/** Names of one folder that are remembered; one with more is asked name by name. */
const MAX_NAMES = 1 << 16;
const SLASH = 0x2f;

/** These mean that there is nothing there; every other errno that something is in the way. */
const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Looks for objects below data roots as overlayfs does with data-only layers: by path, component by component, through
 * no symlink; the first root with a regular file there has it (spec overlay-metacopy.md, section 2). Paths below a root
 * are walked with lstat(2), so that it works on any system, and again at each call unless `remember` is set.
 */
export class ObjectResolver {
  readonly #roots: readonly Root[];
  readonly #remember: boolean;

  /**
   * @param dataRoots folders, in the order of search; symlinks in these paths are followed, as mount(2) does
   * @param remember keep what was found out about folders (not objects) until this resolver is dropped: for one run
   */
  constructor(dataRoots: readonly string[], { remember = false }: { readonly remember?: boolean } = {}) {
    this.#remember = remember;
    this.#roots = dataRoots.map((path) => ({
      path,
      prefix: Buffer.from(path.endsWith('/') ? path : `${path}/`),
      gate: gateOf(path),
      folders: new Map<string, Promise<Folder>>(),
    }));
  }

  /**
   * What is wrong with a data root as a whole, in words; undefined: nothing, it can be entered.
   * @param root index into the data roots
   */
  async rootProblem(root: number): Promise<{ readonly errno: string; readonly reason: string } | undefined> {
    const place = this.#roots[root];
    return place === undefined ? undefined : (await this.#folder(place, '', place.prefix)).obstacle;
  }

  /**
   * Finds one object.
   * @param redirect path below the data root, without a leading `/`
   * @throws the signal's reason; nothing else: what is wrong with the object or a store is in the result
   */
  async resolve(redirect: Uint8Array, signal?: AbortSignal): Promise<Resolution> {
    signal?.throwIfAborted();
    const path = parseRedirect(redirect);
    if (isRedirectFault(path)) {
      return { found: false, status: 'unreadable', ...path, path: undefined, root: undefined };
    }
    let failure: NoObject | undefined;
    for (const [index, root] of this.#roots.entries()) {
      const outcome = await this.#lookIn(root, index, path);
      signal?.throwIfAborted();
      if (outcome.found) return outcome;
      // The kernel goes on to the next layer after any error; what is in the way says more than what is absent.
      if (failure === undefined || (failure.status === 'missing' && outcome.status === 'unreadable')) failure = outcome;
    }
    return (
      failure ?? {
        found: false,
        status: 'missing',
        errno: 'ENOENT',
        reason: 'no store is attached',
        path: undefined,
        root: undefined,
      }
    );
  }

  async #lookIn(root: Root, index: number, redirect: RedirectPath): Promise<Resolution> {
    const path = Buffer.concat([root.prefix, redirect.bytes]);
    const fail = ({ errno, reason }: Obstacle): NoObject => {
      const status = absent.has(errno) ? 'missing' : 'unreadable';
      return { found: false, status, errno, reason, path, root: index };
    };
    if (process.platform === 'win32' && redirect.bytes.some((byte) => byte === 0x5c || byte === 0x3a)) {
      return fail({ errno: 'EINVAL', reason: 'the redirect holds a character that Windows takes for a separator' });
    }
    const folder = await this.#folderOf(root, redirect);
    if (folder.obstacle !== undefined) return fail(folder.obstacle);
    if (
      folder.names?.has(hashName(redirect.bytes, redirect.bytes.length - (redirect.names.at(-1)?.length ?? 0))) ===
      false
    ) {
      return fail({ errno: 'ENOENT', reason: `${show(path)}: ${describeErrno('ENOENT')}` });
    }
    let stats: Stats;
    try {
      stats = await root.gate.run<Stats>((done) => lstat(path, done));
    } catch (error) {
      const errno = errnoOf(error);
      if (this.#remember && errno === 'ENOENT') {
        folder.misses += 1;
        if (folder.misses === MISSES_BEFORE_LISTING) folder.names = await listNames(root, redirect);
      }
      return fail({ errno, reason: `${show(path)}: ${describeErrno(errno)}` });
    }
    if (!stats.isFile()) {
      const { errno, what } = otherThanFile(stats);
      return fail({ errno, reason: `${show(path)} is ${what}; overlayfs takes regular files only` });
    }
    const { size, dev, ino, mtimeMs } = stats;
    const denied = (await mayRead(root.gate, path, stats)) ? undefined : 'EACCES';
    return { found: true, path, root: index, size, dev, ino, mtimeMs, denied };
  }

  /** The folder that holds the object, or the first on the way to it that cannot be entered. */
  async #folderOf(root: Root, { bytes, names, folderLength }: RedirectPath): Promise<Folder> {
    if (this.#remember) {
      const known = root.folders.get(latin1(bytes, folderLength));
      if (known !== undefined) return known;
    }
    let folder = await this.#folder(root, '', root.prefix);
    let length = 0;
    for (const name of names.slice(0, -1)) {
      if (folder.obstacle !== undefined) return folder;
      length += (length === 0 ? 0 : 1) + name.length;
      const path = Buffer.concat([root.prefix, bytes.subarray(0, length)]);
      folder = await this.#folder(root, latin1(bytes, length), path);
    }
    return folder;
  }

  /** @param key path below the root, '' for the root itself: bytes as Latin-1, so that no two paths share one */
  #folder(root: Root, key: string, path: Buffer): Promise<Folder> {
    const known = this.#remember ? root.folders.get(key) : undefined;
    if (known !== undefined) return known;
    const folder = lookAtFolder(root.gate, path, key === '').then((obstacle) => {
      return { obstacle, misses: 0, names: undefined };
    });
    if (this.#remember) {
      if (root.folders.size >= MAX_FOLDERS) root.folders.clear();
      root.folders.set(key, folder);
    }
    return folder;
  }
}

/**
 * Hashes of the names in an object's folder; undefined where they do not tell what is absent: it cannot be listed, has
 * too many, or shows none, as a file system may that fetches what is asked for by name.
 */
async function listNames(root: Root, { bytes, folderLength }: RedirectPath): Promise<ReadonlySet<number> | undefined> {
  const names = new Set<number>();
  const list = async (): Promise<boolean> => {
    const folder = Buffer.concat([root.prefix, bytes.subarray(0, folderLength)]);
    for await (const { name } of await opendir(folder, { encoding: 'latin1', bufferSize: 1024 })) {
      if (names.size >= MAX_NAMES) return false;
      names.add(hashName(Buffer.from(name, 'latin1'), 0));
    }
    return names.size > 0;
  };
  try {
    const whole = await root.gate.run<boolean>((done) => {
      list().then(
        (value) => done(null, value),
        (error: unknown) => done(storeError(error, root.path), false),
      );
    });
    return whole ? names : undefined;
  } catch {
    return undefined;
  }
}

/** FNV-1a in 30 bits, which a Set keeps without boxing; two names of one hash cost a look that finds nothing. */
function hashName(bytes: Uint8Array, from: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < bytes.length; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 30)) & 0x3fffffff;
}

async function lookAtFolder(gate: IoGate, path: Buffer, isRoot: boolean): Promise<Obstacle | undefined> {
  try {
    const stats = await gate.run<Stats>((done) => (isRoot ? stat(path, done) : lstat(path, done)));
    if (stats.isSymbolicLink()) {
      return {
        errno: 'ELOOP',
        reason: `${show(path)} is a symbolic link; overlayfs follows none on the way to an object`,
      };
    }
    if (!stats.isDirectory()) return { errno: 'ENOTDIR', reason: `${show(path)} is not a folder` };
    // Without search permission each lstat inside fails alike: say it once, of the folder.
    await gate.run<Stats>((done) => lstat(Buffer.concat([path, Buffer.from('/.')]), done));
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    return { errno, reason: `${show(path)}: ${describeErrno(errno)}` };
  }
}

function otherThanFile(stats: Stats): { readonly errno: string; readonly what: string } {
  if (stats.isSymbolicLink()) return { errno: 'ELOOP', what: 'a symbolic link' };
  if (stats.isDirectory()) return { errno: 'EISDIR', what: 'a folder' };
  if (stats.isFIFO()) return { errno: 'ENXIO', what: 'a FIFO' };
  if (stats.isSocket()) return { errno: 'ENXIO', what: 'a socket' };
  return { errno: 'ENXIO', what: 'a device' };
}

/**
 * Asks the kernel only where the mode bits say no: it knows ACLs and capabilities, they cost nothing. By opening, since
 * access(2) answers for the real user, who need not be the one that reads.
 */
async function mayRead(gate: IoGate, path: Buffer, { mode, uid: owner, gid }: Stats): Promise<boolean> {
  const uid = process.geteuid?.();
  if (uid === undefined || uid === 0 || (mode & 0o444) === 0o444) return true;
  const inGroup = process.getegid?.() === gid || process.getgroups?.().includes(gid) === true;
  const shift = owner === uid ? 6 : inGroup ? 3 : 0;
  if (((mode >> shift) & 4) !== 0) return true;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await gate.run<undefined>((done) =>
      open(path, flags, (error, file) => {
        if (error === null)
          close(file, () => done(null, undefined)); // here, so that a late one is closed too
        else done(error, undefined);
      }),
    );
    return true;
  } catch {
    return false;
  }
}

const latin1 = (bytes: Uint8Array, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');

/** A path in a sentence: what is not UTF-8 becomes U+FFFD, which is enough to recognise it by. */
function show(path: Buffer): string {
  const end = path.at(-1) === SLASH && path.length > 1 ? path.length - 1 : path.length;
  return path.toString('utf8', 0, end);
}
