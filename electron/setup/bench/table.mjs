import { isReached, median } from './statistics.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */

const HEAD = ['what', 'entries', 'ours', 'peer', 'ratio', 'target', ''];
/** Words read from the left, numbers from the right. */
const IS_TEXT = [true, false, false, false, false, true, true];

/** Stands behind what was measured while the machine was busy. */
const BUSY = '(busy)';

/** Rows as an aligned table, without a newline at the end. @param {readonly Row[]} rows */
export function tableText(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = (/** @type {readonly string[]} */ line) =>
    line
      .map((cell, column) => (IS_TEXT[column] ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [text(HEAD), rule.trimEnd(), ...lines.slice(1).map(text)].join('\n');
}

/** @param {Row} row */
function cellsOf(row) {
  const { what, entries, unit, ours, peer } = row;
  const value = median(ours);
  const other = peer && median(peer);
  const reached = isReached(row);
  return [
    what,
    entries?.toLocaleString('en-US') ?? '',
    withUnit(value, unit),
    other === undefined ? '' : withUnit(other, unit),
    other === undefined ? '' : `${(value / other).toFixed(2)} ×`,
    targetText(row),
    [reached === undefined ? [] : reached ? 'ok' : 'MISSED', row.busy ? BUSY : []].flat().join(' '),
  ];
}

/** @param {Row} row */
function targetText({ target, unit }) {
  if (target === undefined) return '';
  const { kind, value } = target;
  if (kind === 'ratio') return `≤ ${value.toFixed(2)} ×`;
  if (kind === 'more') return `≤ ${withUnit(value, unit)} more`;
  return `${kind === 'most' ? '≤' : '≥'} ${withUnit(value, unit)}`;
}

/** @param {number} value @param {Row['unit']} unit */
function withUnit(value, unit) {
  const digits = value < 100 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
