import type { FilterFault } from '../../contract/values.ts';
import type { Condition } from './condition.ts';
import { FilterError, type Range } from './fault.ts';
import { filterFields, type FilterField } from './fields.ts';
import { isBare, lexFilter, rangeOf, splitBare, textOf, type Unit, type Word } from './lex.ts';
import { freeText } from './text-fields.ts';

/** One term: any of the conditions, one for each value between `|`; or, negated, none of them. */
export interface Term {
  readonly negated: boolean;
  readonly conditions: readonly Condition[];
}

/** All clauses must hold; a clause holds where any of its terms does. */
export interface Filter {
  readonly clauses: readonly (readonly Term[])[];
}

/** UTF-16 units of a filter. */
export const MAX_FILTER = 4096;

export type ParsedFilter =
  { readonly filter: Filter; readonly fault: undefined } | { readonly filter: undefined; readonly fault: FilterFault };

/**
 * Reads a filter: terms with white space between them, all of which must hold. A term is `text`, `"some text"` or
 * `field:value`, with `-` or `!` before it where it must not hold, and `|` between values of which one is enough. `OR`
 * between two terms binds more closely than the white space around.
 */
export function parseFilter(text: string): ParsedFilter {
  try {
    if (text.length > MAX_FILTER) {
      throw new FilterError({ from: MAX_FILTER, to: text.length }, `A filter has ${MAX_FILTER} characters at most.`);
    }
    return { filter: { clauses: parseClauses(lexFilter(text)) }, fault: undefined };
  } catch (error) {
    if (error instanceof FilterError) return { filter: undefined, fault: error.fault };
    throw error;
  }
}

const isOr = ({ units, quoted }: Word): boolean =>
  !quoted && units.every(({ bare }) => bare) && ['OR', '|'].includes(textOf(units));

function parseClauses(words: readonly Word[]): Term[][] {
  const clauses: Term[][] = [];
  let joins = false;
  words.forEach((word, i) => {
    if (isOr(word)) {
      const next = words[i + 1];
      if (i === 0 || joins || next === undefined) {
        throw new FilterError(word, `${textOf(word.units)} stands between two terms; for the word itself, write "OR".`);
      }
      joins = true;
      return;
    }
    const term = parseTerm(word);
    if (joins) clauses.at(-1)?.push(term);
    else clauses.push([term]);
    joins = false;
  });
  return clauses;
}

/** Where in a word its parts are. */
export interface WordParts {
  readonly negated: boolean;
  /** As written, before the colon; undefined where the word has no field. */
  readonly field: readonly Unit[] | undefined;
  readonly value: readonly Unit[];
}

/** Takes a word apart, without asking whether there is such a field. */
export function partsOf({ units, quoted }: Word): WordParts {
  const negated = !quoted && (isBare(units[0], '-') || isBare(units[0], '!'));
  const rest = negated ? units.slice(1) : units;
  const colon = rest.findIndex((unit) => isBare(unit, ':'));
  const field = rest.slice(0, Math.max(0, colon));
  const isField = field.length > 0 && field.every(({ text, bare }) => bare && /^[a-z-]$/i.test(text));
  return isField ? { negated, field, value: rest.slice(colon + 1) } : { negated, field: undefined, value: rest };
}

function parseTerm(word: Word): Term {
  const { negated, field: written, value } = partsOf(word);
  const field = written && fieldOf(written);
  if (value.length === 0) {
    if (field !== undefined) throw new FilterError(word, `${field.name}: needs a value, as in ${field.example}.`);
    throw new FilterError(
      word,
      word.quoted
        ? 'There is nothing between these quotes.'
        : 'A term is missing behind this sign; to look for the sign itself, put it in quotes.',
    );
  }
  const parts = splitBare(value, '|');
  let at = value[0]?.from ?? word.from;
  return {
    negated,
    conditions: parts.map((part) => {
      const range: Range = rangeOf(part, at);
      if (part.length === 0 && parts.length > 1) {
        const bar = { from: range.from === word.to ? word.to - 1 : range.from, to: Math.min(word.to, range.from + 1) };
        throw new FilterError(bar, 'A value is missing beside this |; for the sign itself, write \\|.');
      }
      at = range.to + 1;
      return field === undefined ? freeText(part) : field.parse(part, range);
    }),
  };
}

function fieldOf(units: readonly Unit[]): FilterField {
  const name = textOf(units).toLowerCase();
  const field = filterFields.find((known) => known.name === name);
  if (field !== undefined) return field;
  const near = filterFields.find((known) => isNear(known.name, name));
  const advice =
    near === undefined
      ? `Fields are ${filterFields.map((known) => known.name).join(', ')}.`
      : `Did you mean ${near.name}:?`;
  throw new FilterError(
    rangeOf(units, 0),
    `“${textOf(units)}” is not a field. ${advice} To look for a colon, put the text in quotes.`,
  );
}

/** One letter more, less or other, or two swapped; or a beginning of it. */
function isNear(known: string, written: string): boolean {
  if (written.length > 1 && (known.startsWith(written) || written.startsWith(known))) return true;
  if (Math.abs(known.length - written.length) > 1 || written.length < 3) return false;
  let at = 0;
  while (at < written.length && known[at] === written[at]) at += 1;
  const [restKnown, restWritten] = [known.slice(at), written.slice(at)];
  return (
    restKnown.slice(1) === restWritten.slice(1) ||
    restKnown === restWritten.slice(1) ||
    restKnown.slice(1) === restWritten ||
    (restKnown[0] === restWritten[1] && restKnown[1] === restWritten[0] && restKnown.slice(2) === restWritten.slice(2))
  );
}
