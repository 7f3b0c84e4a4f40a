import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DigestFinding, ExpectedDigest } from '../../shared/contract/verify-values.ts';
import { matrixCells } from '../../shared/tree/diff/explain/matrix.ts';
import type { Image } from '../../shared/tree/image.ts';
import { pathOf } from '../../shared/tree/path.ts';
import { digestBytes, redirectBytes } from '../../shared/tree/row.ts';
import { equalBytes, hexOfBytes } from '../../shared/tree/text.ts';
import { findingOf, ociPrefix, verityBlockSizes, type DigestMatch } from '../../shared/verity/digest-triage.ts';
import { grouped } from '../../shared/verity/explain/words.ts';
import { DEFAULT_VERITY_BLOCK, VerityDigester, type VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { bootcMatch } from './bootc-origin.ts';
import { digestInSteps } from './image-digest.ts';
import type { ImageSession } from './image-session.ts';
import { treeAsIs } from './compare/tree-of-hash.ts';
import type { JobContext } from './job-list.ts';
import { measuredBytesInSteps } from './measured-bytes.ts';
import { inSlices, slices } from './slices.ts';
import { kindAt } from './stores/folder-listing.ts';

/** Some ms of hashing. */
const CHUNK = 1 << 18;
/** Entries up to which a tree is written in each format without being asked to: about a second each. */
const MAX_WRITTEN = 200_000;
/** Entries between two looks at the clock. */
const STRETCH = 1 << 14;

/** What lies around an image that a digest may be of. */
export interface Surroundings {
  /** Other images, as far as their digests are known. */
  readonly others: readonly { readonly name: string; readonly digest: string | undefined }[];
  /** Data roots of stores: an ostree repository's holds its commits, too. */
  readonly dataRoots: readonly string[];
}

/**
 * Says what the digest is that is expected of an image and is not its own: what costs least is looked at first.
 *
 * @throws the signal's reason, errno errors
 * @see digest-divergence.md, section 1 and D01
 */
export async function triageDigest(
  session: ImageSession,
  expected: ExpectedDigest,
  { others, dataRoots }: Surroundings,
  job: JobContext,
): Promise<DigestFinding> {
  const { image, path, verityAlgorithm: own } = session;
  const other = others.find(({ digest }) => digest === expected.digest);
  const match: DigestMatch | undefined =
    (await objectWith(image, expected.digest, job)) ??
    (other && { kind: 'other-image', name: other.name }) ??
    (await ostreeCommit(expected.digest, path, dataRoots)) ??
    (await inBootc(expected.digest, dataRoots)) ??
    (await hashOfFile(image, expected, own, job)) ??
    (await hashOfDump(session, expected, job));
  if (match !== undefined) return findingOf(match);
  const untried = whyNotWritten(image, expected.algorithm === own);
  const written = untried === undefined ? await otherWriting(image, expected.digest, job) : undefined;
  return findingOf(written ?? { kind: 'unknown', prefix: ociPrefix(expected.text ?? ''), untried });
}

/** @param isOwn the expected digest is by the hash of the objects' */
function whyNotWritten({ table: { count, digestOffset } }: Image, isOwn: boolean): string | undefined {
  if (!isOwn && digestOffset.some((offset) => offset !== 0)) return 'its objects have digests by another hash';
  return count > MAX_WRITTEN ? `it has ${grouped(count)} entries` : undefined;
}

/** By its digest, or by its name where the image says no digest. */
async function objectWith(image: Image, hex: string, { signal }: JobContext): Promise<DigestMatch | undefined> {
  const { table } = image;
  const wanted = Buffer.from(hex, 'hex');
  const breathe = slices();
  let first: number | undefined;
  let found = 0;
  for (let entry = 0; entry < table.count; entry += 1) {
    if (entry % STRETCH === 0) {
      await breathe();
      signal.throwIfAborted();
    }
    const redirect = redirectBytes(table, entry);
    if (redirect === undefined) continue;
    const digest = digestBytes(table, entry);
    if (digest === undefined ? !isNamed(redirect, hex) : !equalBytes(digest, wanted)) continue;
    first ??= entry;
    found += 1;
  }
  return first === undefined ? undefined : { kind: 'object', path: pathOf(table, first), more: found - 1 };
}

/** `aa/rest`, or `objects/aa/rest`: hex digits, without what ostree puts behind them. */
const isNamed = (redirect: Uint8Array, hex: string): boolean =>
  Buffer.from(redirect)
    .toString('latin1')
    .replaceAll('/', '')
    .replace(/\.file$/, '')
    .endsWith(hex);

/** A commit that the image was deployed from, or that lies among the objects of a repository. */
async function ostreeCommit(hex: string, path: string, dataRoots: readonly string[]): Promise<DigestMatch | undefined> {
  if (hex.length !== 64) return undefined;
  const [, ostree, checksum] = /^(.*)\/deploy\/[^/]+\/deploy\/([0-9a-f]{64})\.\d+\/[^/]+$/.exec(path) ?? [];
  if (checksum === hex) return { kind: 'ostree-commit', where: path };
  const roots = ostree === undefined ? dataRoots : [...dataRoots, join(ostree, 'repo', 'objects')];
  for (const root of roots) {
    const commit = join(root, hex.slice(0, 2), `${hex.slice(2)}.commit`);
    if ((await kindAt(commit)) !== undefined) return { kind: 'ostree-commit', where: commit };
  }
  return undefined;
}

async function inBootc(hex: string, dataRoots: readonly string[]): Promise<DigestMatch | undefined> {
  for (const root of dataRoots) {
    if (basename(root) !== 'objects') continue;
    const match = await bootcMatch(hex, dirname(root));
    if (match !== undefined) return match;
  }
  return undefined;
}

/** Hashes of the file that are as long as the digest, all in one pass. */
async function hashOfFile(
  image: Image,
  { digest: hex, algorithm }: ExpectedDigest,
  own: VerityAlgorithm,
  { signal, progress }: JobContext,
): Promise<DigestMatch | undefined> {
  const bytes = await inSlices(measuredBytesInSteps(image), signal);
  const breathe = slices();
  const hash = nativeHash(algorithm);
  const plain = createHash(algorithm);
  const digesters = verityBlockSizes.map((blockSize) => ({
    blockSize,
    digester: new VerityDigester({ algorithm, hash, blockSize }),
  }));
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    plain.update(chunk);
    for (const { digester } of digesters) {
      digester.update(chunk);
      await breathe();
    }
    progress(Math.min(at + CHUNK, bytes.length), bytes.length);
    signal.throwIfAborted();
  }
  if (plain.digest('hex') === hex) return { kind: 'plain-hash', algorithm, of: 'image' };
  const found = digesters.find(({ digester }) => hexOfBytes(digester.digest()) === hex);
  if (found !== undefined && found.blockSize !== DEFAULT_VERITY_BLOCK) {
    return { kind: 'other-block-size', blockSize: found.blockSize };
  }
  if (found !== undefined) return { kind: 'other-algorithm', algorithm, own };
  return undefined;
}

