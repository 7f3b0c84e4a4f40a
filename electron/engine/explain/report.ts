import { badStatuses, verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import type { FailureDetail, VerifyReport } from '../../../shared/contract/verify-values.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import { redirectBytes } from '../../../shared/tree/row.ts';
import type { ImageSession } from '../image-session.ts';
import { slices } from '../slices.ts';
import { brisk, failureDetail, reportFailure, type ExplainContext } from './failure.ts';

/** Failures that are explained one by one: a store that is not there at all has a million of one kind. */
export const MAX_EXPLAINED = 1000;

/** A bad object of an image. */
export interface BadEntry {
  readonly session: ImageSession;
  readonly object: number;
  readonly entry: number;
  readonly status: VerityStatus;
}

/** The bad objects of images, in tree order: hidden behind no cap. */
export async function* badEntries(sessions: readonly ImageSession[]): AsyncGenerator<BadEntry, void, void> {
  const breathe = slices();
  for (const session of sessions) {
    const { firstEntry } = await session.indexed;
    for (const [object, entry] of firstEntry.entries()) {
      const status = session.statusOfObject(object);
      if (badStatuses.has(status)) yield { session, object, entry, status };
      if ((object & 1023) === 0) await breathe();
    }
  }
}

/** Explains the bad objects of images, at most `MAX_EXPLAINED`. @throws the signal's reason */
export async function explainAll(
  context: ExplainContext,
  onProgress?: (done: number) => void,
): Promise<{ readonly details: readonly FailureDetail[]; readonly omitted: number }> {
  const details: FailureDetail[] = [];
  let omitted = 0;
  for await (const { session, entry } of badEntries(context.sessions)) {
    context.signal?.throwIfAborted();
    if (details.length >= MAX_EXPLAINED) omitted += 1;
    else {
      details.push(await failureDetail(session, entry, { ...context, limits: context.limits ?? brisk }));
      onProgress?.(details.length);
    }
  }
  return { details, omitted };
}

/** What a report says of the run as a whole. */
export type ReportFacts = Pick<
  VerifyReport,
  'version' | 'images' | 'stores' | 'objects' | 'bytes' | 'elapsedMs' | 'notes'
>;

export function reportOf(
  facts: ReportFacts,
  sessions: readonly ImageSession[],
  details: readonly FailureDetail[],
  omitted: number,
): VerifyReport {
  const counts: Partial<Record<VerityStatus, number>> = {};
  for (const { info } of sessions) {
    for (const status of verityStatuses) {
      const count = info.statuses[status] ?? 0;
      if (count > 0) counts[status] = (counts[status] ?? 0) + count;
    }
  }
  return {
    ...facts,
    date: new Date().toISOString(),
    counts,
    failures: details.map(reportFailure),
    omitted,
  };
}

/** Path of an object below the data root, as text. */
export const redirectText = (session: ImageSession, entry: number): string =>
  displayBytes(redirectBytes(session.image.table, entry) ?? new Uint8Array(0));
