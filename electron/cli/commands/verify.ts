import { badStatuses, verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import {
  ruleTitles,
  type FailureDetail,
  type ReportImage,
  type VerifyReport,
} from '../../../shared/contract/verify-values.ts';
import { formatBytes } from '../../../shared/tree/format.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { headline } from '../../../shared/verity/report/headline.ts';
import { formatOfName, formatReport } from '../../../shared/verity/report/report.ts';
import type { AttachedStore } from '../../engine/attached-store.ts';
import { DigestIndex } from '../../engine/explain/digest-index.ts';
import { brisk, patient } from '../../engine/explain/failure.ts';
import { explainAll, redirectText, reportOf } from '../../engine/explain/report.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import { measuredBytes } from '../../engine/measured-bytes.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { writeText } from '../../engine/save-content.ts';
import { verifySessions, type StoreVerdict } from '../../engine/verify/verify-sessions.ts';
import type { VerifyProgress } from '../../engine/verify/verify-run.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Options } from '../context.ts';
import { imageCheck, type ImageCheck } from '../image-check.ts';
import { reportProblems } from '../load-image.ts';
import { withPool } from '../pool.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';
import { versionOf } from '../../engine/version.ts';

/** Failures that the text shows in full; the report and the JSON have all. */
const MAX_SHOWN = 50;

interface Opened {
  readonly file: string;
  readonly session: ImageSession;
  readonly check: ImageCheck;
}

/** Hashes the objects of images, or of a whole store; says which fail, why, and what to do. */
export const verify: Command = async ({ out, reporter }, files, options) => {
  const { json = false, full = false, report: reportFile, jobs } = options;
  const format = reportFile === undefined ? undefined : formatOfName(reportFile);
  if (reportFile !== undefined && format === undefined) {
    throw new CliError(Status.usage, 'usage', '--report takes a file that ends in .md, .html, .json or .sarif');
  }
  if (files.length === 0 && (options.store ?? []).length === 0) {
    throw new CliError(
      Status.usage,
      'usage',
      'verify needs <image...>, or a whole --store; see `composcope help verify`',
    );
  }
  const started = performance.now();
  const opened: Opened[] = [];
  const stores: AttachedStore[] = [];
  for (const file of files) {
    const session = openSession(file, reporter);
    if (session === undefined) continue;
    reportProblems(session.image, file, reporter);
    await session.indexed;
    for (const store of await storesFor(session, options.store, reporter)) {
      if (!stores.some(({ realRoot }) => realRoot === store.realRoot)) stores.push({ ...store, id: stores.length });
    }
    const algorithm = session.verityAlgorithm;
    const digest = hexOfBytes(fsVerityDigest(measuredBytes(session.image), { algorithm, hash: nativeHash(algorithm) }));
    opened.push({ file, session, check: await imageCheck({ session, digest, algorithm }, stores, options, reporter) });
  }
  if (files.length === 0) stores.push(...(await namedStores(options, reporter)));
  const needed = opened.find(({ session }) => session.info.counts.objects > 0);
  if (stores.length === 0 && (needed !== undefined || files.length === 0)) {
    if (reporter.status === Status.ok) {
      const message = 'no store lies beside it: name the one that holds its objects with --store';
      throw new CliError(Status.input, 'no-store', message, needed === undefined ? {} : { file: needed.file });
    }
    return; // why none of those that were named can be used was said
  }
  const sessions = opened.map(({ session }) => session);
  const wrongNames: StoreVerdict[] = [];
  const verdicts: StoreVerdict[] = [];
  const outcome = await withPool(jobs, (pool) =>
    verifySessions({
      sessions,
      stores,
      wholeStores: files.length === 0 ? stores : [],
      full,
      useCache: options.cache !== false,
      pool,
      onProgress: progressTo(reporter),
      onStoreVerdict: (verdict) => {
        if (json) verdicts.push(verdict);
        if (badStatuses.has(verdict.verdict.status)) wrongNames.push(verdict);
      },
    }),
  );
  for (const { session } of opened) await checkObjects(session, stores, reporter);
  const context = {
    sessions,
    stores,
    digests: await DigestIndex.build(sessions),
    limits: sessions.length === 0 ? brisk : patient,
  };
  const { details, omitted } = await explainAll(context, (done) => reporter.progress(`explaining: ${done}`));
  reporter.progressDone();

  const report = reportOf(
    {
      version: versionOf(),
      images: opened.map(reportImage),
      stores: stores.map(({ found: { dataRoot, title, note } }) => ({ path: dataRoot, title, note })),
      objects: outcome.progress.totalObjects,
      bytes: outcome.progress.totalBytes,
      elapsedMs: performance.now() - started,
      notes: [...opened.flatMap(({ check }) => check.sealNote ?? []), ...outcome.notes],
    },
    sessions,
    details,
    omitted,
  );
  const all = { ...report, counts: outcome.progress.counts };
  if (reportFile !== undefined && format !== undefined) {
    const told = { ...all, notes: [...opened.flatMap(findingNote), ...all.notes] };
    await writeText(reportFile, formatReport(told, format, { paths: options.paths !== false }));
  }
  if (json) out.text(`${JSON.stringify(verifyJson(all, opened, verdicts, outcome.progress), asHex, 2)}\n`);
  else out.text(describe(all, opened, outcome.progress, wrongNames));
  const { counts } = outcome.progress;
  const isBad = verityStatuses.some((status) => badStatuses.has(status) && (counts[status] ?? 0) > 0);
  const isUnsealed =
    options.requireSeal === true &&
    ['ok', 'unsealed', 'no-digest'].some((status) => (counts[status as VerityStatus] ?? 0) > 0);
  if (isBad || isUnsealed || opened.some(({ check }) => !check.isRight)) reporter.note(Status.found);
};

const asHex = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? hexOfBytes(value) : value);

