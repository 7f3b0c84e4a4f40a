import { verityStatuses } from '../../contract/status.ts';
import type { Explanation, ReportFailure, ReportImage, VerifyReport } from '../../contract/verify-values.ts';
import { count, grouped } from '../explain/words.ts';
import { byTitle, extent, formatDate, headline, isExpected, isRight, messageOf } from './headline.ts';
import { hexPanes } from './html-hex.ts';
import { blockStrip } from './html-strip.ts';
import { style } from './html-style.ts';
import { badge, code, escapeHtml, facts, list, table } from './html-text.ts';
import type { ReportOptions } from './report-options.ts';
import { statusMeanings } from '../status-words.ts';

/** Failures of one cause, and paths of one failure, that are shown without being asked for. */
const SHOWN_FAILURES = 10;
const SHOWN_PATHS = 10;

/** The report as one file that opens anywhere: no script, nothing loaded, light and dark, fit for paper. */
export function htmlReport(report: VerifyReport, { paths }: ReportOptions): string {
  const title = headline(report);
  const right = isRight(report);
  const groups = [...byTitle(report.failures)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1 class="${right ? 'good' : 'bad'}"><span aria-hidden="true">${right ? '✓' : '✗'}</span> ${escapeHtml(title)}</h1>
<p class="dim">Checked on ${escapeHtml(formatDate(report.date))} by Composcope ${escapeHtml(report.version)}: ${escapeHtml(extent(report))}.${paths ? '' : ' Paths and names were left out.'}</p>
${report.notes.map((note) => `<p class="note"><span class="warn" aria-hidden="true">⚠</span> ${escapeHtml(note)}</p>`).join('\n')}
</header>
<main>
${statusTable(report)}
${imagesTable(report)}
${storesTable(report)}
${contents(groups)}
${groups.map(([name, failures], index) => group(name, failures, index)).join('\n')}
${report.omitted > 0 ? `<p class="dim">… and ${count(report.omitted, 'more object')} that ${report.omitted === 1 ? 'is' : 'are'} wrong and not listed.</p>` : ''}
</main>
</body>
</html>
`.replaceAll(/\n\n+/g, '\n');
}

function statusTable({ counts }: VerifyReport): string {
  const present = verityStatuses.filter((status) => (counts[status] ?? 0) > 0);
  if (present.length === 0) return '';
  const rows = present.map((status) => [
    badge(status),
    grouped(counts[status] ?? 0),
    `<span class="dim">${statusMeanings[status]}</span>`,
  ]);
  return `<h2>Objects by status</h2>\n${table('Objects by status', ['Status', 'Objects', 'Means'], rows)}`;
}

function imagesTable({ images }: VerifyReport): string {
  if (images.length === 0) return '';
  const rows = images.map((image) => [
    `${code(image.path)}<br><span class="dim">${escapeHtml(image.title)}</span>`,
    code(`${image.algorithm}:${image.digest}`),
    expectedCell(image),
    signatureCell(image),
  ]);
  return `<h2>Images</h2>\n${table('Images', ['Image', 'Image digest', 'Expected', 'Signature'], rows)}`;
}

function expectedCell(image: ReportImage): string {
  const { expected } = image;
  if (expected === undefined) return '<span class="dim">none known</span>';
  const source = `<span class="dim">(${escapeHtml(expected.source)})</span>`;
  if (isExpected(image)) return `<span class="good">✓ as expected</span> ${source}`;
  return `<span class="bad">✗ another one</span> ${source}<br>${code(`${expected.algorithm}:${expected.digest}`)}`;
}

function signatureCell({ signature }: ReportImage): string {
  if (signature === undefined) return '<span class="dim">none checked</span>';
  const { path, verdict, sentence, signer, chain, signedDigest } = signature;
  const good = verdict === 'good';
  const more: (readonly [string, string])[] = [['File', code(path)]];
  if (signer !== undefined) {
    more.push(
      ['Signer', escapeHtml(signer.subject)],
      ['Issuer', escapeHtml(signer.issuer)],
      ['Serial number', code(signer.serial)],
      ['Valid', `${escapeHtml(formatDate(signer.notBefore))} to ${escapeHtml(formatDate(signer.notAfter))}`],
    );
  }
  if (chain.length > 1) more.push(['Chain', chain.map(escapeHtml).join('<br>')]);
  if (signedDigest !== undefined) more.push(['Signed digest', code(signedDigest)]);
  for (const { label, value } of signature.facts) more.push([label, escapeHtml(value)]);
  return `<span class="${good ? 'good' : 'bad'}">${good ? '✓' : '✗'} ${verdict.replace('-', ' ')}</span><br>${escapeHtml(sentence)}<details><summary>More</summary>${facts(more)}</details>`;
}

function storesTable({ stores }: VerifyReport): string {
  if (stores.length === 0) return '';
  const rows = stores.map(({ path, title, note = '' }) => [code(path), escapeHtml(title), escapeHtml(note)]);
  return `<h2>Stores</h2>\n${table('Stores', ['Store', 'Kind', 'Note'], rows)}`;
}

type Group = readonly [name: string, failures: readonly ReportFailure[]];

function contents(groups: readonly Group[]): string {
  if (groups.length < 2) return '';
  const items = groups.map(
    ([name, failures], index) =>
      `<li><a href="#cause-${index + 1}">${escapeHtml(name)}</a> <span class="dim">${grouped(failures.length)}</span></li>`,
  );
  return `<nav aria-labelledby="causes"><h2 id="causes">Causes</h2><ul>${items.join('')}</ul></nav>`;
}

function group(name: string, failures: readonly ReportFailure[], index: number): string {
  const articles = failures.map(article);
  const more = articles.length - SHOWN_FAILURES;
  const rest =
    more <= 0
      ? ''
      : `\n<details><summary>${count(more, 'more object')}</summary>\n${articles.slice(SHOWN_FAILURES).join('\n')}\n</details>`;
  return `<section aria-labelledby="cause-${index + 1}"><h2 id="cause-${index + 1}">${escapeHtml(name)} <span class="dim">${grouped(failures.length)}</span></h2>
${articles.slice(0, SHOWN_FAILURES).join('\n')}${rest}
</section>`;
}

function article(failure: ReportFailure): string {
  const { status, redirect, explanation, advice } = failure;
  return `<article><header>${badge(status)}<h3>${code(redirect)}</h3></header><div>
${findings(failure)}
${advice.length === 0 ? '' : `<h4>What to do</h4><ol>${advice.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ol>`}
${explanation?.strip === undefined ? '' : blockStrip(explanation.strip)}
${explanation?.firstDifference === undefined ? '' : hexPanes(explanation.firstDifference)}
<h4>Expected and found</h4>${facts(comparison(failure))}
<h4>Below a mount</h4>${facts(mount(failure))}
${usesList(failure)}
${explanation === undefined ? '' : notFound(explanation)}
</div></article>`;
}

function findings(failure: ReportFailure): string {
  const all = failure.explanation?.findings ?? [];
  if (all.length === 0) return `<p class="sentence">${escapeHtml(messageOf(failure))}</p>`;
  const parts = all.map(({ sentence, certainty, evidence }, index) => {
    const pairs = evidence.map(({ label, value }) => [label, code(value)] as const);
    return `<p class="${index === 0 ? 'sentence' : 'further'}">${escapeHtml(sentence)} <span class="pill">${certainty}</span></p>${facts(pairs)}`;
  });
  return parts.join('\n');
}

function comparison({
  expectedDigest,
  expectedSize,
  foundDigest,
  foundSize,
  objectPath,
  errno,
}: ReportFailure): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [
    ['Digest expected', expectedDigest === undefined ? 'none' : code(expectedDigest)],
  ];
  if (foundDigest !== undefined) pairs.push(['Digest found', code(foundDigest)]);
  pairs.push(['Size expected', count(expectedSize, 'byte')]);
  if (foundSize !== undefined) pairs.push(['Size found', count(foundSize, 'byte')]);
  if (objectPath !== undefined) pairs.push(['On disk', code(objectPath)]);
  if (errno !== undefined) pairs.push(['Errno', code(errno)]);
  return pairs;
}

function mount({ kernel }: ReportFailure): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [
    ['With verity=require', escapeHtml(kernel.seen)],
    ['Without', escapeHtml(kernel.seenWithout)],
  ];
  if (kernel.log !== undefined) pairs.push(['Kernel log', code(kernel.log)]);
  return pairs;
}

function usesList({ uses, usesOmitted }: ReportFailure): string {
  const total = uses.length + usesOmitted;
  if (total === 0) return '';
  const items = uses.map(({ image, path }) => `${code(path)} <span class="dim">in ${escapeHtml(image)}</span>`);
  const more = usesOmitted === 0 ? '' : `<p class="dim">… and ${count(usesOmitted, 'more path')}, not listed</p>`;
  return `<h4>Paths that it hits <span class="dim">${grouped(total)}</span></h4>${list(items, SHOWN_PATHS, (rest) => `${grouped(rest)} more`)}${more}`;
}

function notFound({ ruledOut, notTried }: Explanation): string {
  const sentences = [...ruledOut, ...notTried].map(({ sentence }) => `<li>${escapeHtml(sentence)}</li>`);
  if (sentences.length === 0) return '';
  return `<details><summary>Ruled out, or not tried (${sentences.length})</summary><ul>${sentences.join('')}</ul></details>`;
}
