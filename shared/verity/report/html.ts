import { badStatuses, verityStatuses, type VerityStatus } from '../../contract/status.ts';
import type { BlockPair, BlockStrip, ReportFailure, VerifyReport } from '../../contract/verify-values.ts';
import { count, grouped, withoutControls } from '../explain/words.ts';
import { byTitle, headline, wrongObjects } from './headline.ts';

/** Text for HTML, in content and in attributes; what reorders or hides text is taken out. */
export const escape = (text: string): string =>
  withoutControls(text, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const style = `
:root { color-scheme: light dark; --bg: #fff; --text: #1c2024; --dim: #5c6670; --line: #d8dde3; --bad: #b3261e; --good: #1a6b3c; --warn: #8a5a00; --mark: #ffd9d6; --panel: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --bg: #15181c; --text: #e4e8ec; --dim: #9aa5b1; --line: #353c45; --bad: #ff8a80; --good: #7fd6a2; --warn: #f0c060; --mark: #6b2420; --panel: #1d2227; } }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); } h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; }
code, pre, .mono { font: 12.5px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .3rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.bad { color: var(--bad); } .good { color: var(--good); } .warn { color: var(--warn); } .dim { color: var(--dim); }
article { padding: .2rem 1rem .8rem; margin: .8rem 0; border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
.hex { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } .hex pre { margin: 0; padding: .5rem; overflow: auto; max-height: 22rem; background: var(--panel); border-radius: 6px; }
mark { background: var(--mark); color: inherit; font-weight: 600; } svg { width: 100%; height: 26px; border: 1px solid var(--line); border-radius: 4px; }
@media print { body { margin: 0; max-width: none; } .hex pre { max-height: none; } }
`;

const glyphs: Readonly<Record<VerityStatus, string>> = {
  inline: '◆',
  unchecked: '○',
  ok: '✓',
  sealed: '⛨',
  unsealed: '◐',
  'no-digest': '–',
  missing: '✗',
  'size-mismatch': '≠',
  'digest-mismatch': '#',
  'wrong-seal': '⚿',
  unreadable: '⊘',
};

const badge = (status: VerityStatus): string => {
  const tone = badStatuses.has(status) ? 'bad' : status === 'ok' || status === 'sealed' ? 'good' : 'warn';
  return `<span class="${tone}">${glyphs[status]} ${status}</span>`;
};

/** The report as one file that opens anywhere: no script, nothing loaded, light and dark. */
export function htmlReport(report: VerifyReport): string {
  const title = headline(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<h1 class="${wrongObjects(report) === 0 ? 'good' : 'bad'}">${wrongObjects(report) === 0 ? '✓' : '✗'} ${escape(title)}</h1>
<p class="dim">Checked by Composcope ${escape(report.version)}, ${escape(report.date)}: ${count(report.objects, 'object')}, ${count(report.bytes, 'byte')}.</p>
${report.notes.map((note) => `<p class="warn">⚠ ${escape(note)}</p>`).join('\n')}
${imagesTable(report)}
${storesTable(report)}
${statusTable(report)}
${[...byTitle(report.failures)].map(([name, failures]) => `<section><h2>${escape(name)} <span class="dim">${grouped(failures.length)}</span></h2>\n${failures.map(failureArticle).join('\n')}</section>`).join('\n')}
${report.omitted > 0 ? `<p class="dim">… and ${grouped(report.omitted)} more that are not listed.</p>` : ''}
</body>
</html>
`;
}

function imagesTable({ images }: VerifyReport): string {
  if (images.length === 0) return '';
  const rows = images.map(({ path, title, algorithm, digest, expected, signature }) => {
    const wanted =
      expected === undefined
        ? '<span class="dim">not given</span>'
        : expected.digest === digest
          ? `<span class="good">✓ as expected</span> <span class="dim">(${escape(expected.source)})</span>`
          : `<span class="bad">✗ another one:</span> <code>${escape(expected.digest)}</code> <span class="dim">(${escape(expected.source)})</span>`;
    const signed =
      signature === undefined
        ? ''
        : `<br><span class="${signature.verdict === 'good' ? 'good' : 'bad'}">${signature.verdict === 'good' ? '✓' : '✗'} ${escape(signature.sentence)}</span>`;
    return `<tr><td>${escape(path)}<br><span class="dim">${escape(title)}</span></td><td><code>${algorithm}:${escape(digest)}</code></td><td>${wanted}${signed}</td></tr>`;
  });
  return `<h2>Images</h2><table><thead><tr><th>Image</th><th>Image digest</th><th>Expected</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function storesTable({ stores }: VerifyReport): string {
  if (stores.length === 0) return '';
  const rows = stores.map(
    ({ path, title, note }) =>
      `<tr><td>${escape(path)}</td><td>${escape(title)}</td><td>${escape(note ?? '')}</td></tr>`,
  );
  return `<h2>Stores</h2><table><thead><tr><th>Store</th><th>Kind</th><th>Note</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function statusTable({ counts }: VerifyReport): string {
  const present = verityStatuses.filter((status) => (counts[status] ?? 0) > 0);
  if (present.length === 0) return '';
  const rows = present.map(
    (status) => `<tr><td>${badge(status)}</td><td class="number">${grouped(counts[status] ?? 0)}</td></tr>`,
  );
  return `<h2>Objects by status</h2><table><thead><tr><th>Status</th><th>Objects</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const pair = (name: string, value: string): string => `<dt>${escape(name)}</dt><dd>${value}</dd>`;

function failureArticle(failure: ReportFailure): string {
  const { status, redirect, explanation, kernel, expectedDigest, expectedSize, foundDigest, foundSize } = failure;
  const findings = (explanation?.findings ?? []).map(
    ({ sentence, certainty, evidence }) =>
      `<p><strong>${escape(sentence)}</strong> <span class="dim">${certainty}</span></p><dl>${evidence
        .map(({ label, value }) => pair(label, `<span class="mono">${escape(value)}</span>`))
        .join('')}</dl>`,
  );
  if (findings.length === 0) findings.push(`<p><strong>${escape(failure.message)}</strong></p>`);
  const facts = [
    pair(
      'Expected',
      `${expectedDigest === undefined ? 'no digest' : `<code>${escape(expectedDigest)}</code>`}, ${count(expectedSize, 'byte')}`,
    ),
  ];
  if (foundDigest !== undefined) facts.push(pair('Found', `<code>${escape(foundDigest)}</code>`));
  if (foundSize !== undefined) facts.push(pair('Size found', count(foundSize, 'byte')));
  if (failure.objectPath !== undefined) facts.push(pair('Object', escape(failure.objectPath)));
  if (failure.errno !== undefined) facts.push(pair('Errno', escape(failure.errno)));
  facts.push(pair('With verity=require', escape(kernel.seen)), pair('Without', escape(kernel.seenWithout)));
  if (kernel.log !== undefined) facts.push(pair('Kernel log', `<code>${escape(kernel.log)}</code>`));
  const ruledOut = [...(explanation?.ruledOut ?? []), ...(explanation?.notTried ?? [])];
  const number = failure.uses.length + failure.usesOmitted;
  return `<article><h3>${badge(status)} <code>${escape(redirect)}</code></h3>
${findings.join('\n')}
${explanation?.strip === undefined ? '' : stripSvg(explanation.strip)}
${explanation?.firstDifference === undefined ? '' : hexPanes(explanation.firstDifference)}
<dl>${facts.join('')}</dl>
${failure.advice.length === 0 ? '' : `<p>What to do:</p><ol>${failure.advice.map((sentence) => `<li>${escape(sentence)}</li>`).join('')}</ol>`}
${ruledOut.length === 0 ? '' : `<details><summary>Ruled out, or not tried (${ruledOut.length})</summary><ul>${ruledOut.map(({ sentence }) => `<li>${escape(sentence)}</li>`).join('')}</ul></details>`}
${number === 0 ? '' : `<details${number <= 5 ? ' open' : ''}><summary>${count(number, 'path')}</summary><ul>${failure.uses.map(({ image, path }) => `<li><span class="mono">${escape(path)}</span> <span class="dim">${escape(image)}</span></li>`).join('')}</ul>${failure.usesOmitted > 0 ? `<p class="dim">… and ${grouped(failure.usesOmitted)} more</p>` : ''}</details>`}
</article>`;
}

/** The blocks of the object from left to right. */
function stripSvg({ blocks, runs, bad, comparedWith }: BlockStrip): string {
  const label = `${count(bad, 'block')} of ${grouped(blocks)} bad, compared with ${comparedWith}`;
  const colours = { differs: 'var(--bad)', zero: 'var(--warn)', absent: 'var(--dim)', extra: 'var(--warn)' } as const;
  const parts = runs.map(({ from, count: length, state }) => {
    const width = Math.max(0.15, (length / blocks) * 100);
    const x = Math.min((from / blocks) * 100, 100 - width);
    return `<rect x="${x.toFixed(3)}" width="${width.toFixed(3)}" height="10" fill="${colours[state]}"><title>blocks ${from} to ${from + length - 1}: ${state}</title></rect>`;
  });
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${escape(label)}"><rect width="100" height="10" fill="var(--good)" opacity="0.35"/>${parts.join('')}</svg><p class="dim">${escape(label)}</p>`;
}

/** Rows of 16 bytes around the first byte that differs. */
const ROWS = 24;

function hexPanes({ offset, found, good, bytes, bits, block }: BlockPair): string {
  const length = Math.max(found.length, good.length);
  let first = 0;
  while (first < length && found[first] === good[first]) first += 1;
  const from = Math.max(0, Math.floor(first / 16) - 2) * 16;
  const pane = (own: Uint8Array, other: Uint8Array): string => {
    const rows: string[] = [];
    for (let at = from; at < Math.min(length, from + ROWS * 16); at += 16) {
      const cells: string[] = [];
      for (let byte = at; byte < Math.min(at + 16, own.length); byte += 1) {
        const hex = (own[byte] ?? 0).toString(16).padStart(2, '0');
        cells.push(own[byte] === other[byte] ? hex : `<mark>${hex}</mark>`);
      }
      rows.push(`<span class="dim">${(offset + at).toString(16).padStart(8, '0')}</span>  ${cells.join(' ')}`);
    }
    return `<pre>${rows.join('\n')}</pre>`;
  };
  return `<p>First differing block, ${grouped(block)}: ${count(bytes, 'byte')} and ${count(bits, 'bit')} differ.</p><div class="hex"><div>Found${pane(found, good)}</div><div>Good copy${pane(good, found)}</div></div>`;
}
