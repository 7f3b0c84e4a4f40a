import { each, type Steps } from '../../../../steps.ts';

/** The value that most have, and how many have it; undefined and 0 where there are none. */
export function* mostOf<T, V>(
  all: Iterable<T>,
  valueOf: (one: T) => V,
): Steps<readonly [value: V | undefined, number: number]> {
  const sums = new Map<V, number>();
  yield* each(all, (one) => {
    const value = valueOf(one);
    sums.set(value, (sums.get(value) ?? 0) + 1);
  });
  let most: readonly [V | undefined, number] = [undefined, 0];
  for (const [value, number] of sums) if (number > most[1]) most = [value, number];
  return most;
}
