import { verityStatuses } from '../../contract/status.ts';
import type { ReportFailure, VerifyReport } from '../../contract/verify-values.ts';
import { grouped, withoutControls } from '../explain/words.ts';
import { byTitle, headline } from './headline.ts';

const MAX_PATHS = 10;

/**
 * Text that comes from an image, as Markdown shows it: nothing in it is a mark, a link or HTML. GitHub's flavour: each
 * ASCII punctuation mark can be escaped (CommonMark, section 2.4); line breaks become spaces.
 */
export const escape = (text: string): string =>
  withoutControls(text, ' ')
    .replace(/[!-/:-@[-`{-~]/g, (mark) => `\\${mark}`)
    .replaceAll('\\<', '&lt;')
    .replaceAll('\\&', '&amp;');

/** In code: only backticks end it. */
const code = (text: string): string => {
  const clean = withoutControls(text, ' ');
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${clean}${pad}${fence}`;
};

/** In a table cell a pipe ends the cell, in code too (GFM, section 4.10). */
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(String.raw`\\|`, String.raw`\|`);

/** The report for an issue or a pull request. */
export function markdownReport(report: VerifyReport): string {
  const lines: string[] = [`# ${headline(report)}`, ''];
  lines.push(`Checked by Composcope ${escape(report.version)}, ${report.date}.`, '');
  if (report.images.length > 0) {
    lines.push('| Image | Digest | Expected | Signature |', '|---|---|---|---|');
    for (const { path, title, algorithm, digest, expected, signature } of report.images) {
      const wanted =
        expected === undefined
          ? '–'
          : `${expected.digest === digest ? '✓ as expected' : `✗ ${code(expected.digest)} expected`} (${escape(expected.source)})`;
      const cells = [
        `${escape(path)}, ${escape(title)}`,
        code(`${algorithm}:${digest}`),
        wanted,
        signature === undefined ? '–' : escape(signature.sentence),
      ];
      lines.push(`| ${cells.map(cell).join(' | ')} |`);
    }
    lines.push('');
  }
  for (const { path, title, note } of report.stores) {
    lines.push(`- Store ${escape(path)}: ${escape(title)}${note === undefined ? '' : `, ${escape(note)}`}`);
  }
  if (report.stores.length > 0) lines.push('');
  const present = verityStatuses.filter((status) => (report.counts[status] ?? 0) > 0);
  if (present.length > 0) {
    lines.push('| Status | Objects |', '|---|--:|');
    for (const status of present) lines.push(`| ${status} | ${grouped(report.counts[status] ?? 0)} |`);
    lines.push('');
  }
  for (const note of report.notes) lines.push(`> ${escape(note)}`, '');
  for (const [title, failures] of byTitle(report.failures)) {
    lines.push(`## ${escape(title)} (${grouped(failures.length)})`, '');
    for (const failure of failures) lines.push(...failureLines(failure));
  }
  if (report.omitted > 0) lines.push(`… and ${grouped(report.omitted)} more that are not listed.`, '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function failureLines(failure: ReportFailure): readonly string[] {
  const { status, redirect, expectedDigest, expectedSize, foundDigest, foundSize, explanation, kernel, advice } =
    failure;
  const lines = [`### ${status}: ${code(redirect)}`, ''];
  const findings = explanation?.findings ?? [];
  if (findings.length === 0) lines.push(escape(failure.message), '');
  for (const { sentence, certainty, evidence } of findings) {
    lines.push(`**${escape(sentence)}** (${certainty})`, '');
    for (const { label, value } of evidence) lines.push(`- ${escape(label)}: ${code(value)}`);
    if (evidence.length > 0) lines.push('');
  }
  lines.push(
    `- Expected: ${expectedDigest === undefined ? 'no digest' : code(expectedDigest)}, ${grouped(expectedSize)} bytes`,
  );
  if (foundDigest !== undefined || foundSize !== undefined) {
    const size = foundSize === undefined ? '' : `${grouped(foundSize)} bytes`;
    lines.push(`- Found: ${[foundDigest === undefined ? '' : code(foundDigest), size].filter(Boolean).join(', ')}`);
  }
  lines.push(`- Programs see, with verity=require: ${escape(kernel.seen)}; without: ${escape(kernel.seenWithout)}`);
  if (kernel.log !== undefined) lines.push(`- Kernel log: ${code(kernel.log)}`);
  for (const sentence of advice) lines.push(`- What to do: ${escape(sentence)}`);
  if (findings.length === 0) {
    for (const { sentence } of explanation?.ruledOut ?? []) lines.push(`- Ruled out: ${escape(sentence)}`);
  }
  const more = failure.uses.length + failure.usesOmitted - Math.min(failure.uses.length, MAX_PATHS);
  for (const { image, path } of failure.uses.slice(0, MAX_PATHS))
    lines.push(`- Path: ${code(path)} in ${escape(image)}`);
  if (more > 0) lines.push(`- … and ${grouped(more)} more paths`);
  lines.push('');
  return lines;
}
