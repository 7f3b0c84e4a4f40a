import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EntryComparer, sourceMode, storageOf, type KnownDigests } from '../../../shared/tree/diff/compare-entries.ts';
import { compareTrees, type TreeDiff } from '../../../shared/tree/diff/compare-trees.ts';
import { digestBytes } from '../../../shared/tree/row.ts';
import { S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import type { ImageSession } from '../image-session.ts';
import type { JobContext } from '../job-list.ts';
import { errnoOf } from '../stores/store-error.ts';

const CHUNK = 1 << 20;
const BREATH_MS = 20;

/** A file of a directory, and on which side it is. */
interface Wanted {
  readonly side: 'a' | 'b';
  readonly entry: number;
  readonly file: Uint8Array;
}

export interface Compared {
  readonly diff: TreeDiff;
  /** Files that could not be read: their content was not compared. */
  readonly unread: readonly { readonly file: Uint8Array; readonly errno: string }[];
}

/**
 * Compares two trees, with the contents of files that lie in directories: of these the digest is computed that their
 * object would have, where the other side has a file of the same size to compare it with. All else is compared by what
 * both sides say.
 *
 * @throws the signal's reason
 */
export async function compareSides(a: ImageSession, b: ImageSession, job: JobContext): Promise<Compared> {
  const diff = compareTrees(a.image, b.image);
  const wanted = filesOf(a, b, diff);
  if (wanted.length === 0) return { diff, unread: [] };
  const algorithm = algorithmOf(a) ?? algorithmOf(b) ?? 'sha256';
  const found = { a: new Map<number, Uint8Array>(), b: new Map<number, Uint8Array>() };
  const unread: Compared['unread'][number][] = [];
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  let breathed = performance.now();
  const breathe = async (): Promise<void> => {
    if (performance.now() - breathed < BREATH_MS) return;
    await setImmediate();
    job.signal.throwIfAborted();
    breathed = performance.now();
  };
  for (const [done, { side, entry, file }] of wanted.entries()) {
    job.progress(done, wanted.length, 'hashing files');
    try {
      found[side].set(entry, await digestOfFile(file, digester, breathe));
    } catch (error) {
      job.signal.throwIfAborted();
      unread.push({ file, errno: errnoOf(error) });
    }
  }
  const digests: { digestsA: KnownDigests; digestsB: KnownDigests } = { digestsA: found.a, digestsB: found.b };
  return { diff: compareTrees(a.image, b.image, digests), unread };
}

function algorithmOf({ image }: ImageSession): VerityAlgorithm | undefined {
  const { count, digestOffset } = image.table;
  for (let entry = 0; entry < count; entry += 1) {
    if (digestOffset[entry] !== 0) return digestBytes(image.table, entry)?.length === 64 ? 'sha512' : 'sha256';
  }
  return undefined;
}

/** A file of which nothing but its bytes says what it is. */
const elsewhere = ({ image }: ImageSession, entry: number): boolean =>
  entry >= 0 && isFile(image, entry) && storageOf(image, entry) === 'elsewhere';

/** An image holds all its files, or says their digests: to look at each of a million takes a while. */
const isWhole = ({ image: { kind } }: ImageSession): boolean => kind === 'composefs' || kind === 'erofs';

/** Files whose digest decides something: both sides have one of that size there, or what moved could be it. */
function filesOf(a: ImageSession, b: ImageSession, diff: TreeDiff): readonly Wanted[] {
  const wanted: Wanted[] = [];
  if (isWhole(a) && isWhole(b)) return wanted;
  const add = (side: 'a' | 'b', session: ImageSession, entry: number): void => {
    const file = elsewhere(session, entry) ? session.fileOf(entry) : undefined;
    if (file !== undefined) wanted.push({ side, entry, file });
  };
  const aloneA = sizesAlone(diff, 'a');
  const aloneB = sizesAlone(diff, 'b');
  const { rowA, rowB } = diff;
  for (let row = 0; row < diff.count; row += 1) {
    const [entryA, entryB] = [rowA[row] ?? -1, rowB[row] ?? -1];
    if (!elsewhere(a, entryA) && !elsewhere(b, entryB)) continue;
    const [sizeA, sizeB] = [a.image.table.size[entryA], b.image.table.size[entryB]];
    if (entryA >= 0 && entryB >= 0) {
      if (sizeA !== sizeB || !isFile(a.image, entryA) || !isFile(b.image, entryB)) continue;
      add('a', a, entryA);
      add('b', b, entryB);
    } else if (entryA >= 0 && aloneB.has(sizeA ?? -1)) add('a', a, entryA);
    else if (entryB >= 0 && aloneA.has(sizeB ?? -1)) add('b', b, entryB);
  }
  return wanted;
}

const isFile = (image: EntryComparer['a'], entry: number): boolean => (sourceMode(image, entry) & S_IFMT) === S_IFREG;

/** Sizes of the files that are on one side alone. */
function sizesAlone({ differing, rowA, rowB, a, b }: TreeDiff, side: 'a' | 'b'): ReadonlySet<number> {
  const sizes = new Set<number>();
  for (const row of differing) {
    const [own, other] = side === 'a' ? [rowA[row] ?? -1, rowB[row] ?? -1] : [rowB[row] ?? -1, rowA[row] ?? -1];
    const image = side === 'a' ? a : b;
    if (own >= 0 && other < 0 && isFile(image, own)) sizes.add(image.table.size[own] ?? 0);
  }
  return sizes;
}

async function digestOfFile(
  path: Uint8Array,
  digester: VerityDigester,
  breathe: () => Promise<void>,
): Promise<Uint8Array> {
  // it may have become another since the directory was read: a FIFO or a device must not be waited for
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = openSync(Buffer.from(path), flags);
  try {
    if (!fstatSync(handle).isFile()) throw Object.assign(new Error('no regular file any more'), { code: 'EINVAL' });
    digester.reset();
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let read = readSync(handle, buffer); read > 0; read = readSync(handle, buffer)) {
      digester.update(buffer.subarray(0, read));
      await breathe();
    }
    return digester.digest();
  } finally {
    closeSync(handle);
  }
}
