import { Bitset } from '../bitset.ts';
import type { StatusOf } from '../entry-status.ts';
import type { Image } from '../image.ts';

/** What a filter, and a view, look at. */
export interface TreeContext {
  readonly image: Image;
  readonly statusOf: StatusOf;
}

/** What one value of a term asks. */
export interface Condition {
  /** 0: reads a column; 1: reads bytes of names and digests; 2: reads inodes again. Cheap ones are asked first. */
  readonly cost: 0 | 1 | 2;
  readonly usesStatus: boolean;
  /** Rows that fulfil it; those outside `candidates` may be there or not. The answer is the caller's to change. */
  readonly find: (context: TreeContext, candidates: Bitset) => Bitset;
}

/** A condition that is asked row by row. */
export const each = (
  test: (context: TreeContext) => (row: number) => boolean,
  { cost = 0, usesStatus = false }: Partial<Pick<Condition, 'cost' | 'usesStatus'>> = {},
): Condition => ({
  cost,
  usesStatus,
  find: (context, candidates) => {
    const found = new Bitset(candidates.size);
    const isFound = test(context);
    for (let row = candidates.next(0); row < candidates.size; row = candidates.next(row + 1)) {
      if (isFound(row)) found.add(row);
    }
    return found;
  },
});

/** A condition on attributes: an entry whose inode cannot be read has none, and fulfils none. */
export const eachReadable = (test: (context: TreeContext) => (row: number) => boolean): Condition =>
  each((context) => {
    const { mode } = context.image.table;
    const isFound = test(context);
    return (row) => mode[row] !== 0 && isFound(row);
  });
