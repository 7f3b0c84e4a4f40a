import type { CompareExplanation, CompareStatus } from '../../../contract/compare-values.ts';
import { code, escapeHtml, facts, table } from '../../../verity/report/html-text.ts';
import { style } from '../../../verity/report/html-style.ts';
import { grouped } from '../../../verity/explain/words.ts';
import { formatBytes } from '../../format.ts';
import { changeLines, valueTexts, type ChangeLine } from './change-lines.ts';
import { countsText, differencesOf, type CompareReport } from './report.ts';
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
    grouped(changed),
    grouped(added),
    grouped(removed),
    grouped(moved + renamed),
  ]);
  if (byFolder.length > 0) {
    yield `<h2>By folder</h2>\n${table('By folder', ['Folder', 'Changed', 'Added', 'Removed', 'Moved'], byFolder, true)}`;
  }
  if (download !== undefined) {
    const sums = (['wanted', 'shared', 'inStores', 'missing', 'dropped'] as const).map((key) => [
      escapeHtml(download.definitions[key]),
      grouped(download[key].objects),
      formatBytes(download[key].bytes),
    ]);
    yield `<h2>From A to B</h2>\n${table('Objects', ['Objects', 'Number', 'Bytes'], sums, true)}`;
  }
  yield `<h2>Differences</h2>\n<div class="scroll"><table><caption>Differences</caption><thead><tr><th scope="col">Change</th><th scope="col">Path, and what differs</th></tr></thead><tbody>\n`;
  let listed = 0;
  for (const line of changeLines(diff, seen)) {
    listed += 1;
    yield changeRow(line);
    if (listed === MAX_LISTED) break;
  }
  const omitted = differencesOf(counts) - listed;
  yield '</tbody></table></div>\n';
  if (omitted > 0) yield `<p class="dim">… and ${grouped(omitted)} more, which CSV and JSON have.</p>\n`;
  yield '</main>\n</body>\n</html>\n';
}

const sideCells = ({ name, title: kind, digest }: CompareReport['a'], letter: string): readonly string[] => [
  letter,
  code(name),
  escapeHtml(kind),
  digest === undefined ? '<span class="dim">none</span>' : code(digest),
];

/** Causes, each with its examples, and how the files differ. */
function* explanationHtml({
  headline,
  proof,
  causes,
  format,
  artefacts,
}: CompareExplanation): Generator<string, void, void> {
  yield `<h2>Why they differ</h2>\n<p class="sentence">${escapeHtml(headline)}</p>\n`;
  if (proof !== undefined) yield `<p class="sentence">${escapeHtml(proof)}</p>\n`;
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
    yield `<article><header><h3>${escapeHtml(cause.title)} <span class="dim">${grouped(cause.count)}</span></h3></header><div>
<p class="sentence">${escapeHtml(cause.sentence)} <span class="pill">${cause.confidence}</span></p>
${facts(known)}
<ul>${examples.join('')}</ul></div></article>\n`;
  }
  if (artefacts.length > 0) {
    const items = artefacts.map((text) => `<li>${escapeHtml(text)}</li>`);
    yield `<h2>What a text diff of the dumps shows, and is no difference</h2>\n<ul>${items.join('')}</ul>\n`;
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

/** One below the other, so that a long path leaves its values their room, also on a narrow page. */
function changeRow(line: ChangeLine): string {
  const from = line.from === undefined ? [] : [`from ${code(line.from)}`];
  const lines = [...from, ...valueTexts(line).map(escapeHtml)].map((text) => `<li>${text}</li>`);
  const values = lines.length === 0 ? '' : `<ul class="values">${lines.join('')}</ul>`;
  return `<tr><td class="change">${statusWord(line.status)}</td><td>${code(line.path)}${values}</td></tr>\n`;
}

const tones = { added: 'good', removed: 'bad', changed: 'warn', moved: 'dim', renamed: 'dim' } as const;

const statusWord = (status: Exclude<CompareStatus, 'equal'>): string =>
  `<span class="${tones[status]}"><span class="glyph" aria-hidden="true">${statusLetters[status]}</span>${status}</span>`;
