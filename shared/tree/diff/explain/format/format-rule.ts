import type { CompareCause, FormatDifference } from '../../../../contract/compare-values.ts';
import type { CauseWords, Delta } from '../delta.ts';
import type { Steps } from '../../../../steps.ts';

/** A cause that two files differ for, though their trees are equal. */
export interface FormatFound {
  /** One sentence with the numbers. */
  readonly sentence: string;
  /** Rows of the comparison that show it, and what is to be seen there. */
  readonly rows: readonly { readonly row: number; readonly what: string }[];
  readonly confidence: CompareCause['confidence'];
}

/** One known cause that lies in the writer: equal trees, other bytes (digest-divergence.md, section 3, step 5). */
export interface FormatRule extends CauseWords {
  /** It is asked where the trees differ, too: no two such images can be equal. */
  readonly ofAnyTrees?: boolean;
  /** @param format how the files differ, not empty. @returns undefined: it is not there */
  readonly find: (delta: Delta, format: readonly FormatDifference[]) => Steps<FormatFound | undefined>;
}
