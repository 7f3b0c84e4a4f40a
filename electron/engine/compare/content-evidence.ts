import { Change } from '../../../shared/tree/diff/change.ts';
import type { TreeDiff } from '../../../shared/tree/diff/compare-trees.ts';
import type { ContentEvidence } from '../../../shared/tree/diff/explain/evidence.ts';
import { pairOf } from '../../../shared/tree/diff/noise.ts';
import { digestBytes } from '../../../shared/tree/row.ts';
import { equalBytes } from '../../../shared/tree/text.ts';
import { DEFAULT_VERITY_BLOCK, VerityDigester } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { findContent, type ContentSource } from '../content.ts';
import type { JobContext } from '../job-list.ts';
import { slices } from '../slices.ts';
import type { Comparison, SideName } from './comparison.ts';

/** Files that are looked at, bytes of one, and of all: some seconds of reading. */
const MAX_FILES = 200;
const MAX_FILE = 256 << 20;
const MAX_ALL = 512 << 20;
const CHUNK = 1 << 20;
const ZEROS = new Uint8Array(DEFAULT_VERITY_BLOCK);

/** Two files that should be one. */
interface Pair {
  readonly entry: Readonly<Record<SideName, number>>;
  /** As the images say it. */
  readonly size: Readonly<Record<SideName, number>>;
  readonly digest: Readonly<Record<SideName, Uint8Array>>;
}

/**
 * Looks at the contents of files whose digests differ, where that says how they came to: an object that is named by another
 * digest than its own, bytes that are missing, zeros in their place. Only the first files, and not the largest.
 *
 * @returns by row of the comparison
 * @throws the signal's reason
 */
export async function contentEvidence(
  diff: TreeDiff,
  sides: Comparison['sides'],
  dataRoots: readonly string[],
  job: JobContext,
): Promise<ReadonlyMap<number, ContentEvidence>> {
  const found = new Map<number, ContentEvidence>();
  const look = new ContentLook(sides, dataRoots, job.signal);
  let files = 0;
  for (const row of diff.differing) {
    if (((diff.changes[row] ?? 0) & Change.digest) === 0) continue;
    const pair = digestsOf(diff, row);
    if (pair === undefined || Math.max(pair.size.a, pair.size.b) > MAX_FILE) continue;
    files += 1;
    if (files > MAX_FILES || look.bytes > MAX_ALL) break;
    job.progress(files, undefined, 'Contents whose digests differ');
    const evidence = await look.at(pair);
    if (evidence !== undefined) found.set(row, evidence);
  }
  return found;
}

/** Of two objects by one hash; undefined: the row is no such pair. */
function digestsOf(diff: TreeDiff, row: number): Pair | undefined {
  const pair = pairOf(diff, row);
  if (pair === undefined) return undefined;
  const [a, b] = [digestBytes(diff.a.table, pair.entryA), digestBytes(diff.b.table, pair.entryB)];
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  const size = { a: diff.a.table.size[pair.entryA] ?? 0, b: diff.b.table.size[pair.entryB] ?? 0 };
  return { entry: { a: pair.entryA, b: pair.entryB }, size, digest: { a, b } };
}

class ContentLook {
  /** Read or hashed so far. */
  bytes = 0;
  readonly #sides: Comparison['sides'];
  readonly #dataRoots: readonly string[];
  readonly #signal: AbortSignal;
  readonly #breathe = slices();

  constructor(sides: Comparison['sides'], dataRoots: readonly string[], signal: AbortSignal) {
    this.#sides = sides;
    this.#dataRoots = dataRoots;
    this.#signal = signal;
  }

  async at(pair: Pair): Promise<ContentEvidence | undefined> {
    try {
      return pair.size.a === pair.size.b ? await this.#ofOneSize(pair) : await this.#cutOff(pair);
    } catch (error) {
      this.#signal.throwIfAborted();
      // an object that goes away or cannot be read says nothing of why the images differ
      if (error instanceof Error && 'code' in error) return undefined;
      throw error;
    }
  }

