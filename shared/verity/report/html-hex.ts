import type { BlockPair } from '../../contract/verify-values.ts';
import { count, grouped } from '../explain/words.ts';
import { escapeHtml } from './html-text.ts';

/** Bytes in a row. */
const ROW = 16;
/** Rows that are shown: those that differ, with one around them. */
const MAX_ROWS = 24;

/** The first differing block on both sides, differing bytes marked; rows that are alike are left out. */
export function hexPanes({ block, offset, found, good, bytes, bits }: BlockPair): string {
  const length = Math.max(found.length, good.length);
  const differing: number[] = [];
  for (let at = 0; at < length; at += ROW) if (!isSameRow(found, good, at)) differing.push(at);
  const near = new Set(differing.flatMap((at) => [at - ROW, at, at + ROW]).filter((at) => at >= 0 && at < length));
  const rows = [...near].toSorted((a, b) => a - b).slice(0, MAX_ROWS);
  const hidden = differing.filter((at) => at > (rows.at(-1) ?? -1)).length;
  const title = `First differing block, ${grouped(block)}: ${count(bytes, 'byte')}, ${count(bits, 'bit')} ${bytes === 1 && bits === 1 ? 'differs' : 'differ'}`;
  const pane = (name: string, own: Uint8Array, other: Uint8Array): string =>
    `<figure><figcaption>${name}</figcaption><pre tabindex="0" role="region" aria-label="${name}, as hex">${paneRows(own, other, rows, offset)}</pre></figure>`;
  return `<h4>${title}</h4>
<div class="panes">${pane('Found', found, good)}${pane('Good copy', good, found)}</div>${hidden > 0 ? `\n<p class="dim">… ${count(hidden, 'more row')} of this block ${hidden === 1 ? 'differs' : 'differ'}.</p>` : ''}`;
}

function isSameRow(a: Uint8Array, b: Uint8Array, at: number): boolean {
  for (let byte = at; byte < at + ROW; byte += 1) if (a[byte] !== b[byte]) return false;
  return true;
}

function paneRows(own: Uint8Array, other: Uint8Array, rows: readonly number[], offset: number): string {
  const lines: string[] = [];
  let next = rows[0] ?? 0;
  for (const at of rows) {
    if (at > next) lines.push(`<span class="dim">⋮ ${count((at - next) / ROW, 'row')} alike</span>`);
    next = at + ROW;
    const hex = cells(own, other, at, ' ', '  ', (byte) => byte.toString(16).padStart(2, '0'));
    const text = cells(own, other, at, '', ' ', (byte) =>
      byte >= 0x20 && byte < 0x7f ? escapeHtml(String.fromCharCode(byte)) : '.',
    );
    lines.push(`<span class="dim">${(offset + at).toString(16).padStart(8, '0')}</span>  ${hex}  ${text}`);
  }
  return lines.join('\n');
}

/** One row; neighbours that differ are in one mark. Where this side has no byte, there is room. */
function cells(
  own: Uint8Array,
  other: Uint8Array,
  at: number,
  gap: string,
  absent: string,
  write: (byte: number) => string,
): string {
  let row = '';
  let marked = false;
  for (let index = at; index < at + ROW; index += 1) {
    const byte = own[index];
    const differs = byte !== other[index] && byte !== undefined;
    if (marked && !differs) row += '</mark>';
    if (index > at) row += gap;
    if (differs && !marked) row += '<mark>';
    row += byte === undefined ? absent : write(byte);
    marked = differs;
  }
  return marked ? `${row}</mark>` : row;
}
