import { badStatuses } from '../../../shared/contract/status.ts';
import { DigestIndex } from '../../engine/explain/digest-index.ts';
import { failureDetail, patient } from '../../engine/explain/failure.ts';
import { verifySessions } from '../../engine/verify/verify-sessions.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { entryOf } from '../entry-of.ts';
import { withPool } from '../pool.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';
import { describeFailure } from './verify.ts';

/** What is wrong with objects, by a path that refers to them or by their digest, and all that shows it. */
export const explain: Command = async ({ out, reporter }, [file = '', ...wanted], { json = false, store }) => {
  const session = openSession(file, reporter);
  if (session === undefined) return;
  await session.indexed;
  const stores = await storesFor(session, store, reporter);
  await checkObjects(session, stores, reporter);
  const digests = await DigestIndex.build([session]);
  const context = { sessions: [session], stores, digests, limits: patient };
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
      const detail = await failureDetail(session, entry, context);
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
