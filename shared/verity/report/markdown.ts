import { verityStatuses } from '../../contract/status.ts';
import type { ReportFailure, ReportImage, VerifyReport } from '../../contract/verify-values.ts';
import { count, grouped } from '../explain/words.ts';
import { byTitle, extent, formatDate, headline, isExpected, isRight, messageOf } from './headline.ts';
import { codeSpan, sentence, tableLines } from './markdown-text.ts';
import type { ReportOptions } from './report-options.ts';
import { statusGlyphs, statusMeanings } from '../status-words.ts';

/** Paths of a failure that are listed. */
const MAX_PATHS = 10;

/** The report for an issue or a pull request, in GitHub's flavour. */
export function markdownReport(report: VerifyReport, { paths }: ReportOptions): string {
  const { version, date, images, stores, counts, notes, failures, omitted } = report;
  const lines: string[] = [`# ${isRight(report) ? '✓' : '✗'} ${headline(report)}`, ''];
  const checked = `Checked on ${sentence(formatDate(date))} by Composcope ${sentence(version)}: ${extent(report)}.`;
  lines.push(`${checked}${paths ? '' : ' Paths and names were left out.'}`, '');
  for (const note of notes) lines.push(`> ⚠ ${sentence(note)}`, '');
  lines.push(...tableLines(['Image', 'Image digest', 'Expected', 'Signature'], images.map(imageCells)));
  const storeRows = stores.map(({ path, title, note = '–' }) => [codeSpan(path), sentence(title), sentence(note)]);
  lines.push(...tableLines(['Store', 'Kind', 'Note'], storeRows));
  const present = verityStatuses.filter((status) => (counts[status] ?? 0) > 0);
  const statusRows = present.map((status) => [
    `${statusGlyphs[status]} ${status}`,
    grouped(counts[status] ?? 0),
    sentence(statusMeanings[status]),
  ]);
  lines.push(...tableLines(['Status', 'Objects', 'Means'], statusRows));
  for (const [title, group] of byTitle(failures)) {
    lines.push(`## ${title} (${grouped(group.length)})`, '');
    for (const failure of group) lines.push(...failureLines(failure), '');
  }
  if (omitted > 0) {
    lines.push(`… and ${count(omitted, 'more object')} that ${omitted === 1 ? 'is' : 'are'} wrong and not listed.`);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function imageCells(image: ReportImage): readonly string[] {
  const { path, title, algorithm, digest, expected, signature } = image;
  const wanted =
    expected === undefined
      ? '–'
      : `${isExpected(image) ? '✓ as expected' : `✗ another one: ${codeSpan(`${expected.algorithm}:${expected.digest}`)}`} (${sentence(expected.source)})`;
  const signed =
    signature === undefined ? '–' : `${signature.verdict === 'good' ? '✓' : '✗'} ${sentence(signature.sentence)}`;
  return [`${codeSpan(path)}<br>${sentence(title)}`, codeSpan(`${algorithm}:${digest}`), wanted, signed];
}

function failureLines(failure: ReportFailure): readonly string[] {
  const { status, redirect, expectedDigest, expectedSize, foundDigest, foundSize, objectPath, errno } = failure;
  const { explanation, kernel, advice, uses, usesOmitted } = failure;
  const lines: string[] = [`### ${statusGlyphs[status]} ${status}: ${codeSpan(redirect)}`, ''];
  const findings = explanation?.findings ?? [];
  if (findings.length === 0) lines.push(`**${sentence(messageOf(failure))}**`, '');
  for (const finding of findings) {
    lines.push(`**${sentence(finding.sentence)}** (${finding.certainty})`, '');
    for (const { label, value } of finding.evidence) lines.push(`- ${sentence(label)}: ${codeSpan(value)}`);
    if (finding.evidence.length > 0) lines.push('');
  }
  lines.push(`- Expected: ${sized(expectedDigest, expectedSize) || 'no digest'}`);
  const found = sized(foundDigest, foundSize);
  if (found !== '') lines.push(`- Found: ${found}`);
  if (objectPath !== undefined) lines.push(`- On disk: ${codeSpan(objectPath)}`);
  if (errno !== undefined) lines.push(`- Errno: ${codeSpan(errno)}`);
  lines.push(`- Programs see, with \`verity=require\`: ${sentence(kernel.seen)}`);
  lines.push(`- Programs see, without it: ${sentence(kernel.seenWithout)}`);
  if (kernel.log !== undefined) lines.push(`- Kernel log: ${codeSpan(kernel.log)}`);
  if (findings.length === 0) {
    for (const { sentence: said } of explanation?.ruledOut ?? []) lines.push(`- Ruled out: ${sentence(said)}`);
    for (const { sentence: said } of explanation?.notTried ?? []) lines.push(`- Not tried: ${sentence(said)}`);
  }
  if (advice.length > 0) lines.push('', 'What to do:', '', ...advice.map((said, at) => `${at + 1}. ${sentence(said)}`));
  const total = uses.length + usesOmitted;
  if (total > 0) {
    lines.push('', `${total === 1 ? 'Path' : `${grouped(total)} paths`} that it hits:`, '');
    const shown = uses.slice(0, MAX_PATHS);
    for (const { image, path } of shown) lines.push(`- ${codeSpan(path)} in ${codeSpan(image)}`);
    if (total > shown.length) lines.push(`- … and ${grouped(total - shown.length)} more`);
  }
  return lines;
}

/** Digest and size, of what is known of them. */
const sized = (digest: string | undefined, size: number | undefined): string =>
  [digest === undefined ? '' : codeSpan(digest), size === undefined ? '' : count(size, 'byte')]
    .filter((part) => part !== '')
    .join(', ');
