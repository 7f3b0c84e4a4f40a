import { changeLines } from './change-lines.ts';
import type { Differences } from './report.ts';

const headings = ['status', 'path', 'from', 'kind', 'size', 'attribute', 'a', 'b'];

/**
 * A line for each attribute that differs, and one for each name that is on one side (RFC 4180). A cell that a spreadsheet
 * would take for a formula has an apostrophe in front.
 */
export function* csvReport({ diff, seen }: Differences): Generator<string, void, void> {
  yield `${headings.join(',')}\r\n`;
  for (const { status, path, from = '', kind, size = '', values, attributes } of changeLines(diff, seen)) {
    const named = values.map(({ name, a = '', b = '' }) => [name, a, b] as const);
    const unnamed = attributes
      .filter((attribute) => attribute === 'links' || attribute === 'content')
      .map((attribute) => [attribute, '', ''] as const);
    const rows = [...named, ...unnamed];
    for (const [attribute, a, b] of rows.length === 0 ? [['', '', ''] as const] : rows) {
      yield `${[status, path, from, kind, String(size), attribute, a, b].map(cell).join(',')}\r\n`;
    }
  }
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