async function namedStores(
  options: Options,
  reporter: Parameters<Command>[0]['reporter'],
): Promise<readonly AttachedStore[]> {
  const { storesNamed } = await import('../session.ts');
  return storesNamed(options.store ?? [], reporter);
}

/** A line that is written over while it runs. */
function progressTo(reporter: Parameters<Command>[0]['reporter']): (progress: VerifyProgress) => void {
  const started = performance.now();
  return ({ objects, totalObjects, bytes, totalBytes }) => {
    const seconds = (performance.now() - started) / 1000;
    const rate =
      seconds < 0.5
        ? ''
        : `, ${formatBytes(bytes / seconds)}/s, ${Math.ceil(((totalBytes - bytes) * seconds) / Math.max(1, bytes))} s left`;
    reporter.progress(
      `verifying: ${objects} of ${totalObjects}, ${formatBytes(bytes)} of ${formatBytes(totalBytes)}${rate}`,
    );
  };
}

const reportImage = ({ file, session, check }: Opened): ReportImage => ({
  path: file,
  name: session.info.name,
  title: session.info.title,
  algorithm: check.algorithm,
  digest: check.digest,
  expected: check.expected,
  signature: check.signature,
});

/** Without the path that it is of: a report is shown to others. */
const findingNote = ({ file, check: { finding } }: Opened): readonly string[] =>
  finding === undefined ? [] : [`${file}: of the expected digest: ${finding.sentence} ${finding.advice}`];

/** Everything as data: each object with its status, and each failure with all that is known of it. */
function verifyJson(
  report: VerifyReport,
  opened: readonly Opened[],
  verdicts: readonly StoreVerdict[],
  progress: VerifyProgress,
): Record<string, unknown> {
  return {
    images: report.images.map((image, index) => ({
      ...image,
      matches: opened[index]?.check.isRight,
      finding: opened[index]?.check.finding,
    })),
    stores: report.stores,
    counts: report.counts,
    objects: report.objects,
    bytes: report.bytes,
    cached: progress.cached,
    measured: progress.measured,
    elapsedMs: Math.round(report.elapsedMs),
    notes: report.notes,
    results: [...opened.flatMap(resultsOf), ...verdicts.map(storeResult)],
    failures: report.failures,
    omitted: report.omitted,
  };
}

function resultsOf({ file, session }: Opened): readonly Record<string, unknown>[] {
  const { table } = session.image;
  return [...session.entriesOfObjects()].map(([object, entry]) => {
    const verdict = session.verdicts.verdict(object);
    return {
      image: file,
      redirect: redirectText(session, entry),
      path: pathOf(table, entry),
      status: session.statusOfObject(object),
      size: table.size[entry],
      errno: verdict?.errno,
      reason: verdict?.reason,
      found: verdict?.digest && hexOfBytes(verdict.digest),
    };
  });
}

const storeResult = ({ store, name, want, verdict }: StoreVerdict): Record<string, unknown> => ({
  store: store.found.dataRoot,
  redirect: name,
  status: verdict.status,
  size: verdict.state?.size,
  expected: want.digest && hexOfBytes(want.digest),
  found: verdict.digest && hexOfBytes(verdict.digest),
  errno: verdict.errno,
  reason: verdict.reason,
});

