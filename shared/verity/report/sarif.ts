import type { ReportFailure, ReportImage, VerifyReport } from '../../contract/verify-values.ts';
import { bytesOfText } from '../../tree/text.ts';
import { count } from '../explain/words.ts';
import { isExpected, messageOf } from './headline.ts';
import { countsInOrder, jsonText } from './json.ts';
import type { ReportOptions } from './report-options.ts';
import { levelOf, sarifRules } from './sarif-rules.ts';
import { visible } from './visible.ts';

/** Paths of one object that a result lists; viewers show a handful. */
const MAX_PLACES = 100;

/** SARIF 2.1.0 (OASIS): one run, one result for each bad object, and one for each image that is not as it should be. */
export function sarifReport(report: VerifyReport, { paths }: ReportOptions): string {
  const { version, objects, bytes, counts, omitted, images, failures } = report;
  return jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Composcope', version, rules: sarifRules } },
        language: 'en-US',
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(report)],
        artifacts: images.map(({ path, title, algorithm, digest }) => ({
          location: { uri: uriOf(path) },
          roles: ['analysisTarget'],
          description: { text: messageText(title) },
          properties: { algorithm, digest },
        })),
        results: [...images.flatMap(imageResults), ...failures.map(failureResult)],
        properties: { objects, bytes, counts: countsInOrder(counts), omitted, paths },
      },
    ],
  });
}

const ruleIndex = new Map(sarifRules.map(({ id }, index) => [id, index]));

function invocation({ date, elapsedMs, notes, omitted }: VerifyReport): unknown {
  const end = Date.parse(date);
  const times = Number.isNaN(end)
    ? {}
    : { startTimeUtc: new Date(end - elapsedMs).toISOString(), endTimeUtc: new Date(end).toISOString() };
  const told = [
    ...notes,
    ...(omitted > 0 ? [`${count(omitted, 'more bad object')} ${omitted === 1 ? 'is' : 'are'} not listed.`] : []),
  ];
  return {
    executionSuccessful: true,
    ...times,
    toolExecutionNotifications: told.map((text) => ({ level: 'warning', message: { text: messageText(text) } })),
  };
}

function imageResults(image: ReportImage): readonly unknown[] {
  const { path, algorithm, digest, expected, signature } = image;
  const one = (id: string, level: 'error' | 'warning', text: string): unknown => ({
    ruleId: id,
    ruleIndex: ruleIndex.get(id),
    level,
    message: { text: messageText(text) },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }],
    fingerprints: { 'image/v1': `${id}:${algorithm}:${expected?.digest ?? digest}` },
  });
  const results: unknown[] = [];
  if (expected !== undefined && !isExpected(image)) {
    const text = `The image digest is ${algorithm}:${digest}, not the expected ${expected.algorithm}:${expected.digest} (${expected.source}).`;
    results.push(one('image-digest', expected.optional ? 'warning' : 'error', text));
  }
  if (signature !== undefined && signature.verdict !== 'good') {
    results.push(one('image-signature', 'error', signature.sentence));
  }
  return results;
}

function failureResult(failure: ReportFailure): unknown {
  const { status, redirect, explanation, advice, uses, usesOmitted, objectPath, kernel } = failure;
  const { expectedDigest, expectedSize, foundDigest, foundSize, errno } = failure;
  const [finding] = explanation?.findings ?? [];
  const id = finding?.rule ?? status;
  const text = [finding?.sentence ?? messageOf(failure), ...advice].join(' ');
  const places = uses.slice(0, MAX_PLACES).map(({ image, path }) => ({
    name: path.slice(path.lastIndexOf('/') + 1) || path,
    fullyQualifiedName: `${image}:${path}`,
    kind: 'resource',
  }));
  return {
    ruleId: id,
    ruleIndex: ruleIndex.get(id),
    level: levelOf(status),
    message: { text: messageText(text) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(objectPath ?? redirect) } },
        ...(places.length > 0 && { logicalLocations: places }),
      },
    ],
    // the same from run to run: what the image wants, and what is wrong with it
    fingerprints: { 'object/v1': `${status}:${redirect}:${expectedDigest ?? ''}` },
    properties: {
      status,
      certainty: finding?.certainty,
      redirect,
      expectedDigest,
      expectedSize,
      foundDigest,
      foundSize,
      errno,
      evidence: finding?.evidence.map(({ label, value }) => ({ label, value })),
      seen: kernel.seen,
      seenWithout: kernel.seenWithout,
      kernelLog: kernel.log,
      paths: uses.length + usesOmitted,
    },
  };
}

/**
 * A plain text message: braces are doubled, since one could be a placeholder (section 3.11.5), and nothing in it is a
 * link, `[text](target)` (3.11.6).
 */
const messageText = (text: string): string =>
  visible(text).replaceAll('{', '{{').replaceAll('}', '}}').replaceAll('](', '] (');

/** A path as text as a URI of its bytes: `file:` where it is absolute, else a relative reference (RFC 3986). */
function uriOf(path: string): string {
  let uri = path.startsWith('/') ? 'file://' : '';
  for (const byte of bytesOfText(path)) {
    const letter = String.fromCharCode(byte);
    uri += /[\w./~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return uri;
}
