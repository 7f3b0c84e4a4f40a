import type { FilterFault } from '../../contract/values.ts';
import { Bitset } from '../bitset.ts';
import type { TreeContext } from './condition.ts';
import { parseFilter, type Filter, type Term } from './parse.ts';

export type { TreeContext } from './condition.ts';

export interface FilterResult {
  /** Rows that match by themselves, stubs included; undefined: the text says nothing, all do. The caller's to change. */
  readonly matches: Bitset | undefined;
  /** The answer changes with the statuses: it has a `verity:` term. */
  readonly usesStatus: boolean;
  readonly fault: undefined;
}

/** Which entries a filter's text asks for, or what is wrong with the text. */
export function filterEntries(text: string, context: TreeContext): FilterResult | { readonly fault: FilterFault } {
  const { filter, fault } = parseFilter(text);
  if (fault !== undefined) return { fault };
  const usesStatus = filter.clauses.some((clause) =>
    clause.some(({ conditions }) => conditions.some((condition) => condition.usesStatus)),
  );
  return {
    matches: filter.clauses.length === 0 ? undefined : matchFilter(filter, context),
    usesStatus,
    fault: undefined,
  };
}

const costOf = (clause: readonly Term[]): number =>
  Math.max(...clause.flatMap(({ conditions }) => conditions.map(({ cost }) => cost)));

/** Rows that fulfil all clauses. Cheap clauses go first, and costly ones are asked only about what these left. */
export function matchFilter({ clauses }: Filter, context: TreeContext): Bitset {
  const left = Bitset.full(context.image.table.count);
  for (const clause of clauses.toSorted((a, b) => costOf(a) - costOf(b))) {
    const found = new Bitset(left.size);
    for (const term of clause) found.unite(matchTerm(term, context, left));
    left.intersect(found);
  }
  return left;
}

function matchTerm({ negated, conditions }: Term, context: TreeContext, candidates: Bitset): Bitset {
  const found = new Bitset(candidates.size);
  for (const { find } of conditions) found.unite(find(context, candidates));
  if (!negated) return found;
  const others = new Bitset(candidates.size);
  others.unite(candidates);
  others.subtract(found);
  return others;
}
