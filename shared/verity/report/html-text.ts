import { statusGlyphs, toneOf } from '../status-words.ts';
import type { VerityStatus } from '../../contract/status.ts';
import { visible } from './visible.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML, in content and in attributes. */
export const escapeHtml = (text: string): string => visible(text).replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);

/** Names, digests and values. */
export const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

/** Glyph and word of a status. */
export const badge = (status: VerityStatus): string =>
  `<span class="status ${toneOf(status)}"><span class="glyph" aria-hidden="true">${statusGlyphs[status]}</span>${status}</span>`;

/** Facts by their names; `value` is HTML. */
export const facts = (pairs: readonly (readonly [name: string, value: string])[]): string =>
  pairs.length === 0
    ? ''
    : `<dl>${pairs.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd></div>`).join('')}</dl>`;

/**
 * A table with a caption for whoever hears it; all is HTML but the caption and the headings.
 * @param isNumbers whether all columns but the first are numbers
 */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  isNumbers = false,
): string {
  const kind = isNumbers ? ' class="number"' : '';
  const head = headings.map(
    (heading, column) => `<th scope="col"${column === 0 ? '' : kind}>${escapeHtml(heading)}</th>`,
  );
  const body = rows.map(([first = '', ...cells]) => {
    return `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td${kind}>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

const ul = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;

/** A list of which the first are shown, and the rest when asked for; items are HTML. */
export function list(items: readonly string[], shown: number, rest: (more: number) => string): string {
  // one item more is shorter than what would say so
  if (items.length <= shown + 1) return ul(items);
  return `${ul(items.slice(0, shown))}<details><summary>${escapeHtml(rest(items.length - shown))}</summary>${ul(items.slice(shown))}</details>`;
}
