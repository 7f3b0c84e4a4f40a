/** Work in pieces: it yields wherever others may have their turn. Nothing is handed over there. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Entries that are looked at from one such place to the next: a few milliseconds, xattrs being read. */
const MANY = 1024;

/** Visits the numbers from `from` up to, without, `to`. */
export function* upTo(to: number, visit: (number: number) => void, from = 0): Steps<void> {
  for (let start = from; start < to; start += MANY) {
    const stop = Math.min(start + MANY, to);
    for (let number = start; number < stop; number += 1) visit(number);
    yield;
  }
}

/** Visits one after the other. */
export function* each<T>(all: Iterable<T>, visit: (one: T) => void): Steps<void> {
  let left = MANY;
  for (const one of all) {
    visit(one);
    left -= 1;
    if (left > 0) continue;
    yield;
    left = MANY;
  }
}

/** Those that are to be kept. */
export function* filtered<T>(all: Iterable<T>, keeps: (one: T) => boolean): Steps<readonly T[]> {
  const kept: T[] = [];
  yield* each(all, (one) => {
    if (keeps(one)) kept.push(one);
  });
  return kept;
}

/** Whether all are so; those behind the first that is not are not looked at. */
export function* every<T>(all: Iterable<T>, isSo: (one: T) => boolean): Steps<boolean> {
  let left = MANY;
  for (const one of all) {
    if (!isSo(one)) return false;
    left -= 1;
    if (left > 0) continue;
    yield;
    left = MANY;
  }
  return true;
}

/** All of it in one stretch. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
