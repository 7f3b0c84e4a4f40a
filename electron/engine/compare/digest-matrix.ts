import type { DigestMatrix, MatrixCell } from '../../../shared/contract/compare-values.ts';
import { matrixCells } from '../../../shared/tree/diff/explain/matrix.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { digestBytes } from '../../../shared/tree/row.ts';
import { digestInSteps } from '../image-digest.ts';
import type { JobContext } from '../job-list.ts';
import { inSlices, slices } from '../slices.ts';
import type { ComparedSide, SideName } from './comparison.ts';
import { treeOfHash } from './tree-of-hash.ts';

/**
 * The digests that a side's tree can have, written anew in each way. Where its objects have no digest by one of the hashes,
 * their contents are read.
 *
 * @throws the signal's reason
 */
export async function digestMatrix(
  sides: Readonly<Record<SideName, ComparedSide>>,
  side: SideName,
  dataRoots: readonly string[],
  job: JobContext,
): Promise<DigestMatrix> {
  const { session } = sides[side];
  const own = await ownDigest(session.image, job);
  const other = await ownDigest(sides[side === 'a' ? 'b' : 'a'].session.image, job);
  const expected = session.info.expected?.digest;
  const cells: MatrixCell[] = [];
  const trees = {
    sha256: await treeOfHash(session, 'sha256', dataRoots, job),
    sha512: await treeOfHash(session, 'sha512', dataRoots, job),
  };
  const breathe = slices();
  for (const cell of matrixCells(trees, { own, expected, other }, digestInSteps, job.progress)) {
    if (cell !== undefined) cells.push(cell);
    await breathe();
    job.signal.throwIfAborted();
  }
  return { side, own, expected, other, finding: session.info.digestFinding, cells };
}

/** Of an image file, by the hash that its objects have; undefined: it is no file of its own. */
async function ownDigest({ kind, table }: Image, { signal }: JobContext): Promise<string | undefined> {
  if (kind !== 'composefs' && kind !== 'erofs') return undefined;
  const first = table.digestOffset.findIndex((offset) => offset !== 0);
  const isLong = first >= 0 && digestBytes(table, first)?.length === 64;
  return inSlices(digestInSteps(table.bytes, isLong ? 'sha512' : 'sha256'), signal);
}
