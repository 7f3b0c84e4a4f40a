import { visible } from './visible.ts';

/** A name or a value as code: nothing within is a mark, a link, a mention or HTML (CommonMark, section 6.1). */
export function codeSpan(text: string): string {
  const shown = visible(text);
  if (shown === '') return '(empty)';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  // one space is taken off at both ends, where both have one
  const pad = /^[ `]|[ `]$/.test(shown) && shown.trim() !== '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/**
 * Words in which nothing can be a mark: `www.` alone makes a link of what follows (GFM, section 6.9), and a word between
 * colons is a picture on GitHub.
 */
const plainWord = /^(?!www\.)(?:[\p{L}\p{M}\p{N}.,;!?'’%…→×–—-]|(?<=\d):(?=\d)|(?<=\p{L})\/(?=\p{L}))+$/iu;
/** Issues and pull requests: `GH-12` becomes a link to one. */
const ticket = /^gh-\d/i;
/** A line that begins so would be a list, a rule or a heading. */
const lineMark = /^(?:[-–—.:;,!?']|\d+[.)])/;

/** What opens and closes around a word without being a mark. */
const token = /^([("'“‘]*)(.*?)([)"'”’.,;:!?…]*)$/su;

/**
 * A sentence. Ours are plain words; whatever else is in one, a path or a value, is set as code, word by word, so that
 * nothing in it is a mark, a link, a mention or HTML. What stands between backticks is code already.
 */
export const sentence = (text: string): string =>
  [...visible(text).matchAll(/(?:`[^`]+`|\S)+/gu)].map(([word], index) => wordText(word, index === 0)).join(' ');

function wordText(word: string, isFirst: boolean): string {
  const [, before = '', core = '', after = ''] = token.exec(word) ?? [];
  if (core === '') return isFirst && lineMark.test(word) ? codeSpan(word) : word;
  const isPlain = plainWord.test(core) && !ticket.test(core) && !(isFirst && lineMark.test(word));
  if (isPlain) return word;
  const quoted = /^`([^`]+)`$/.exec(core)?.[1];
  return `${before}${codeSpan(quoted ?? core)}${after}`;
}

/** A table; cells are Markdown. */
export const tableLines = (headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : [row(headings), row(headings.map(() => '---')), ...rows.map(row), ''];

/** A pipe ends the cell, even in code (GFM, section 4.10): it is told as bytes that cannot be shown are. */
const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\x7c`)).join(' | ')} |`;
