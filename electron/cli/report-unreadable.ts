import type { UnreadableFiles } from '../engine/create/create-image.ts';
import { CliError, Status } from './cli-error.ts';
import type { Reporter } from './reporter.ts';

/** Faults that are told one by one. */
const MAX_TOLD = 20;

/** Tells the files that cannot be read, each with its reason. */
export function reportUnreadable({ faults, count }: UnreadableFiles, reporter: Reporter): void {
  for (const { path, code, message } of faults.slice(0, MAX_TOLD)) {
    reporter.error(new CliError(Status.input, code, message, { file: path }));
  }
  const more = count - Math.min(faults.length, MAX_TOLD);
  if (more > 0) reporter.error(new CliError(Status.input, 'more', `${more} more files cannot be read`));
}
