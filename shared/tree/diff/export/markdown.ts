import { codeSpan, sentence, tableLines } from '../../../verity/report/markdown-text.ts';
import { formatBytes } from '../../format.ts';
import { changeLines, valuesText } from './change-lines.ts';
import { countsText, differencesOf, type CompareReport } from './report.ts';

/** Differences that are listed: a comment on a pull request has an end. */
const MAX_LISTED = 100;
const MAX_FOLDERS = 20;
/** GitHub takes 65,536 characters in a comment; some are left for what somebody writes around it. */
const MAX_LENGTH = 64_000;
/** Of one cell: labels and values of xattrs can be as long as they like. */
const MAX_CELL = 1000;

const cut = (text: string): string => (text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text);

/** A summary to paste into a pull request (GitHub-flavoured Markdown). Nothing in a name is markup. */
export function* markdownReport(report: CompareReport): Generator<string, void, void> {
  const { a, b, counts, folders, download, explanation, diff, seen, version } = report;
  const lines = [
    `### ${countsText(counts)}`,
    '',
    ...tableLines(
      ['', 'Image', 'Kind', 'Digest'],
      [
        ['A', codeSpan(a.name), sentence(a.title), a.digest === undefined ? '—' : codeSpan(a.digest)],
        ['B', codeSpan(b.name), sentence(b.title), b.digest === undefined ? '—' : codeSpan(b.digest)],
      ],
    ),
  ];
  if (explanation !== undefined) {
    const causes = explanation.causes.map(({ id, title, count, sentence: text, advice }) => [
      `${codeSpan(id)} ${sentence(title)}`,
      String(count),
      sentence(cut(text)),
      sentence(advice),
    ]);
    lines.push(sentence(explanation.headline), '');
    if (explanation.proof !== undefined) lines.push(sentence(explanation.proof), '');
    if (causes.length > 0) lines.push(...tableLines(['Why', 'Names', 'What', 'What to do'], causes));
    for (const text of explanation.artefacts) lines.push(`- No difference: ${sentence(text)}`);
    if (explanation.artefacts.length > 0) lines.push('');
    for (const { structure, field, a: ours, b: theirs } of explanation.format) {
      lines.push(`- ${sentence(structure)}, ${codeSpan(field)}: ${codeSpan(cut(ours))} → ${codeSpan(cut(theirs))}`);
    }
    if (explanation.format.length > 0) lines.push('');
  }
  const byFolder = folders.slice(0, MAX_FOLDERS).map(({ path, statuses }) => {
    const { changed, added, removed, moved, renamed } = statuses;
    return [codeSpan(path), String(changed), String(added), String(removed), String(moved + renamed)];
  });
  if (byFolder.length > 0) lines.push(...tableLines(['Folder', 'Changed', 'Added', 'Removed', 'Moved'], byFolder));
  if (download !== undefined) {
    const { missing, shared } = download;
    lines.push(
      `To fetch from A to B: ${missing.objects} objects, ${formatBytes(missing.bytes)}; shared: ${shared.objects} objects, ${formatBytes(shared.bytes)}.`,
      '',
    );
  }
  const rows: string[][] = [];
  let length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  for (const line of changeLines(diff, seen)) {
    if (rows.length === MAX_LISTED) break;
    const from = line.from === undefined ? '' : `from ${codeSpan(line.from)} `;
    const text = valuesText(line);
    const row = [line.status, codeSpan(line.path), from + (text === '' ? '' : codeSpan(cut(text)))];
    length += row.reduce((sum, cell) => sum + cell.length + 3 * (cell.split('|').length - 1) + 3, 2);
    if (length > MAX_LENGTH) break;
    rows.push(row);
  }
  const omitted = differencesOf(counts) - rows.length;
  if (rows.length > 0) {
    lines.push('<details><summary>Differences</summary>', '', ...tableLines(['', 'Path', 'What'], rows));
    if (omitted > 0) lines.push(`… and ${omitted} more, which JSON, CSV and HTML have.`, '');
    lines.push('</details>', '');
  }
  lines.push(`<sub>Composcope ${sentence(version)}</sub>`, '');
  yield lines.join('\n');
}
