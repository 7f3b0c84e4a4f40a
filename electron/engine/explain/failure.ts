import type { VerityStatus } from '../../../shared/contract/status.ts';
import type {
  Explanation,
  FailureDetail,
  ObjectRef,
  ProblemObject,
  ReportFailure,
} from '../../../shared/contract/verify-values.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { digestBytes, redirectBytes } from '../../../shared/tree/row.ts';
import { Flag } from '../../../shared/tree/table.ts';
import { displayBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { adviceFor } from '../../../shared/verity/explain/advice.ts';
import type { Evidence, ExpectedObject, ImageSurvey } from '../../../shared/verity/explain/evidence.ts';
import { explain } from '../../../shared/verity/explain/explain.ts';
import { kernelWords } from '../../../shared/verity/explain/kernel-words.ts';
import type { AttachedStore } from '../attached-store.ts';
import { entryDetails } from '../entry-details.ts';
import type { ImageSession } from '../image-session.ts';
import { whereUsed } from '../where-used.ts';
import type { DigestIndex } from './digest-index.ts';
import { gatherEvidence, mtimeOf } from './object-evidence.ts';

export interface ExplainContext {
  readonly sessions: readonly ImageSession[];
  /** In the order of search. */
  readonly stores: readonly AttachedStore[];
  readonly digests: DigestIndex;
  readonly limits: ExplainLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes up to which a bad object is read at all, and read again for rules that need another pass. */
export interface ExplainLimits {
  readonly read: number;
  readonly pass: number;
}

/** For somebody who waits for the answer to one question, and for all bad objects of a run. */
export const patient: ExplainLimits = { read: 64 * 2 ** 30, pass: 512 * 2 ** 20 };
export const brisk: ExplainLimits = { read: 64 * 2 ** 20, pass: 16 * 2 ** 20 };

/** What the image says of the object of one of its entries. */
export function expectedOf({ image: { table } }: ImageSession, entry: number): ExpectedObject {
  const digest = digestBytes(table, entry);
  return {
    algorithm: ((table.flags[entry] ?? 0) & Flag.sha512) === 0 ? 'sha256' : 'sha512',
    digest: digest && hexOfBytes(digest),
    size: table.size[entry] ?? 0,
    redirect: displayBytes(redirectBytes(table, entry) ?? new Uint8Array(0)),
  };
}

/** Looks for the cause of what is wrong with the object of an entry. @throws the signal's reason */
export async function explainEntry(
  session: ImageSession,
  entry: number,
  context: ExplainContext,
): Promise<{ readonly explanation: Explanation; readonly evidence: Evidence }> {
  const { stores, digests, limits, signal } = context;
  const { table } = session.image;
  const digest = digestBytes(table, entry);
  const twins = digest === undefined ? [] : [...digests.find(digest)];
  const evidence = await gatherEvidence({
    status: session.statusOf(entry) ?? 'unchecked',
    expected: expectedOf(session, entry),
    redirect: redirectBytes(table, entry) ?? new Uint8Array(0),
    stores,
    twins: twins
      .map((twin) => redirectBytes(twin.session.image.table, twin.entry))
      .filter((redirect) => redirect !== undefined),
    objectsOfDigest: (hex) => digests.named(hex),
    survey: await surveyOf(session),
    readLimit: limits.read,
    passLimit: limits.pass,
    signal,
  });
  return { explanation: await explain(evidence), evidence };
}

async function surveyOf(session: ImageSession): Promise<ImageSurvey | undefined> {
  const { checked, info } = session;
  if (checked === undefined) return undefined;
  let newest: number | undefined;
  for (const mtime of checked.result.mtimeMs) if (!Number.isNaN(mtime) && mtime > (newest ?? 0)) newest = mtime;
  return {
    objects: info.counts.objects,
    missing: info.statuses.missing ?? 0,
    imageMtimeMs: await mtimeOf(session.path),
    newestObjectMtimeMs: newest,
  };
}

/** Everything that there is to say of one bad object. @throws the signal's reason */
export async function failureDetail(
  session: ImageSession,
  entry: number,
  context: ExplainContext,
): Promise<FailureDetail> {
  const details = await entryDetails(session, entry, context.stores);
  const { explanation, evidence } = await explainEntry(session, entry, context);
  const object = (await session.indexed).ofEntry[entry] ?? -1;
  const verdict = session.verdicts.verdict(object);
  const { uses, omitted } = await whereUsed(session, entry, context.sessions);
  const expected = evidence.expected;
  const content = await evidence.content();
  // an empty file has no object, and so nothing that could be wrong
  const status = details.verity?.status ?? (details.content === 'empty' ? 'inline' : 'unchecked');
  const ref: ObjectRef = { image: session.id, entry };
  return {
    problem: problemObject(session, entry, { ref, status, explanation, uses: uses.length + omitted }),
    algorithm: expected.algorithm,
    measure: 'fs-verity',
    expectedDigest: expected.digest,
    foundDigest: content?.verity[expected.algorithm] ?? (verdict?.digest && hexOfBytes(verdict.digest)),
    objectPath: evidence.found?.path ?? details.verity?.objectPath,
    objectSize: evidence.found?.size,
    expectedSize: expected.size,
    errno: verdict?.errno ?? details.verity?.errno,
    message: details.verity?.message ?? '',
    explanation,
    kernel: kernelWords({ ...evidence, status }, explanation, details.path),
    uses,
    usesOmitted: omitted,
    advice: adviceFor(evidence, explanation),
    command: repairCommand(session, context.stores, explanation),
  };
}

/** A bad object as a line of the problem list. */
export function problemObject(
  session: ImageSession,
  entry: number,
  facts: {
    readonly ref: ObjectRef;
    readonly status: VerityStatus;
    readonly explanation: Explanation | undefined;
    readonly uses: number;
  },
): ProblemObject {
  const [cause] = facts.explanation?.findings ?? [];
  return {
    ref: facts.ref,
    status: facts.status,
    cause: cause?.rule,
    certainty: cause?.certainty,
    redirect: expectedOf(session, entry).redirect,
    path: pathOf(session.image.table, entry),
    uses: facts.uses,
    size: session.image.table.size[entry] ?? 0,
    imageName: session.name,
  };
}

/** What `composcope repair` would be given to put the good copy in place. */
function repairCommand(
  session: ImageSession,
  stores: readonly AttachedStore[],
  { goodCopy }: Explanation,
): string | undefined {
  const [target] = stores;
  if (goodCopy === undefined || target === undefined || session.image.kind === 'stack') return undefined;
  const source = stores.find(({ found }) => goodCopy.path.startsWith(`${found.dataRoot.replace(/\/$/, '')}/`));
  const words = ['composcope', 'repair', session.path, '--store', target.found.path];
  if (source !== undefined && source !== target) words.push('--from', source.found.path);
  return words.map(shellWord).join(' ');
}

/** Quoted for a POSIX shell. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A failure as a report has it. */
export const reportFailure = (detail: FailureDetail): ReportFailure => ({
  status: detail.problem.status,
  redirect: detail.problem.redirect,
  expectedDigest: detail.expectedDigest,
  expectedSize: detail.problem.size,
  foundDigest: detail.foundDigest,
  foundSize: detail.objectSize,
  objectPath: detail.objectPath,
  errno: detail.errno,
  message: detail.message,
  explanation: detail.explanation,
  kernel: detail.kernel,
  advice: detail.advice,
  uses: detail.uses.map(({ imageName, path }) => ({ image: imageName, path })),
  usesOmitted: detail.usesOmitted,
});