/** The plain hash of a dump's text, which is the file: an image was made of it for the others. */
async function hashOfDump(
  { image: { kind }, path }: ImageSession,
  { digest: hex, algorithm }: ExpectedDigest,
  { signal }: JobContext,
): Promise<DigestMatch | undefined> {
  if (kind !== 'dump') return undefined;
  try {
    // it may have become another since it was read: a FIFO or a device must not be waited for
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await handle.stat()).isFile()) return undefined;
      const plain = createHash(algorithm);
      for await (const piece of handle.createReadStream({ autoClose: false })) {
        plain.update(piece as Buffer);
        signal.throwIfAborted();
      }
      return plain.digest('hex') === hex ? { kind: 'plain-hash', algorithm, of: 'dump' } : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error) return undefined; // it came from elsewhere, or is gone
    throw error;
  }
}

/** @see shared/tree/diff/explain/matrix.ts, which says what can be written */
async function otherWriting(image: Image, hex: string, { signal }: JobContext): Promise<DigestMatch | undefined> {
  const trees = { sha256: treeAsIs(image, 'sha256'), sha512: treeAsIs(image, 'sha512') };
  const breathe = slices();
  for (const cell of matrixCells(trees, { own: undefined, expected: hex, other: undefined }, digestInSteps)) {
    await breathe();
    signal.throwIfAborted();
    if (cell === undefined || !cell.equals.includes('expected')) continue;
    const { formatVersion, xattrs } = cell;
    const keepsAll = /^(?:any|all)(?: or |$)/.test(xattrs);
    return {
      kind: 'other-writing',
      formatVersion,
      xattrs: keepsAll ? undefined : xattrs,
      ownVersion: image.kind === 'composefs' ? image.formatVersion : undefined,
    };
  }
  return undefined;
}
