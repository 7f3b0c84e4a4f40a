import type { ReportFormat, VerifyReport } from '../../contract/verify-values.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { markdownReport } from './markdown.ts';
import { sarifReport } from './sarif.ts';
import { withoutPaths } from './without-paths.ts';

export interface ReportOptions {
  /** False: no path or name of an image, a store or a file is in it, so that it can be shared. */
  readonly paths: boolean;
}

const writers: Readonly<Record<ReportFormat, (report: VerifyReport) => string>> = {
  markdown: markdownReport,
  html: htmlReport,
  json: jsonReport,
  sarif: sarifReport,
};

/** A report as the text of one file. */
export const formatReport = (report: VerifyReport, format: ReportFormat, { paths }: ReportOptions): string =>
  writers[format](paths ? report : withoutPaths(report));

/** Extension of each format's files, without the dot. */
export const reportExtensions: Readonly<Record<ReportFormat, string>> = {
  markdown: 'md',
  html: 'html',
  json: 'json',
  sarif: 'sarif',
};

/** The format that a file's name says; undefined: none. */
export function formatOfName(name: string): ReportFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'htm') return 'html';
  if (extension === 'markdown') return 'markdown';
  return (Object.keys(reportExtensions) as ReportFormat[]).find((format) => reportExtensions[format] === extension);
}
