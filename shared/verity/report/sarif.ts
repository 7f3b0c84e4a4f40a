import { badStatuses, verityStatuses } from '../../contract/status.ts';
import { ruleTitles, type ReportFailure, type VerifyReport } from '../../contract/verify-values.ts';

/** Places of one object that a result lists; viewers show a handful. */
const MAX_PLACES = 100;

/** SARIF 2.1.0 (OASIS), for what collects findings of many tools. One run, one result for each bad object. */
export function sarifReport(report: VerifyReport): string {
  const statuses = verityStatuses.filter((status) => badStatuses.has(status));
  const ids = [...statuses, ...Object.keys(ruleTitles)];
  const rules = ids.map((id) => ({
    id,
    shortDescription: { text: id in ruleTitles ? ruleTitles[id as keyof typeof ruleTitles] : `Object is ${id}` },
    help: { text: 'See the message of each result for its evidence and what to do.' },
    defaultConfiguration: { level: 'error' },
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Composcope',
            semanticVersion: report.version,
            rules,
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            endTimeUtc: report.date,
            toolExecutionNotifications: report.notes.map((text) => ({ level: 'warning', message: { text } })),
          },
        ],
        properties: { objects: report.objects, bytes: report.bytes, counts: report.counts, omitted: report.omitted },
        results: report.failures.map((failure) => result(failure, ids)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function result(failure: ReportFailure, ids: readonly string[]): unknown {
  const { status, redirect, explanation, advice, uses, objectPath, expectedDigest } = failure;
  const [finding] = explanation?.findings ?? [];
  const id = finding?.rule ?? status;
  const text = [finding?.sentence ?? failure.message, ...advice].join(' ');
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: 'error',
    message: { text: text === '' ? `The object is ${status}.` : text },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(objectPath ?? redirect) } },
        logicalLocations: uses
          .slice(0, MAX_PLACES)
          .map(({ image, path }) => ({ fullyQualifiedName: `${image}:${path}`, kind: 'resource' })),
      },
    ],
    // the same from run to run: what the image wants, and what is wrong with it
    partialFingerprints: { 'object/v1': `${redirect}:${expectedDigest ?? ''}:${status}` },
    properties: { status, redirect, expectedDigest, foundDigest: failure.foundDigest, errno: failure.errno },
  };
}

/** An absolute path as a file URI, a relative one as a relative reference (RFC 3986); marks and spaces escaped. */
function uriOf(path: string): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${escaped}` : escaped;
}