  async #ofOneSize({ entry, size, digest }: Pair): Promise<ContentEvidence | undefined> {
    const sources = { a: await this.#source('a', entry.a), b: await this.#source('b', entry.b) };
    const isOwn = { a: false, b: false };
    for (const [side, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const source = sources[side];
      if (source?.size !== size[side]) continue;
      const measured = await this.#measure(source, source.size, digest[side].length);
      if (equalBytes(measured, digest[other])) return { kind: 'wrong-id', side };
      isOwn[side] = equalBytes(measured, digest[side]);
    }
    const { a, b } = sources;
    if (a !== undefined && b !== undefined) return isOwn.a && isOwn.b ? this.#zeros(a, b) : undefined;
    // zeros alone are known without anybody who has them
    const zeros = await this.#measure(zerosOf(size.a), size.a, digest.a.length);
    const side = (['a', 'b'] as const).find((one) => equalBytes(digest[one], zeros));
    return side && { kind: 'zeros', side, bytes: size.a };
  }

  /** Where the longer side is at hand: whether its first bytes are all that the other has. */
  async #cutOff({ entry, size, digest }: Pair): Promise<ContentEvidence | undefined> {
    const [short, long] = size.a < size.b ? (['a', 'b'] as const) : (['b', 'a'] as const);
    const source = await this.#source(long, entry[long]);
    if (source === undefined || source.size < size[short] || size[short] === 0) return undefined;
    const measured = await this.#measure(source, size[short], digest[short].length);
    if (!equalBytes(measured, digest[short])) return undefined;
    return { kind: 'cut-off', side: short, missing: size[long] - size[short] };
  }

  /** Whether all that differs is zeros on one side, block by block. */
  async #zeros(a: ContentSource, b: ContentSource): Promise<ContentEvidence | undefined> {
    const bytes = { a: 0, b: 0 };
    for (let at = 0; at < a.size; at += CHUNK) {
      const [ours, theirs] = [await a.read(at, CHUNK), await b.read(at, CHUNK)];
      this.bytes += ours.length + theirs.length;
      for (let from = 0; from < ours.length; from += DEFAULT_VERITY_BLOCK) {
        const [x, y] = [ours, theirs].map((part) => part.subarray(from, from + DEFAULT_VERITY_BLOCK));
        if (x === undefined || y === undefined || equalBytes(x, y)) continue;
        if (isZero(x)) bytes.a += x.length;
        else if (isZero(y)) bytes.b += y.length;
        else return undefined;
      }
      await this.#breathe();
      this.#signal.throwIfAborted();
    }
    if (bytes.a > 0 === bytes.b > 0) return undefined;
    return bytes.a > 0 ? { kind: 'zeros', side: 'a', bytes: bytes.a } : { kind: 'zeros', side: 'b', bytes: bytes.b };
  }

  /** undefined: it is nowhere. */
  async #source(side: SideName, entry: number): Promise<ContentSource | undefined> {
    const place = this.#sides[side].session.place(entry);
    try {
      return await findContent(place.session, place.entry, this.#dataRoots);
    } catch (error) {
      if (error instanceof Error && 'code' in error) return undefined;
      throw error;
    }
  }

  /** fs-verity digest of the first bytes. @param width of the digest */
  async #measure(source: Pick<ContentSource, 'all'>, length: number, width: number): Promise<Uint8Array> {
    const algorithm = width === 64 ? 'sha512' : 'sha256';
    const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
    let left = length;
    for await (const piece of source.all(this.#signal)) {
      const part = piece.subarray(0, Math.min(left, piece.length));
      digester.update(part);
      left -= part.length;
      this.bytes += part.length;
      if (left === 0) break;
      await this.#breathe();
    }
    return digester.digest();
  }
}

const isZero = (bytes: Uint8Array): boolean => equalBytes(bytes, ZEROS.subarray(0, bytes.length));

const zerosOf = (size: number): Pick<ContentSource, 'all'> => ({
  all: async function* all(signal) {
    const zeros = new Uint8Array(Math.min(size, CHUNK));
    for (let left = size; left > 0; left -= zeros.length) {
      signal.throwIfAborted();
      yield zeros;
    }
  },
});
