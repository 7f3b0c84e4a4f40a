import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { DEFAULT_VERITY_BLOCK, verityAlgorithms, VerityDigester } from '../../../shared/verity/fs-verity.ts';
import type { BlockHash, VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { equalBytes } from '../../../shared/tree/text.ts';
import { errnoOf } from '../stores/store-error.ts';
import type {
  FileOutcome,
  FileState,
  FileTask,
  Measure,
  RunSettings,
  Seal,
  SegmentOutcome,
  SegmentTask,
} from './hash-task.ts';
import { isNotSealed, measureVerity } from '../../kernel/verity-ioctl.ts';

/** Read at once: it stays in the cache of a core while it is hashed. */
export const CHUNK = 1 << 18;
const BLOCK = DEFAULT_VERITY_BLOCK;
// oxlint-disable-next-line no-control-regex -- all of ASCII
const NOT_ASCII = /[^\0-\x7f]/;
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The run was told to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Told of each chunk and file; may wait, or throw `Stopped`. */
export type Beat = (bytes: number) => void;

/** Takes one measure of one file after the other; the bytes come through a `Chunk`. */
export interface Digester {
  /** Takes what is in the buffer up to `count`: whole blocks, but for the end of the file. */
  readonly update: (chunk: Chunk, count: number) => void;
  /** The digest of what came since the last one. */
  readonly digest: () => Uint8Array;
  /** Forgets what came since. */
  readonly reset: () => void;
}

/** A buffer and its blocks. A view of a block costs as much as 7 % of hashing it, so they are made once. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly blocks: readonly Uint8Array[];
  /** Room for the hash of each. */
  readonly hashes: Uint8Array;
}

export function newChunk(): Chunk {
  const bytes = new Uint8Array(CHUNK);
  const blocks = Array.from({ length: CHUNK / BLOCK }, (_, block) =>
    bytes.subarray(block * BLOCK, (block + 1) * BLOCK),
  );
  return { bytes, blocks, hashes: new Uint8Array(blocks.length * verityAlgorithms.sha512.digestSize) };
}

/**
 * Hashes of the blocks that are in a chunk up to `count`; the last one, where it is not whole, padded with zeros.
 * @returns a view of the chunk's, valid until the next call
 */
function hashesOf({ bytes, blocks, hashes }: Chunk, count: number, algorithm: VerityAlgorithm): Uint8Array {
  const number = Math.ceil(count / BLOCK);
  if (number * BLOCK > count) bytes.fill(0, count, number * BLOCK);
  const { digestSize } = verityAlgorithms[algorithm];
  const hash = hashers[algorithm];
  for (let block = 0; block < number; block += 1) {
    const view = blocks[block];
    if (view !== undefined) hash(view, hashes, block * digestSize);
  }
  return hashes.subarray(0, number * digestSize);
}

const hashers: Readonly<Record<VerityAlgorithm, BlockHash>> = {
  sha256: nativeHash('sha256'),
  sha512: nativeHash('sha512'),
};

export function digesterOf(measure: Measure): Digester {
  if (measure === 'sha256' || measure === 'sha512') {
    let hash = createHash(measure);
    const reset = (): void => {
      hash = createHash(measure);
    };
    return {
      update: ({ bytes }, count) => void hash.update(bytes.subarray(0, count)),
      digest: () => new Uint8Array(hash.digest()),
      reset,
    };
  }
  const algorithm = measure === 'verity-sha256' ? 'sha256' : 'sha512';
  const digester = new VerityDigester({ algorithm, hash: hashers[algorithm] });
  return {
    update: (chunk, count) => digester.updateHashes(hashesOf(chunk, count, algorithm), count),
    digest: () => digester.digest(),
    reset: () => digester.reset(),
  };
}

/** Hashes files, each with its own calls from open(2) to close(2): for a thread that may wait. */
export class FileHasher {
  readonly #settings: RunSettings;
  readonly #beat: Beat;
  readonly #chunk = newChunk();
  /** Whether a path leads through folders alone, as overlayfs wants it, by path. */
  readonly #folders = new Map<string, boolean>();
  readonly #digesters = new Map<Measure, Digester>();
  readonly #prefixes: readonly string[];
  /** Devices whose file system has no fs-verity: not asked again. */
  readonly #withoutVerity = new Map<number, string>();

