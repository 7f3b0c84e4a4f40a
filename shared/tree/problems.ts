import type { Image } from './image.ts';
import { Flag } from './table.ts';

const cache = new WeakMap<readonly unknown[], ReadonlyMap<number, string>>();

/** The first problem of each entry that has one; built once for an image (at most 10,000, see `Image.problems`). */
function firstProblems(image: Pick<Image, 'problems'>): ReadonlyMap<number, string> {
  const known = cache.get(image.problems);
  if (known !== undefined) return known;
  const first = new Map<number, string>();
  for (const { entry, message } of image.problems) {
    if (entry !== undefined && !first.has(entry)) first.set(entry, message);
  }
  cache.set(image.problems, first);
  return first;
}

/** The first thing that the reader found wrong with an entry, as a sentence; undefined where nothing is wrong. */
export function problemOf(image: Image, entry: number): string | undefined {
  const problem = firstProblems(image).get(entry);
  if (problem !== undefined) return problem;
  const isBroken = ((image.table.flags[entry] ?? 0) & Flag.broken) !== 0;
  return isBroken ? 'It is damaged; how, is not kept: the image has too many problems.' : undefined;
}
