import {
  compareAttributes,
  type CompareAttribute,
  type CompareNoise,
} from '../../../shared/contract/compare-values.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { csvReport } from '../../../shared/tree/diff/export/csv.ts';
import type { Differences } from '../../../shared/tree/diff/export/report.ts';
import { textReport } from '../../../shared/tree/diff/export/text.ts';
import { withoutNoise } from '../../../shared/tree/diff/noise.ts';
import { countChanges } from '../../../shared/tree/diff/summary.ts';
import { compareSides } from '../../engine/compare/file-digests.ts';
import { readPair } from '../../engine/compare/open-pair.ts';
import { openSide, type OpenSideOptions } from '../../engine/compare/open-side.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import type { JobContext } from '../../engine/job-list.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Options } from '../context.ts';
import { readWholeFile, STDIN } from '../read-file.ts';
import type { Reporter } from '../reporter.ts';

/** What differs between two trees, as text, JSON, CSV, or lines of their dumps. */
export const diff: Command = async ({ out, reporter }, operands, options) => {
  const [pathA = '', pathB = '', ...more] = operands;
  if (more.length > 0) throw new CliError(Status.usage, 'usage', 'diff compares two; see `composcope help diff`');
  const format = formatOf(options);
  const noise = noiseOf(options);
  const { signal } = new AbortController();
  const job: JobContext = {
    signal,
    progress: (done, total, message = '') => reporter.progress(`${message}: ${done} of ${total ?? '?'}`),
  };
  const layers = { a: [pathA, ...(options.aLayer ?? [])], b: [pathB, ...(options.bLayer ?? [])] };
  const pair = isOfDifferencesAlone(format, noise, layers) ? await readPair(pathA, pathB, job) : undefined;
  const a = await open(layers.a, options, { job, reporter, openFile: pair?.a });
  const b = await open(layers.b, options, { job, reporter, openFile: pair?.b });
  if (a === undefined || b === undefined) return;
  const compared = await compareSides(a, b, job);
  reporter.progressDone();
  for (const { file, errno } of compared.unread) {
    reporter.error(new CliError(Status.input, errno, 'its content cannot be read, and was not compared'), String(file));
  }
  const seen = withoutNoise(compared.diff, noise);
  if ('fault' in seen) throw new CliError(Status.usage, 'usage', `--ignore-paths: ${seen.fault.message}`);
  const found = { diff: compared.diff, seen, counts: countChanges(compared.diff, seen, undefined) };
  const print = linePrinters[format];
  if (print === undefined) {
    const { printReport } = await import('./diff-report.ts');
    await printReport(
      format,
      { a, b, diff: compared.diff, noise, stores: options.store ?? [] },
      { out, reporter, job },
    );
  } else for (const text of print(found)) out.text(text);
  if (Object.entries(found.counts.statuses).some(([status, number]) => status !== 'equal' && number > 0)) {
    reporter.note(Status.found);
  }
};

/** Of differences alone, each by itself: what else a comparison can tell takes longer to load than these to print. */
const linePrinters: Readonly<Partial<Record<DiffFormat, (found: Differences) => Generator<string, void, void>>>> = {
  text: textReport,
  csv: csvReport,
};

const openWhole = (file: string) => openImage(readWholeFile(file));

/**
 * Whether nothing that is printed is of entries that are equal. Paths that are left out may be: a filter finds them by
 * what else there is.
 */
function isOfDifferencesAlone(
  format: DiffFormat,
  noise: CompareNoise,
  { a, b }: { readonly a: readonly string[]; readonly b: readonly string[] },
): boolean {
  const areTwo = a.length === 1 && b.length === 1 && !a.includes(STDIN) && !b.includes(STDIN);
  return areTwo && linePrinters[format] !== undefined && noise.paths === '';
}

async function open(
  paths: readonly string[],
  { userXattrs, platform, maxEntries, maxBytes }: Options,
  {
    job,
    reporter,
    openFile = openWhole,
  }: { job: JobContext; reporter: Reporter; openFile: OpenSideOptions['openFile'] },
): Promise<ImageSession | undefined> {
  try {
    return await openSide(paths, job, { userXattrs, platform, maxEntries, maxBytes, openFile });
  } catch (error) {
    reporter.error(error, paths.join(' + '));
    return undefined;
  }
}

const optionFormats = ['json', 'csv', 'html', 'markdown', 'dump', 'stat', 'explain'] as const;
export type DiffFormat = (typeof optionFormats)[number] | 'text';

/** By the option that asks for it. */
function formatOf(options: Options): DiffFormat {
  const [wanted = 'text', ...more] = optionFormats.filter((name) => options[name] === true);
  if (more.length === 0) return wanted;
  const words = [wanted, ...more].map((name) => `--${name}`).join(', ');
  throw new CliError(Status.usage, 'usage', `diff prints one of ${words}`);
}

const isAttribute = (word: string): word is CompareAttribute => compareAttributes.some((known) => known === word);

/** @throws CliError on a word that means nothing */
function noiseOf({ ignore = [], ignorePaths = '' }: Options): CompareNoise {
  const attributes: CompareAttribute[] = [];
  const xattrs: string[] = [];
  for (const word of ignore.flatMap((words) => words.split(','))) {
    if (word === 'owner') attributes.push('uid', 'gid');
    else if (isAttribute(word)) attributes.push(word);
    else if (word.includes('.')) xattrs.push(word);
    else {
      const known = ['owner', ...compareAttributes].join(', ');
      throw new CliError(Status.usage, 'usage', `--ignore takes ${known}, or the name of an xattr, not ${word}`);
    }
  }
  return { attributes, xattrs, paths: ignorePaths };
}
