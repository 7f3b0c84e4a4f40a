import type { DigestSearch } from '../../shared/contract/search-values.ts';
import { INLINE_THRESHOLD } from '../../shared/tree/diff/explain/search/content-transforms.ts';
import { searchDigest } from '../../shared/tree/diff/explain/search/search-digest.ts';
import { Flag, S_IFMT, S_IFREG } from '../../shared/tree/table.ts';
import { fsVerityDigest, type VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { treeOfHash } from './compare/tree-of-hash.ts';
import { findContent } from './content.ts';
import { digestInSteps } from './image-digest.ts';
import type { ImageSession } from './image-session.ts';
import type { JobContext } from './job-list.ts';
import { inSlices, slices } from './slices.ts';

/** Small objects that are read, to see whether they were in the image once. */
const MAX_READ = 20_000;

/**
 * Searches for what must be done to an image's tree so that an image of it has a digest. Where its objects have no digest by
 * that hash, their contents are read.
 *
 * @throws the signal's reason
 */
export async function searchExpected(
  session: ImageSession,
  expected: { readonly digest: string; readonly algorithm: VerityAlgorithm },
  dataRoots: readonly string[],
  job: JobContext,
): Promise<DigestSearch> {
  const { digest, algorithm } = expected;
  const tree = await treeOfHash(session, algorithm, dataRoots, job);
  if (typeof tree === 'string') {
    return { expected: digest, found: undefined, images: 0, tried: [`Nothing could be tried: ${tree}`] };
  }
  const small =
    tree === session.image
      ? await smallContents(session, dataRoots, job)
      : { contents: new Map<number, Uint8Array>(), missing: 0 };
  const hash = nativeHash(algorithm);
  const steps = searchDigest(tree, digest, {
    measure: (bytes) => digestInSteps(bytes, algorithm),
    digestOf: (bytes) => fsVerityDigest(bytes, { algorithm, hash }),
    contents: small.contents,
    missingContents: small.missing,
    ownVersion: session.image.kind === 'composefs' ? session.image.formatVersion : undefined,
    progress: job.progress,
  });
  return inSlices(steps, job.signal);
}

/** Contents of objects that are small enough to lie in an image, by inode. */
async function smallContents(
  session: ImageSession,
  dataRoots: readonly string[],
  { signal }: JobContext,
): Promise<{ readonly contents: ReadonlyMap<number, Uint8Array>; readonly missing: number }> {
  const { table } = session.image;
  const contents = new Map<number, Uint8Array>();
  const breathe = slices();
  let missing = 0;
  for (let row = 0; row < table.count; row += 1) {
    const size = table.size[row] ?? 0;
    const isFile = ((table.mode[row] ?? 0) & S_IFMT) === S_IFREG && ((table.flags[row] ?? 0) & Flag.backed) !== 0;
    if (!isFile || size === 0 || size > INLINE_THRESHOLD || contents.has(table.inode[row] ?? 0)) continue;
    const bytes = contents.size < MAX_READ ? await contentOf(session, row, dataRoots) : undefined;
    if (bytes?.length === size) contents.set(table.inode[row] ?? 0, bytes);
    else missing += 1;
    await breathe();
    signal.throwIfAborted();
  }
  return { contents, missing };
}

/** undefined: it is not at hand. */
async function contentOf(
  session: ImageSession,
  row: number,
  dataRoots: readonly string[],
): Promise<Uint8Array | undefined> {
  const place = session.place(row);
  try {
    const source = await findContent(place.session, place.entry, dataRoots);
    return await source.read(0, INLINE_THRESHOLD + 1);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
