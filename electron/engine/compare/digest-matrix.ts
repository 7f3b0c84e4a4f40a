import { setImmediate } from 'node:timers/promises';
import type { DigestMatrix, MatrixCell } from '../../../shared/contract/compare-values.ts';
import { matrixCells } from '../../../shared/tree/diff/explain/matrix.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { digestBytes } from '../../../shared/tree/row.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import type { JobContext } from '../job-list.ts';
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
  const own = ownDigest(session.image);
  const other = ownDigest(sides[side === 'a' ? 'b' : 'a'].session.image);
  const expected = session.info.expected?.digest;
  const cells: MatrixCell[] = [];
  const trees = {
    sha256: await treeOfHash(session, 'sha256', dataRoots, job),
    sha512: await treeOfHash(session, 'sha512', dataRoots, job),
  };
  for (const cell of matrixCells(trees, { own, expected, other }, measure)) {
    cells.push(cell);
    job.progress(cells.length, undefined);
    await setImmediate();
    job.signal.throwIfAborted();
  }
  return { side, own, expected, finding: session.info.digestFinding, cells };
}

function measure(bytes: Uint8Array, algorithm: VerityAlgorithm): string {
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  digester.update(bytes);
  return hexOfBytes(digester.digest());
}

/** Of an image file, by the hash that its objects have; undefined: it is no file of its own. */
function ownDigest({ kind, table }: Image): string | undefined {
  if (kind !== 'composefs' && kind !== 'erofs') return undefined;
  const first = table.digestOffset.findIndex((offset) => offset !== 0);
  const isLong = first >= 0 && digestBytes(table, first)?.length === 64;
  return measure(table.bytes, isLong ? 'sha512' : 'sha256');
}
