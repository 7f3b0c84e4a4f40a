import type { Problem } from './image.ts';

/** Problems kept in words; what comes after is only counted. */
const MAX_PROBLEMS = 10_000;

/** Collects what a reader finds wrong, in the order found, in bounded memory. */
export class ProblemLog {
  readonly problems: Problem[] = [];
  omitted = 0;

  /** @param message is only built when it is kept */
  add(
    severity: Problem['severity'],
    code: string,
    entry: number | undefined,
    offset: number,
    message: () => string,
  ): void {
    if (this.problems.length >= MAX_PROBLEMS) {
      this.omitted++;
      return;
    }
    this.problems.push({ severity, code, entry, offset, message: message() });
  }
}
