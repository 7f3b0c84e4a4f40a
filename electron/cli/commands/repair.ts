import { DigestIndex } from '../../engine/explain/digest-index.ts';
import { badEntries } from '../../engine/explain/report.ts';
import { repair as repairObjects, type BadObject } from '../../engine/repair/repair.ts';
import { verifySessions } from '../../engine/verify/verify-sessions.ts';
import { Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { entryOf } from '../entry-of.ts';
import { withPool } from '../pool.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';

/** Replaces bad objects of an image by good copies. */
export const repair: Command = async ({ out, reporter }, [file = '', ...wanted], options) => {
  const { json = false, store, from = [], dryRun = false, jobs } = options;
  const session = openSession(file, reporter);
  if (session === undefined) return;
  await session.indexed;
  const stores = await storesFor(session, store, reporter);
  const digests = await DigestIndex.build([session]);
  const only = wanted.map((text) => entryOf(session.image, digests, text));
  await withPool(jobs, (pool) =>
    verifySessions({ sessions: [session], stores, wholeStores: [], full: false, useCache: true, pool }),
  );
  await checkObjects(session, stores, reporter);
  const { ofEntry } = await session.indexed;
  const objects = new Set(only.map((entry) => ofEntry[entry] ?? -1));
  const bad: BadObject[] = [];
  for await (const one of badEntries([session])) if (only.length === 0 || objects.has(one.object)) bad.push(one);
  const results = await repairObjects(bad, {
    stores,
    from,
    sessions: [session],
    digests,
    keep: options.keep !== false,
    dryRun,
    onResult: (result) => {
      if (!json) out.text(`${result.outcome}  ${result.redirect}\n  ${result.message}\n`);
    },
  });
  if (results.some(({ outcome }) => outcome !== 'repaired')) reporter.note(Status.found);
  if (json) out.text(`${JSON.stringify({ image: file, results }, undefined, 2)}\n`);
  else {
    const done = results.filter(({ outcome }) => outcome === 'repaired').length;
    const what =
      results.length === 0
        ? 'Nothing to repair.'
        : `${done} of ${results.length} objects ${dryRun ? 'can be ' : ''}repaired.`;
    out.text(`${what}\n`);
  }
};