  constructor(settings: RunSettings, beat: Beat) {
    this.#settings = settings;
    this.#beat = beat;
    this.#prefixes = settings.roots.map((root) =>
      Buffer.from(root.endsWith('/') ? root : `${root}/`).toString('latin1'),
    );
  }

  /** Looks at one object. @throws Stopped */
  file(task: FileTask): FileOutcome {
    this.#beat(0);
    const roots = task.root === undefined ? this.#prefixes.keys() : [task.root];
    for (const root of roots) {
      const outcome = this.#in(root, task);
      if (outcome !== undefined) return outcome;
    }
    return { kind: 'elsewhere' };
  }

  /** Hashes a part of a large file. @throws Stopped */
  segment({ path, state, offset, length, algorithms }: SegmentTask): SegmentOutcome {
    let at = offset;
    let fd: number | undefined;
    try {
      fd = openSync(Buffer.from(path, 'latin1'), FLAGS);
      if (!isSame(stateOf(fstatSync(fd)), state)) return { kind: 'changed' };
      const parts: Uint8Array[][] = algorithms.map(() => []);
      for (const end = offset + length; at < end;) {
        const wanted = Math.min(CHUNK, end - at);
        const count = this.#fill(fd, at, wanted);
        if (count < wanted) return { kind: 'changed' };
        for (const [index, algorithm] of algorithms.entries()) {
          parts[index]?.push(hashesOf(this.#chunk, count, algorithm).slice());
        }
        at += count;
        this.#beat(count);
      }
      if (!isSame(stateOf(fstatSync(fd)), state)) return { kind: 'changed' };
      return { kind: 'hashed', hashes: parts.map(concatenate) };
    } catch (error) {
      if (error instanceof Stopped) throw error;
      return { kind: 'failed', errno: errnoOf(error), offset: at };
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** undefined: not there, the next root may have it. */
  #in(root: number, task: FileTask): FileOutcome | undefined {
    const prefix = this.#prefixes[root] ?? '';
    if (!this.#isFolder(prefix, task.redirect.slice(0, task.folderLength))) return { kind: 'elsewhere' };
    const path = prefix + task.redirect;
    let fd: number;
    try {
      // a string costs less than a Buffer, and means the same where all is ASCII
      fd = openSync(NOT_ASCII.test(path) ? Buffer.from(path, 'latin1') : path, FLAGS);
    } catch (error) {
      return errnoOf(error) === 'ENOENT' ? undefined : { kind: 'elsewhere' };
    }
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) return { kind: 'elsewhere' };
      return this.#open(fd, stateOf(stats), root, task);
    } finally {
      closeSync(fd);
    }
  }

  #open(fd: number, state: FileState, root: number, { measures, expected, known }: FileTask): FileOutcome {
    const { full, wholeUpTo } = this.#settings;
    const { seal, errno: sealErrno } = this.#seal(fd, state.dev);
    if (seal !== undefined && !full) return { kind: 'measured', at: root, state, seal };
    if (known !== undefined && !full && isSame(known, state)) return { kind: 'known', at: root, state, seal };
    const splits = measures.every((measure) => measure.startsWith('verity-'));
    if (state.size > wholeUpTo && splits) return { kind: 'large', at: root, state, seal, sealErrno };
    const digesters = measures.map((measure) => this.#digester(measure));
    let offset = 0;
    try {
      // only as far as it went when it was opened: never to read after a writer for ever
      while (offset < state.size) {
        const wanted = Math.min(CHUNK, state.size - offset);
        const count = this.#fill(fd, offset, wanted);
        if (count < wanted) return { kind: 'changed', at: root };
        for (const digester of digesters) digester.update(this.#chunk, count);
        offset += count;
        this.#beat(count);
      }
      const digests = digesters.map((digester) => digester.digest());
      const [digest] = digests;
      const isRight = digest !== undefined && expected !== undefined && equalBytes(digest, expected);
      // what was read by one call and is right was so when it was opened: there is no need to look again, which costs as
      // much as opening did
      if (!isRight || state.size > CHUNK) {
        const after = fstatSync(fd);
        if (after.nlink === 0 || !isSame(stateOf(after), state)) return { kind: 'changed', at: root };
      }
      if (isRight && seal === undefined) return { kind: 'right', at: root, state, sealErrno };
      return { kind: 'hashed', at: root, state, digests, seal, sealErrno };
    } catch (error) {
      if (error instanceof Stopped) throw error;
      return { kind: 'failed', at: root, errno: errnoOf(error), offset, state, seal };
    }
  }

  /** Made once for all files: their buffers cost as much as hashing a block does. */
  #digester(measure: Measure): Digester {
    let digester = this.#digesters.get(measure);
    if (digester === undefined) this.#digesters.set(measure, (digester = digesterOf(measure)));
    digester.reset();
    return digester;
  }

  #seal(fd: number, dev: number): { readonly seal: Seal | undefined; readonly errno: string | undefined } {
    if (!this.#settings.askKernel) return { seal: undefined, errno: undefined };
    const known = this.#withoutVerity.get(dev);
    if (known !== undefined) return { seal: undefined, errno: known };
    const measured = measureVerity(fd);
    if (!('errno' in measured)) return { seal: measured, errno: undefined };
    if (isNotSealed(measured.errno) && measured.errno !== 'ENODATA') this.#withoutVerity.set(dev, measured.errno);
    return { seal: undefined, errno: measured.errno };
  }

  /** Whether each component of a folder's path below a root is a folder, no symlink among them. */
  #isFolder(prefix: string, folder: string): boolean {
    const key = prefix + folder;
    let is = this.#folders.get(key);
    if (is === undefined) {
      const slash = folder.lastIndexOf('/');
      const isAboveOne = slash < 0 || this.#isFolder(prefix, folder.slice(0, slash));
      is = folder === '' || (isAboveOne && isFolderOrAbsent(key));
      this.#folders.set(key, is);
    }
    return is;
  }

  /** Fills the buffer from an offset on: a short read need not be the end. */
  #fill(fd: number, offset: number, length: number): number {
    let filled = 0;
    while (filled < length) {
      const count = readSync(fd, this.#chunk.bytes, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }
}

/** What is in the way, if it is more than absence, those say that look with all care. */
function isFolderOrAbsent(path: string): boolean {
  try {
    const stats = lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false });
    return stats === undefined || stats.isDirectory();
  } catch {
    return false;
  }
}

const stateOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): FileState => ({ dev, ino, size, mtimeMs, ctimeMs });

/** Whether a file is as it was. */
export const isSame = (a: FileState, b: FileState): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.dev === b.dev;

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