function describe(
  report: VerifyReport,
  opened: readonly Opened[],
  progress: VerifyProgress,
  wrongNames: readonly StoreVerdict[],
): string {
  const lines: string[] = [];
  for (const [index, { path, algorithm, digest, expected, signature }] of report.images.entries()) {
    const finding = opened[index]?.check.finding;
    lines.push(`${path}: ${algorithm}:${digest}`);
    if (expected !== undefined) {
      const isRight = expected.digest === digest;
      lines.push(`  ${isRight ? 'as expected' : `NOT the expected ${expected.digest}`} (${expected.source})`);
    }
    if (finding !== undefined) {
      lines.push(`  ${finding.sentence}`);
      if (finding.where !== undefined) lines.push(`  ${finding.where}`);
      lines.push(`  → ${finding.advice}`);
    }
    if (signature !== undefined) lines.push(`  signature: ${signature.sentence}`);
  }
  for (const detail of report.failures.slice(0, MAX_SHOWN)) {
    const [finding] = detail.explanation?.findings ?? [];
    lines.push('', `${detail.status}  ${detail.redirect}`);
    lines.push(`  ${finding?.sentence ?? detail.message}${finding === undefined ? '' : ` (${finding.certainty})`}`);
    for (const { path } of detail.uses.slice(0, 3)) lines.push(`  ${path}`);
    const more = detail.uses.length + detail.usesOmitted - Math.min(3, detail.uses.length);
    if (more > 0) lines.push(`  and ${more} more paths`);
    const [advice] = detail.advice;
    if (advice !== undefined) lines.push(`  → ${advice}`);
  }
  for (const { name, verdict, want } of wrongNames.slice(0, MAX_SHOWN)) {
    const found = verdict.digest === undefined ? (verdict.reason ?? '') : `its digest is ${hexOfBytes(verdict.digest)}`;
    const wanted = want.digest === undefined ? '' : ', which is not its name';
    lines.push('', `${verdict.status}  ${name}`, `  ${found}${verdict.digest === undefined ? '' : wanted}`);
  }
  const shown = Math.min(MAX_SHOWN, report.failures.length) + Math.min(MAX_SHOWN, wrongNames.length);
  const more = report.failures.length + report.omitted + wrongNames.length - shown;
  if (more > 0) lines.push('', `… and ${more} more; --report or --json has all`);
  if (report.failures.length > 0 || wrongNames.length > 0) lines.push('');
  for (const note of report.notes) lines.push(note);
  const counts = verityStatuses
    .filter((status) => (progress.counts[status] ?? 0) > 0)
    .map((status) => `${progress.counts[status] ?? 0} ${status}`);
  const wrong =
    wrongNames.length > 0
      ? `${wrongNames.length} of ${report.objects} objects are not what their names say.`
      : headline(report);
  const seconds = report.elapsedMs / 1000;
  const known = progress.cached > 0 ? `, ${progress.cached} known to be right from before` : '';
  lines.push(
    `${[wrong, counts.join(', ')].filter((part) => part !== '').join(' ')} (${formatBytes(report.bytes)} in ${seconds.toFixed(1)} s${known})`,
  );
  return `${lines.join('\n')}\n`;
}

/** A failure in full, as `explain` prints it. */
export function describeFailure(detail: FailureDetail): string {
  const { problem, explanation, kernel, expectedDigest, algorithm, foundDigest, objectPath, objectSize } = detail;
  const lines: string[] = [`${problem.status}  ${problem.redirect}`, `  ${detail.message}`];
  for (const { rule, certainty, sentence, evidence } of explanation.findings) {
    lines.push('', `${ruleTitles[rule]} (${certainty})`, `  ${sentence}`);
    for (const { label, value } of evidence) lines.push(`  ${label}: ${value}`);
  }
  lines.push('');
  lines.push(
    `expected:  ${expectedDigest === undefined ? 'no digest' : `${algorithm}:${expectedDigest}`}, ${problem.size} bytes`,
  );
  if (foundDigest !== undefined) lines.push(`found:     ${algorithm}:${foundDigest}`);
  if (objectPath !== undefined)
    lines.push(`object:    ${objectPath}${objectSize === undefined ? '' : `, ${objectSize} bytes`}`);
  lines.push(
    `a program sees, with verity=require: ${kernel.seen}`,
    `                without it:          ${kernel.seenWithout}`,
  );
  if (kernel.log !== undefined) lines.push(`kernel log: ${kernel.log}`);
  const { strip } = explanation;
  if (strip !== undefined && strip.runs.length > 0) {
    const runs = strip.runs
      .slice(0, 8)
      .map(({ from, count, state }) => `${from}${count > 1 ? `–${from + count - 1}` : ''} ${state}`);
    lines.push(
      `blocks:    ${strip.bad} of ${strip.blocks} bad: ${runs.join(', ')}${strip.runs.length > 8 ? ', …' : ''}`,
    );
  }
  for (const { sentence } of explanation.ruledOut) lines.push(`ruled out: ${sentence}`);
  for (const { sentence } of explanation.notTried) lines.push(`not tried: ${sentence}`);
  for (const [index, sentence] of detail.advice.entries())
    lines.push(`${index === 0 ? 'to do:    ' : '          '} ${sentence}`);
  if (detail.command !== undefined) lines.push(`           ${detail.command}`);
  lines.push(`paths:     ${detail.uses.length + detail.usesOmitted}`);
  for (const { imageName, path } of detail.uses.slice(0, 20)) lines.push(`  ${path}  (${imageName})`);
  if (detail.uses.length + detail.usesOmitted > 20) lines.push('  …');
  return `${lines.join('\n')}\n`;
}
