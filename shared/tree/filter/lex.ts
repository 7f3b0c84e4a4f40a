import { bytesOfText } from '../text.ts';
import { FilterError, type Range } from './fault.ts';

/**
 * One character of a filter's text, escapes resolved. A `bare` one stands by itself, neither quoted nor behind a
 * backslash, and so may be an operator or a wildcard.
 */
export interface Unit extends Range {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly bare: boolean;
}

/** What white space separates: a term, or the word OR. */
export interface Word extends Range {
  readonly units: readonly Unit[];
  /** Begins with a quote: what is in it is text, never a field. */
  readonly quoted: boolean;
}

export const isBare = (unit: Unit | undefined, text: string): boolean => unit?.bare === true && unit.text === text;

/** The characters without quotes and escapes. */
export const textOf = (units: readonly Unit[]): string => units.map(({ text }) => text).join('');

/** The characters as bytes: UTF-8, but for bytes that were written as `\xNN`. */
export function bytesOf(units: readonly Unit[]): Uint8Array {
  return Uint8Array.from(units.flatMap(({ bytes }) => [...bytes]));
}

/** From the first character to the last; `empty` is where there are none. */
export const rangeOf = (units: readonly Unit[], empty: number): Range => ({
  from: units[0]?.from ?? empty,
  to: units.at(-1)?.to ?? empty,
});

/**
 * Splits a filter into words. `"…"` holds white space and takes their meaning from all characters but `\` and `"`; a
 * backslash does so for one, and `\xNN` is a byte, so that a name can be pasted as it is shown.
 *
 * @param lenient a quote may stay open: for completion
 * @throws FilterError where a quote stays open
 */
export function lexFilter(text: string, lenient = false): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const word = lexWord(text, at, lenient);
    words.push(word);
    at = word.to;
  }
  return words;
}

function lexWord(text: string, from: number, lenient: boolean): Word {
  const units: Unit[] = [];
  let quote: number | undefined;
  let at = from;
  while (at < text.length) {
    if (text.charAt(at) === '"') {
      quote = quote === undefined ? at : undefined;
      at += 1;
      continue;
    }
    if (quote === undefined && /\s/.test(text.charAt(at))) break;
    const unit = lexUnit(text, at, quote !== undefined);
    units.push(unit);
    at = unit.to;
  }
  if (quote !== undefined && !lenient) {
    throw new FilterError({ from: quote, to: text.length }, 'This quote is not closed: put a " where the text ends.');
  }
  return { units, from, to: at, quoted: text.charAt(from) === '"' };
}

function lexUnit(text: string, from: number, quoted: boolean): Unit {
  const [escape, hex, char] = /^\\(?:x([0-9a-f]{2})|(.))/isu.exec(text.slice(from, from + 4)) ?? [];
  if (hex !== undefined) {
    return { text: `\\x${hex}`, bytes: Uint8Array.of(Number.parseInt(hex, 16)), bare: false, from, to: from + 4 };
  }
  const point = String.fromCodePoint(text.codePointAt(from) ?? 0);
  const value = char ?? point;
  return {
    text: value,
    bytes: value === '\\' ? Uint8Array.of(0x5c) : bytesOfText(value),
    bare: !quoted && escape === undefined,
    from,
    to: from + (escape ?? point).length,
  };
}

/** The parts between bare occurrences of a character. */
export function splitBare(units: readonly Unit[], separator: string): readonly (readonly Unit[])[] {
  const parts: Unit[][] = [[]];
  for (const unit of units) {
    if (isBare(unit, separator)) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return parts;
}

/** A name or value, as `displayBytes` writes it, in such a way that a filter takes it literally. */
export const escapeFilterText = (text: string): string => text.replaceAll(/[\s"|*?:]|^[-!=]|^(?=OR$)/g, '\\$&');
