import { CliError, Status } from './cli-error.ts';
import { ClosedPipe, Output, OutputError } from './output.ts';
import { runProgram } from './program.ts';
import { Reporter } from './reporter.ts';

/**
 * Runs a command line to its end.
 *
 * @param argv without node and script
 * @param fds of standard output and error
 * @returns the exit status; everything has been written
 */
export async function main(
  argv: readonly string[],
  fds: { readonly out: number; readonly err: number },
): Promise<number> {
  const out = new Output(fds.out);
  const reporter = new Reporter(new Output(fds.err), argv.includes('--json'));
  try {
    await runProgram({ out, reporter }, argv);
    out.flush();
  } catch (error) {
    if (error instanceof ClosedPipe) return Status.closedPipe;
    const failure = flushAfter(out, error);
    if (failure instanceof ClosedPipe) return Status.closedPipe;
    if (failure instanceof OutputError) {
      const message = `the output cannot be written: ${failure.message.replace(/^E[A-Z0-9]+: |, write$/g, '')}`;
      reporter.error(new CliError(Status.input, failure.code, message));
    } else reporter.error(failure);
  }
  return reporter.status;
}

/** What was printed before an error is not lost. @returns the error, or that of writing */
function flushAfter(out: Output, error: unknown): unknown {
  if (error instanceof OutputError) return error;
  try {
    out.flush();
    return error;
  } catch (failure) {
    return failure;
  }
}
