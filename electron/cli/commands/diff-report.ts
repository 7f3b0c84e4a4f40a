import type { CompareNoise } from '../../../shared/contract/compare-values.ts';
import type { TreeDiff } from '../../../shared/tree/diff/compare-trees.ts';
import { dumpReport } from '../../../shared/tree/diff/export/dump.ts';
import { explainReport } from '../../../shared/tree/diff/export/explain.ts';
import { htmlReport } from '../../../shared/tree/diff/export/html.ts';
import { jsonReport } from '../../../shared/tree/diff/export/json.ts';
import { markdownReport } from '../../../shared/tree/diff/export/markdown.ts';
import type { CompareReport } from '../../../shared/tree/diff/export/report.ts';
import { csvReport } from '../../../shared/tree/diff/export/csv.ts';
import { statReport, textReport } from '../../../shared/tree/diff/export/text.ts';
import { Comparison } from '../../engine/compare/comparison.ts';
import { verityDigestOf } from '../../engine/image-digest.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import type { JobContext } from '../../engine/job-list.ts';
import type { Output } from '../output.ts';
import type { Reporter } from '../reporter.ts';
import { storesNamed } from '../session.ts';
import type { DiffFormat } from './diff.ts';

const reports: Readonly<Record<DiffFormat, (report: CompareReport) => Generator<string, void, void>>> = {
  text: textReport,
  csv: csvReport,
  json: jsonReport,
  html: htmlReport,
  markdown: markdownReport,
  dump: dumpReport,
  stat: statReport,
  explain: explainReport,
};

/** Two whole trees that were compared, and what is noise. */
interface Compared {
  readonly a: ImageSession;
  readonly b: ImageSession;
  readonly diff: TreeDiff;
  readonly noise: CompareNoise;
  /** Paths of stores that were named. */
  readonly stores: readonly string[];
}

/** Prints what a report tells of a comparison as a whole: sums, what is to be fetched, why the two differ. */
export async function printReport(
  format: DiffFormat,
  { a, b, diff, noise, stores: named }: Compared,
  { out, reporter, job }: { readonly out: Output; readonly reporter: Reporter; readonly job: JobContext },
): Promise<void> {
  const sides = { a: { session: a, isOpenImage: false }, b: { session: b, isOpenImage: false } };
  const comparison = new Comparison(0, sides, diff, noise);
  const isWhole = format === 'json' || format === 'html' || format === 'markdown';
  if (isWhole) for (const session of [a, b]) await measure(session, job);
  const stores = await storesNamed(named, reporter);
  const roots = stores.map(({ found }) => found.dataRoot);
  const download = isWhole || format === 'stat' ? await comparison.download(stores, job.signal) : undefined;
  const explanation = isWhole || format === 'explain' ? await comparison.explain(roots, job) : undefined;
  reporter.progressDone();
  for (const text of reports[format](comparison.report(download, explanation))) out.text(text);
}

/** The digest of an image file, as the window shows it; what is no image file has none. */
async function measure(session: ImageSession, job: JobContext): Promise<void> {
  const { kind, table } = session.image;
  if (kind !== 'composefs' && kind !== 'erofs') return;
  const progress: JobContext['progress'] = (done, total) => job.progress(done, total, 'measuring the images');
  session.digest ??= await verityDigestOf(table.bytes, session.verityAlgorithm, { signal: job.signal, progress });
}
