import { badStatuses } from '../../contract/status.ts';
import { ruleTitles, type ReportFailure, type VerifyReport } from '../../contract/verify-values.ts';
import { count, grouped } from '../explain/words.ts';

/** Number of objects that are wrong. */
export const wrongObjects = ({ failures, omitted }: VerifyReport): number => failures.length + omitted;

/** The verdict in one sentence. */
export function headline(report: VerifyReport): string {
  const wrong = wrongObjects(report);
  const images = report.images.filter(({ expected, digest }) => expected !== undefined && expected.digest !== digest);
  const image = images.length === 0 ? '' : ` ${count(images.length, 'image')} not of the expected digest.`;
  if (report.objects === 0 && wrong === 0) return `No object was checked.${image}`;
  if (wrong === 0) return `All ${count(report.objects, 'object')} are right.${image}`;
  return `${grouped(wrong)} of ${count(report.objects, 'object')} ${wrong === 1 ? 'is' : 'are'} wrong.${image}`;
}

/** What a failure is called: its cause, or else its status. */
export function titleOf({ status, explanation }: ReportFailure): string {
  const [finding] = explanation?.findings ?? [];
  if (finding !== undefined) return ruleTitles[finding.rule];
  return badStatuses.has(status) ? `Unexplained: ${status}` : status;
}

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
