import { storageOf } from '../../../shared/tree/diff/compare-entries.ts';
import type { TreeOfHash } from '../../../shared/tree/diff/explain/matrix.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { INLINE_THRESHOLD } from '../../../shared/tree/diff/explain/search/content-transforms.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import type { TreeContent } from '../../../shared/tree/tree-image.ts';
import { objectNameOf, rebuildImage } from '../../../shared/tree/rebuild-image.ts';
import { digestBytes, redirectBytes } from '../../../shared/tree/row.ts';
import { S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { findContent } from '../content.ts';
import type { ImageSession } from '../image-session.ts';
import type { JobContext } from '../job-list.ts';
import { inSlices, slices } from '../slices.ts';
import { latin1 } from '../verify/targets.ts';

/**
 * A tree with the digests of its objects by a hash: as it is, where it has them; else its files are read, from the stores or
 * where they lie, each once. Of a directory each name is a file of its own, as mkcomposefs has it.
 *
 * @returns a sentence where a content is not at hand
 * @throws the signal's reason
 */
export async function treeOfHash(
  session: ImageSession,
  algorithm: VerityAlgorithm,
  dataRoots: readonly string[],
  job: JobContext,
): Promise<TreeOfHash> {
  const { image } = session;
  const rows = rowsWithout(image, algorithm);
  if (rows.length === 0) return image;
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  const breathe = slices();
  const known = new Map<string, TreeContent>();
  const byRow = new Map<number, TreeContent>();
  for (const [done, row] of rows.entries()) {
    const redirect = redirectBytes(image.table, row);
    const key = redirect === undefined ? `inode ${image.table.inode[row] ?? 0}` : `/${latin1(redirect)}`;
    let content = known.get(key);
    try {
      content ??= await contentOf(session, row, dataRoots, digester, job.signal);
    } catch (error) {
      job.signal.throwIfAborted();
      const { message } = error as Error;
      const hash = algorithm === 'sha256' ? 'SHA-256' : 'SHA-512';
      return `${hash} digests need the contents: ${pathOf(image.table, row)}: ${message}`;
    }
    known.set(key, content);
    byRow.set(row, content);
    job.progress(done + 1, rows.length, 'hashing contents');
    await breathe();
    job.signal.throwIfAborted();
  }
  return inSlices(
    rebuildImage(image, {
      hardlinks: image.kind !== 'directory',
      contents: (row) => byRow.get(row),
    }),
    job.signal,
  );
}

/** A tree as it is, where its objects have digests by that hash; nothing is read. */
export const treeAsIs = (image: Image, algorithm: VerityAlgorithm): TreeOfHash =>
  rowsWithout(image, algorithm).length === 0 ? image : 'its objects have other digests';

/** Files whose bytes are in no image, and that have no digest by the hash. */
function rowsWithout(image: Image, algorithm: VerityAlgorithm): readonly number[] {
  const { table } = image;
  const length = algorithm === 'sha256' ? 32 : 64;
  const rows: number[] = [];
  for (let row = 0; row < table.count; row += 1) {
    if (((table.mode[row] ?? 0) & S_IFMT) !== S_IFREG) continue;
    const storage = storageOf(image, row);
    const digest = digestBytes(table, row);
    const isObject = storage === 'object' && digest !== undefined && digest.length !== length;
    if (isObject || storage === 'elsewhere') rows.push(row);
  }
  return rows;
}

/** As an image of the tree has it: what lies in no image yet is kept there where it is small. @throws as `findContent` */
async function contentOf(
  session: ImageSession,
  row: number,
  dataRoots: readonly string[],
  digester: VerityDigester,
  signal: AbortSignal,
): Promise<TreeContent> {
  const place = session.place(row);
  const source = await findContent(place.session, place.entry, dataRoots);
  const isElsewhere = storageOf(session.image, row) === 'elsewhere';
  if (isElsewhere && source.size <= INLINE_THRESHOLD) {
    return { kind: 'inline', bytes: await source.read(0, INLINE_THRESHOLD) };
  }
  digester.reset();
  for await (const piece of source.all(signal)) digester.update(piece);
  const digest = digester.digest();
  return { kind: 'object', redirect: objectNameOf(digest), digest };
}
