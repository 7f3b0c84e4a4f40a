import {
  compareAttributes,
  type CompareAttribute,
  type CompareNoise,
} from '../../../shared/contract/compare-values.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { csvReport } from '../../../shared/tree/diff/export/csv.ts';
import { dumpReport } from '../../../shared/tree/diff/export/dump.ts';
import { explainReport } from '../../../shared/tree/diff/export/explain.ts';
import { htmlReport } from '../../../shared/tree/diff/export/html.ts';
import { jsonReport } from '../../../shared/tree/diff/export/json.ts';
import { markdownReport } from '../../../shared/tree/diff/export/markdown.ts';
import { statReport, textReport } from '../../../shared/tree/diff/export/text.ts';
import { Comparison } from '../../engine/compare/comparison.ts';
import { compareSides } from '../../engine/compare/file-digests.ts';
import { openSide } from '../../engine/compare/open-side.ts';
import { verityDigestOf } from '../../engine/image-digest.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import type { JobContext } from '../../engine/job-list.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Options } from '../context.ts';
import { readWholeFile } from '../read-file.ts';
import type { Reporter } from '../reporter.ts';
import { storesNamed } from '../session.ts';

/** What differs between two trees, as text, JSON, CSV, or lines of their dumps. */
export const diff: Command = async ({ out, reporter }, operands, options) => {
  const [pathA = '', pathB = '', ...more] = operands;
  if (more.length > 0) throw new CliError(Status.usage, 'usage', 'diff compares two; see `composcope help diff`');
  const print = formatOf(options);
  const noise = noiseOf(options);
  const { signal } = new AbortController();
  const job: JobContext = {
    signal,
    progress: (done, total, message = '') => reporter.progress(`${message}: ${done} of ${total ?? '?'}`),
  };
  const a = await open([pathA, ...(options.aLayer ?? [])], options, job, reporter);
  const b = await open([pathB, ...(options.bLayer ?? [])], options, job, reporter);
  if (a === undefined || b === undefined) return;
  const compared = await compareSides(a, b, job);
  reporter.progressDone();
  for (const { file, errno } of compared.unread) {
    reporter.error(new CliError(Status.input, errno, 'its content cannot be read, and was not compared'), String(file));
  }
  const sides = { a: { session: a, isOpenImage: false }, b: { session: b, isOpenImage: false } };
  const comparison = new Comparison(0, sides, compared.diff, noise);
  const { fault, counts } = comparison.state;
  if (fault !== undefined) throw new CliError(Status.usage, 'usage', `--ignore-paths: ${fault.message}`);
  const isWhole = options.json === true || options.html === true || options.markdown === true;
  if (isWhole) for (const session of [a, b]) await measure(session, job);
  const stores = await storesNamed(options.store ?? [], reporter);
  const roots = stores.map(({ found }) => found.dataRoot);
  const { stat = false, explain = false } = options;
  const download = isWhole || stat ? await comparison.download(stores, signal) : undefined;
  const explanation = isWhole || explain ? await comparison.explain(roots, job) : undefined;
  reporter.progressDone();
  for (const text of print(comparison.report(download, explanation))) out.text(text);
  if (Object.entries(counts.statuses).some(([status, number]) => status !== 'equal' && number > 0)) {
    reporter.note(Status.found);
  }
};

/** The digest of an image file, as the window shows it; what is no image file has none. */
async function measure(session: ImageSession, job: JobContext): Promise<void> {
  const { kind, table } = session.image;
  if (kind !== 'composefs' && kind !== 'erofs') return;
  const progress: JobContext['progress'] = (done, total) => job.progress(done, total, 'measuring the images');
  session.digest ??= await verityDigestOf(table.bytes, session.verityAlgorithm, { signal: job.signal, progress });
}

const openFile = (file: string) => openImage(readWholeFile(file));

async function open(
  paths: readonly string[],
  { userXattrs, platform, maxEntries, maxBytes }: Options,
  job: JobContext,
  reporter: Reporter,
): Promise<ImageSession | undefined> {
  try {
    return await openSide(paths, job, { userXattrs, platform, maxEntries, maxBytes, openFile });
  } catch (error) {
    reporter.error(error, paths.join(' + '));
    return undefined;
  }
}

/** By the option that asks for it. */
const formats = {
  json: jsonReport,
  csv: csvReport,
  html: htmlReport,
  markdown: markdownReport,
  dump: dumpReport,
  stat: statReport,
  explain: explainReport,
} as const;
const formatNames = Object.keys(formats) as readonly (keyof typeof formats)[];

function formatOf(options: Options) {
  const [wanted, ...more] = formatNames.filter((name) => options[name] === true);
  if (wanted === undefined) return textReport;
  if (more.length === 0) return formats[wanted];
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
