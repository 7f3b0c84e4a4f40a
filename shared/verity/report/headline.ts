import { badStatuses } from '../../contract/status.ts';
import { ruleTitles, type ReportFailure, type ReportImage, type VerifyReport } from '../../contract/verify-values.ts';
import { formatBytes, formatTime } from '../../tree/format.ts';
import { count, grouped } from '../explain/words.ts';

/** Number of objects that are wrong, listed or not. */
export const wrongObjects = ({ failures, omitted }: VerifyReport): number =>
  failures.filter(({ status }) => badStatuses.has(status)).length + omitted;

/** Whether an image has the digest that it should have; true where none is known. */
export const isExpected = ({ expected, digest }: ReportImage): boolean =>
  expected === undefined || expected.digest === digest;

/** Whether nothing that was checked is wrong: objects, image digests and signatures. */
export const isRight = (report: VerifyReport): boolean =>
  wrongObjects(report) === 0 &&
  report.images.every((image) => isExpected(image) && (image.signature?.verdict ?? 'good') === 'good');

/** The verdict in one or two sentences. */
export function headline(report: VerifyReport): string {
  const { images, objects, counts } = report;
  const sentences = [objectsSentence(wrongObjects(report), objects, counts.unchecked ?? 0)];
  const others = images.filter((image) => !isExpected(image)).length;
  if (others > 0) sentences.push(`${count(others, 'image')} not of the expected digest.`);
  const unsigned = images.filter(({ signature }) => signature !== undefined && signature.verdict !== 'good').length;
  if (unsigned > 0) sentences.push(`${count(unsigned, 'signature')} not good.`);
  return sentences.join(' ');
}

function objectsSentence(wrong: number, objects: number, unchecked: number): string {
  if (wrong > 0) return `${grouped(wrong)} of ${count(objects, 'object')} ${wrong === 1 ? 'is' : 'are'} wrong.`;
  if (objects === 0 || unchecked >= objects) return 'No object was checked.';
  if (unchecked > 0) return `No object is wrong so far; ${grouped(unchecked)} of ${grouped(objects)} were not checked.`;
  return objects === 1 ? 'The one object is right.' : `All ${count(objects, 'object')} are right.`;
}

/** What was done: `1,533 objects, 1.5 GiB, in 2.3 s`. */
export function extent({ objects, bytes, elapsedMs }: VerifyReport): string {
  const time = elapsedMs > 0 ? `, in ${(elapsedMs / 1000).toFixed(1)} s` : '';
  return `${count(objects, 'object')}, ${formatBytes(bytes)}${time}`;
}

/** `2024-05-02 10:20 UTC`; what is no date comes as it is. */
export function formatDate(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? iso : `${formatTime(Math.floor(ms / 1000), 0, 'minute')} UTC`;
}

/** What a failure is called: its cause, or else its status. */
export function titleOf({ status, explanation }: ReportFailure): string {
  const [finding] = explanation?.findings ?? [];
  if (finding !== undefined) return ruleTitles[finding.rule];
  return badStatuses.has(status) ? `Unexplained: ${status}` : status;
}

/** What is wrong, where no finding says it. */
export const messageOf = ({ status, message }: ReportFailure): string =>
  message === '' ? `The object is ${status}.` : message;

/** Failures by their titles, in the order in which they first occur. */
export function byTitle(failures: readonly ReportFailure[]): ReadonlyMap<string, readonly ReportFailure[]> {
  const groups = new Map<string, ReportFailure[]>();
  for (const failure of failures) {
    const title = titleOf(failure);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [failure]);
    else group.push(failure);
  }
  return groups;
}
