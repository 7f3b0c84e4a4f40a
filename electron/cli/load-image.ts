import { openImage } from '../../shared/composefs/open-image.ts';
import type { DumpFault } from '../../shared/composefs/dump-text.ts';
import type { WireError } from '../../shared/contract/values.ts';
import type { Image } from '../../shared/tree/image.ts';
import { pathOf } from '../../shared/tree/path.ts';
import { Flag } from '../../shared/tree/table.ts';
import { readWholeFile } from './read-file.ts';
import type { Reporter } from './reporter.ts';

/** Faults of one dump that are kept in words. */
const MAX_KEPT = 100;

/** Opens an image file, or standard input for `-`; undefined, and reported, where nothing of it can be shown. */
export function loadImage(file: string, reporter: Reporter): Image | undefined {
  try {
    return openImage(readWholeFile(file));
  } catch (error) {
    reporter.error(error, file);
    return undefined;
  }
}

/**
 * Reports what is broken in an image that opens all the same, or in one entry of it. Warnings are not told: what is
 * printed is right all the same, and `info` lists them.
 */
export function reportProblems(image: Image, file: string, reporter: Reporter, entry?: number): void {
  const errors: WireError[] = [];
  for (const problem of image.problems) {
    if (problem.severity !== 'error' || (entry !== undefined && problem.entry !== entry)) continue;
    const path = problem.entry === undefined ? undefined : pathOf(image.table, problem.entry);
    errors.push({ code: problem.code, message: problem.message, file, path, offset: problem.offset });
  }
  // of those that the reader did not keep, it is only known that rows are broken by them
  const omitted = entry === undefined && image.problemsOmitted > 0 ? brokenRows(image) - errors.length : 0;
  reporter.errors(errors, errors.length + Math.max(0, omitted), file);
}

function brokenRows({ table }: Image): number {
  let rows = 0;
  for (let entry = 0; entry < table.count; entry++) {
    if (((table.flags[entry] ?? 0) & Flag.broken) !== 0) rows++;
  }
  return rows;
}

/** Counts what a dump leaves out, and keeps the first of it. */
export class DumpFaults {
  readonly #first: DumpFault[] = [];
  #count = 0;

  readonly add = (fault: DumpFault): void => {
    this.#count++;
    if (this.#first.length < MAX_KEPT) this.#first.push(fault);
  };

  report({ table }: Image, file: string, reporter: Reporter): void {
    const errors = this.#first.map(({ entry, message, offset }) => {
      return { code: 'unavailable', message, file, path: pathOf(table, entry), offset };
    });
    reporter.errors(errors, this.#count, file);
  }
}
