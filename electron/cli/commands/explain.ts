import { badStatuses } from '../../../shared/contract/status.ts';
import { DigestIndex } from '../../engine/explain/digest-index.ts';
import { failureDetail, patient } from '../../engine/explain/failure.ts';
import { verifySessions } from '../../engine/verify/verify-sessions.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { entryOf } from '../entry-of.ts';
import { withPool } from '../pool.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';
import { describeFailure } from './verify.ts';

/**
 * What is wrong with objects, by a path that refers to them or by their digest, and all that shows it; without any, what the
 * digest is that is expected of the image.
 */
export const explain: Command = async (context, [file = '', ...wanted], options) => {
  if (wanted.length === 0) {
    const { explainDigest } = await import('./explain-digest.ts'); // it opens container images, too
    return explainDigest(context, [file], options);
  }
  const { out, reporter } = context;
  const { json = false, store, digest } = options;
  if (digest !== undefined) throw new CliError(Status.usage, 'usage', '--digest is of the image, and takes no objects');
  const session = openSession(file, reporter);
  if (session === undefined) return;
  await session.indexed;
  const stores = await storesFor(session, store, reporter);
  await checkObjects(session, stores, reporter);
  const digests = await DigestIndex.build([session]);
  const failures = { sessions: [session], stores, digests, limits: patient };
  const details: unknown[] = [];
  for (const [index, text] of wanted.entries()) {
    try {
      const entry = entryOf(session.image, digests, text);
      await withPool(1, (pool) =>
        verifySessions({
          sessions: [session],
          stores,
          wholeStores: [],
          full: true, // a seal is right whatever the disk gives: only reading tells
          useCache: false,
          pool,
          only: entry,
        }),
      );
      const detail = await failureDetail(session, entry, failures);
      if (json) details.push(detail);
      else out.text(`${index > 0 ? '\n' : ''}${describeFailure(detail)}`);
      if (badStatuses.has(detail.problem.status)) reporter.note(Status.found);
    } catch (error) {
      reporter.error(error, file);
    }
  }
  if (json) {
    const [only] = details;
    const value = details.length === 1 ? only : details;
    out.text(
      `${JSON.stringify(value ?? [], (_, part: unknown) => (part instanceof Uint8Array ? hexOfBytes(part) : part), 2)}\n`,
    );
  }
};
