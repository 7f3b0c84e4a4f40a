import { verityStatuses } from '../../contract/status.ts';
import type { Explanation, ReportFailure, ReportImage, VerifyReport } from '../../contract/verify-values.ts';
import { hexOfBytes } from '../../tree/text.ts';
import { visible } from './visible.ts';
import type { ReportOptions } from './report-options.ts';

/**
 * The report as JSON: `schemaVersion` rises when a field goes or changes its meaning, not when one is added. Bytes are
 * hex, times ISO 8601, sizes bytes; what is not known is not there. Fields come in the same order each time.
 */
export function jsonReport(report: VerifyReport, { paths }: ReportOptions): string {
  const { version, date, images, stores, counts, objects, bytes, elapsedMs, notes, failures, omitted } = report;
  return jsonText({
    schema: 'composcope-verify-report',
    schemaVersion: 1,
    version,
    date,
    paths,
    objects,
    bytes,
    elapsedMs: Math.round(elapsedMs),
    counts: countsInOrder(counts),
    images: images.map(imageJson),
    stores: stores.map(({ path, title, note }) => ({ path, title, note })),
    notes,
    failures: failures.map(failureJson),
    omitted,
  });
}

/** Text of JSON whose strings hide nothing where it is printed: what misleads is escaped, and the same when parsed. */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, undefined, 2).replace(/[\u{7f}-\u{10ffff}]/gu, (letter) =>
    visible(letter) === letter ? letter : String.raw`\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;

/** Counts in the order of the statuses. */
export const countsInOrder = (counts: VerifyReport['counts']): Readonly<Record<string, number>> =>
  Object.fromEntries(
    verityStatuses.flatMap((status) => {
      const count = counts[status];
      return count === undefined ? [] : [[status, count]];
    }),
  );

const imageJson = ({ path, name, title, algorithm, digest, expected, signature }: ReportImage): unknown => ({
  path,
  name,
  title,
  algorithm,
  digest,
  expected: expected && {
    digest: expected.digest,
    algorithm: expected.algorithm,
    source: expected.source,
    optional: expected.optional,
  },
  signature: signature && {
    path: signature.path,
    verdict: signature.verdict,
    sentence: signature.sentence,
    signer: signature.signer && {
      subject: signature.signer.subject,
      issuer: signature.signer.issuer,
      serial: signature.signer.serial,
      notBefore: signature.signer.notBefore,
      notAfter: signature.signer.notAfter,
      isValidNow: signature.signer.isValidNow,
    },
    chain: signature.chain,
    signedDigest: signature.signedDigest,
    facts: signature.facts.map(({ label, value }) => ({ label, value })),
  },
});

const failureJson = (failure: ReportFailure): unknown => ({
  status: failure.status,
  redirect: failure.redirect,
  expectedDigest: failure.expectedDigest,
  expectedSize: failure.expectedSize,
  foundDigest: failure.foundDigest,
  foundSize: failure.foundSize,
  objectPath: failure.objectPath,
  errno: failure.errno,
  message: failure.message,
  explanation: failure.explanation && explanationJson(failure.explanation),
  kernel: { seen: failure.kernel.seen, seenWithout: failure.kernel.seenWithout, log: failure.kernel.log },
  advice: failure.advice,
  uses: failure.uses.map(({ image, path }) => ({ image, path })),
  usesOmitted: failure.usesOmitted,
});

const explanationJson = (explanation: Explanation): unknown => {
  const { findings, ruledOut, notTried, strip, firstDifference, goodCopy } = explanation;
  return {
    findings: findings.map(({ rule, certainty, sentence, evidence, advice }) => ({
      rule,
      certainty,
      sentence,
      evidence: evidence.map(({ label, value }) => ({ label, value })),
      advice,
    })),
    ruledOut: ruledOut.map(({ rule, sentence }) => ({ rule, sentence })),
    notTried: notTried.map(({ rule, sentence }) => ({ rule, sentence })),
    strip: strip && {
      blockSize: strip.blockSize,
      blocks: strip.blocks,
      bad: strip.bad,
      comparedWith: strip.comparedWith,
      runs: strip.runs.map(({ from, count, state }) => ({ from, count, state })),
      omitted: strip.omitted,
    },
    firstDifference: firstDifference && {
      block: firstDifference.block,
      offset: firstDifference.offset,
      bytes: firstDifference.bytes,
      bits: firstDifference.bits,
      found: hexOfBytes(firstDifference.found),
      good: hexOfBytes(firstDifference.good),
    },
    goodCopy: goodCopy && { path: goodCopy.path, where: goodCopy.where },
  };
};
