import type { CompareExplanation, CompareStatus } from '../../../contract/compare-values.ts';
import { code, escapeHtml, facts, table } from '../../../verity/report/html-text.ts';
import { style } from '../../../verity/report/html-style.ts';
import { formatBytes } from '../../format.ts';
import { changeLines, valuesText } from './change-lines.ts';
import { countsText, type CompareReport } from './report.ts';
import { statusLetters } from './text.ts';

/** Differences that a page can hold and still opens at once. */
const MAX_LISTED = 20_000;

/** The comparison as one file that opens anywhere: no script, nothing loaded, all that comes from an image escaped. */
export function* htmlReport(report: CompareReport): Generator<string, void, void> {
  const { a, b, counts, folders, download, explanation, diff, seen, version } = report;
  const title = countsText(counts);
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(`${a.name} and ${b.name}: ${title}`)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="dim">Compared by Composcope ${escapeHtml(version)}.</p>
</header>
<main>
`;
  yield table('Sides', ['', 'Image', 'Kind', 'Digest'], [sideCells(a, 'A'), sideCells(b, 'B')]);
  if (explanation !== undefined) yield* explanationHtml(explanation);
  const byFolder = folders.map(({ path, statuses: { changed, added, removed, moved, renamed } }) => [
    code(path),
    String(changed),
    String(added),
    String(removed),
    String(moved + renamed),
  ]);
  if (byFolder.length > 0) {
    yield `<h2>By folder</h2>\n${table('By folder', ['Folder', 'Changed', 'Added', 'Removed', 'Moved'], byFolder)}`;
  }
  if (download !== undefined) {
    const sums = (['wanted', 'shared', 'inStores', 'missing', 'dropped'] as const).map((key) => [
      escapeHtml(download.definitions[key]),
      String(download[key].objects),
      formatBytes(download[key].bytes),
    ]);
    yield `<h2>From A to B</h2>\n${table('Objects', ['Objects', 'Number', 'Bytes'], sums)}`;
  }
  yield `<h2>Differences</h2>\n<div class="scroll"><table><caption>Differences</caption><thead><tr><th scope="col"></th><th scope="col">Path</th><th scope="col">What</th></tr></thead><tbody>\n`;
  let listed = 0;
  let omitted = 0;
  for (const line of changeLines(diff, seen)) {
    if (listed === MAX_LISTED) {
      omitted += 1;
      continue;
    }
    listed += 1;
    const from = line.from === undefined ? '' : `<span class="dim">from</span> ${code(line.from)} `;
    yield `<tr><td>${statusCell(line.status)}</td><th scope="row">${code(line.path)}</th><td>${from}${escapeHtml(valuesText(line))}</td></tr>\n`;
  }
  yield '</tbody></table></div>\n';
  if (omitted > 0) yield `<p class="dim">… and ${omitted} more, which CSV and JSON have.</p>\n`;
  yield '</main>\n</body>\n</html>\n';
}

const sideCells = ({ name, title: kind, digest }: CompareReport['a'], letter: string): readonly string[] => [
  letter,
  code(name),
  escapeHtml(kind),
  digest === undefined ? '<span class="dim">not known</span>' : code(digest),
];

/** Causes, each with its examples, and how the files differ. */
function* explanationHtml({ headline, causes, format }: CompareExplanation): Generator<string, void, void> {
  yield `<h2>Why they differ</h2>\n<p class="sentence">${escapeHtml(headline)}</p>\n`;
  for (const cause of causes) {
    const examples = cause.examples.map(
      ({ path, what }) => `<li>${code(path)} <span class="dim">${escapeHtml(what)}</span></li>`,
    );
    const known = (
      [
        ['Recognised by', cause.rule],
        ['Known from', cause.knownFrom],
        ['What to do', cause.advice],
      ] as const
    )
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [name, escapeHtml(text)] as const);
    yield `<article><header><h3>${escapeHtml(cause.title)} <span class="dim">${cause.count}</span></h3></header><div>
<p class="sentence">${escapeHtml(cause.sentence)} <span class="pill">${cause.confidence}</span></p>
${facts(known)}
<ul>${examples.join('')}</ul></div></article>\n`;
  }
  if (format.length > 0) {
    const rows = format.map(({ structure, field, a: ours, b: theirs, offsetA, offsetB }) => [
      `${escapeHtml(structure)} ${code(field)}`,
      code(ours),
      code(theirs),
      [offsetA, offsetB].map((offset) => (offset === undefined ? '—' : String(offset))).join(' / '),
    ]);
    yield `<h2>The files themselves</h2>\n${table('Format', ['Field', 'A', 'B', 'Offsets'], rows)}`;
  }
}

const statusCell = (status: Exclude<CompareStatus, 'equal'>): string =>
  `<span aria-hidden="true">${statusLetters[status]}</span> ${status}`;
