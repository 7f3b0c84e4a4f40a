import type { Completion } from '../../contract/values.ts';
import { displayBytes } from '../text.ts';
import type { Choice } from './attribute-fields.ts';
import type { TreeContext } from './condition.ts';
import { filterFields } from './fields.ts';
import { escapeFilterText, isBare, lexFilter, rangeOf, textOf, type Unit } from './lex.ts';
import { partsOf } from './parse.ts';
import { xattrNames } from '../xattr-names.ts';

/** Completions in one answer. */
const MAX_COMPLETIONS = 50;
/** A layer's name may be a whole script. */
const MAX_HINT = 60;

/**
 * What could stand at the cursor: the names of fields at the beginning of a term; behind a colon or a `|`, the words that
 * the field takes, or the names of the image's own extended attributes. Each begins with what is already there, in any
 * case (names of attributes contain it), and takes the place of the whole value that the cursor is in.
 *
 * @param cursor in UTF-16 units
 */
export function completeFilter(text: string, cursor: number, context: TreeContext): readonly Completion[] {
  const word = lexFilter(text, true).find(({ from, to }) => from <= cursor && cursor <= to);
  const fieldCompletions = (typed: string, start: number, end: number): Completion[] =>
    filterFields
      .filter(({ name }) => name.startsWith(typed.toLowerCase()))
      .filter(({ name }) => name !== 'layer' || context.image.layerLabels !== undefined)
      .map(({ name, hint }) => ({ text: `${name}:`, from: start, to: end, hint }));
  if (word === undefined) return fieldCompletions('', cursor, cursor);
  const { field, value } = partsOf(word);
  const [first] = value;
  if (field === undefined || cursor < (first?.from ?? word.to)) {
    const units = field ?? value;
    const { from, to } = rangeOf(units, cursor);
    // A colon that is there already is not written twice.
    return word.quoted || cursor < from ? [] : fieldCompletions(typedIn(units, cursor), from, field ? to + 1 : to);
  }
  const part = partAt(value, cursor);
  const { from, to } = rangeOf(part, cursor);
  const typed = typedIn(part, cursor).toLowerCase();
  const name = textOf(field).toLowerCase();
  return choicesOf(name, context)
    .filter(({ word: choice }) => choice !== textOf(part))
    .filter(({ word: choice }) =>
      name === 'xattr' ? choice.toLowerCase().includes(typed) : choice.toLowerCase().startsWith(typed),
    )
    .slice(0, MAX_COMPLETIONS)
    .map(({ word: choice, hint }) => ({ text: choice, from, to, hint }));
}

const typedIn = (units: readonly Unit[], cursor: number): string => textOf(units.filter(({ to }) => to <= cursor));

/** The value between the bars around the cursor. */
function partAt(value: readonly Unit[], cursor: number): readonly Unit[] {
  const before = value.findLastIndex((unit) => isBare(unit, '|') && unit.to <= cursor);
  const after = value.findIndex((unit, i) => i > before && isBare(unit, '|'));
  return value.slice(before + 1, after === -1 ? value.length : after);
}

function choicesOf(field: string, { image }: TreeContext): readonly Choice[] {
  if (field === 'xattr') {
    return xattrNames(image).map((name) => ({ word: escapeFilterText(displayBytes(name)), hint: 'in this image' }));
  }
  if (field === 'layer') {
    return (image.layerLabels ?? []).map(({ number, name }) => ({
      word: String(number),
      hint: name.slice(0, MAX_HINT),
    }));
  }
  return filterFields.find(({ name }) => name === field)?.choices ?? [];
}
