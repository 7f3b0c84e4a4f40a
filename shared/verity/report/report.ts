import { reportFormats, type ReportFormat, type VerifyReport } from '../../contract/verify-values.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { markdownReport } from './markdown.ts';
import type { ReportOptions } from './report-options.ts';
import { sarifReport } from './sarif.ts';
import { withoutPaths } from './without-paths.ts';

const writers: Readonly<Record<ReportFormat, (report: VerifyReport, options: ReportOptions) => string>> = {
  markdown: markdownReport,
  html: htmlReport,
  json: jsonReport,
  sarif: sarifReport,
};

/**
 * A report as the text of one file, to be written as UTF-8. What comes from an image or a machine is text in it: never
 * markup, and nothing in it hides or reorders what stands beside it.
 */
export const formatReport = (report: VerifyReport, format: ReportFormat, options: ReportOptions): string =>
  writers[format](options.paths ? report : withoutPaths(report), options);

/** Extension of each format's files, without the dot. */
export const reportExtensions: Readonly<Record<ReportFormat, string>> = {
  markdown: 'md',
  html: 'html',
  json: 'json',
  sarif: 'sarif',
};

/** Extension of a format's files, without the dot, and the name that a report gets where nobody says another. */
export const reportFile = (format: ReportFormat): { readonly extension: string; readonly name: string } => ({
  extension: reportExtensions[format],
  name: `composcope-report.${reportExtensions[format]}`,
});

/** The format that a file's name says; undefined: none. */
export function formatOfName(name: string): ReportFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'htm') return 'html';
  if (extension === 'markdown') return 'markdown';
  return reportFormats.find((format) => reportExtensions[format] === extension);
}
