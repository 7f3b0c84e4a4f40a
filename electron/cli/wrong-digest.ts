import { openImage } from '../../shared/composefs/open-image.ts';
import { ImageError } from '../../shared/erofs/image-error.ts';
import type { MountFailure, MountPlan } from '../../shared/contract/mount-values.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { triageDigest } from '../engine/digest-triage.ts';
import { verityDigestOf } from '../engine/image-digest.ts';
import { ImageSession } from '../engine/image-session.ts';
import type { JobContext } from '../engine/job-list.ts';
import { readWholeFile } from './read-file.ts';
import type { Reporter } from './reporter.ts';

/**
 * A mount that was refused for the digest of an image, with what that digest is and what to do about it, where it is known.
 *
 * @param texts digests as they were given, of each layer
 */
export async function withDigestFinding(
  failure: MountFailure,
  plan: MountPlan,
  texts: readonly string[],
  reporter: Reporter,
): Promise<MountFailure> {
  if (failure.cause !== 'digest-mismatch') return failure;
  const job: JobContext = {
    signal: new AbortController().signal,
    progress: (done, total) => reporter.progress(`measuring in other ways: ${done} of ${total ?? '?'} bytes`),
  };
  for (const [index, text] of texts.entries()) {
    const layer = plan.layers[index];
    const parsed = parseDigest(text);
    const session = layer?.type === 'image' && 'digest' in parsed ? sessionOf(layer.path) : undefined;
    if (session === undefined || !('digest' in parsed)) continue;
    if ((await verityDigestOf(session.image.table.bytes, session.verityAlgorithm, job)) === parsed.digest) continue;
    const expected = { ...parsed, source: '--digest', text };
    const dataRoots = plan.stores;
    const { certainty, sentence, where, advice } = await triageDigest(
      session,
      expected,
      { others: [], dataRoots },
      job,
    );
    reporter.progressDone();
    if (certainty !== 'certain') continue;
    return { ...failure, advice: `${sentence}${where === undefined ? '' : ` (${where})`} ${advice}` };
  }
  return failure;
}

/** undefined: there is no image to be read, which is another failure than this one. */
function sessionOf(path: string): ImageSession | undefined {
  try {
    const image = openImage(readWholeFile(path));
    const identity = { dev: 0, ino: 0, size: image.table.bytes.length, mtimeMs: 0 };
    return new ImageSession(0, path, { image, identity, openedInMs: 0 });
  } catch (error) {
    if (error instanceof ImageError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}
