import * as z from 'zod';
import { compareAttributes, compareStatuses } from './compare-values.ts';
import type {
  CompareExplanation,
  ComparePair,
  CompareRow,
  CompareState,
  CompareSummary,
  CompareTreemapNode,
  DigestMatrix,
} from './compare-values.ts';
import { MAX_CONTENT, MAX_ROWS } from './limits.ts';
import type { DigestSearch } from './search-values.ts';
import type { ContentPart } from './values.ts';

/** What the window may ask about comparisons. `row` is a row of the merged tree, `from` and `to` are visible ones. */

const Id = z.int().min(0);
const Index = z.int().min(0).max(0xffff_ffff);
/** Hex, of SHA-256 or SHA-512. */
export const Digest = z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/, 'is no digest');
const AbsolutePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'holds a NUL');

export const CompareSideRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('image'), image: Id }),
  z.strictObject({ kind: z.literal('paths'), paths: z.array(AbsolutePath).min(1).max(500), userXattrs: z.boolean() }),
]);

export const CompareNoiseRequest = z.strictObject({
  attributes: z.array(z.enum(compareAttributes)).max(compareAttributes.length),
  xattrs: z.array(z.string().min(1).max(255)).max(100),
  paths: z.string().max(4096),
});

export const CompareFilterRequest = z.strictObject({
  text: z.string().max(4096),
  statuses: z.array(z.enum(compareStatuses)).max(compareStatuses.length),
  attributes: z.array(z.enum(compareAttributes)).max(compareAttributes.length),
  onlyDifferences: z.boolean(),
});

const RowRequest = z.strictObject({ comparison: Id, row: Index });

export const compareRequests = {
  /** Opens both sides and compares them: a job. Only differences are shown at first, all of them opened. */
  compare: z.strictObject({ a: CompareSideRequest, b: CompareSideRequest, noise: CompareNoiseRequest }),
  closeComparison: z.strictObject({ comparison: Id }),
  /** B against A in place of A against B: closes the comparison, and opens another one. */
  swapComparison: z.strictObject({ comparison: Id }),
  setCompareNoise: z.strictObject({ comparison: Id, noise: CompareNoiseRequest }),
  setCompareFilter: z.strictObject({ comparison: Id, filter: CompareFilterRequest }),
  compareRows: z
    .strictObject({ comparison: Id, from: Index, to: Index })
    .refine(({ from, to }) => to >= from && to - from <= MAX_ROWS, `at most ${MAX_ROWS} rows`),
  setCompareExpanded: z.strictObject({ comparison: Id, row: Index, expanded: z.boolean(), recursive: z.boolean() }),
  /** Expands what hides the row, and says where it is. */
  revealCompareRow: RowRequest,
  /** The next or previous difference that the filter leaves, in tree order, wrapping; reveals it. */
  nextDifference: z.strictObject({ comparison: Id, row: Index, direction: z.enum(['next', 'previous']) }),
  comparePair: RowRequest,
  compareContent: z.strictObject({
    comparison: Id,
    row: Index,
    side: z.enum(['a', 'b']),
    offset: z.int().min(0),
    length: z.int().min(0).max(MAX_CONTENT),
  }),
  compareSummary: z.strictObject({ comparison: Id }),
  /** The subtree of a row, `depth` levels, about 2000 nodes at most; those without differences are left out. */
  compareTreemap: z.strictObject({
    comparison: Id,
    row: Index,
    depth: z.int().min(1).max(4),
    by: z.enum(['differences', 'bytes']),
  }),
  /** Why the digests differ: a job; noise switches do not matter for it. */
  compareExplain: z.strictObject({ comparison: Id }),
  /** The digests that a side's tree can have: a job. */
  compareMatrix: z.strictObject({ comparison: Id, side: z.enum(['a', 'b']) }),
  /** As `searchDigest`, of a side's tree. */
  compareSearch: z.strictObject({ comparison: Id, side: z.enum(['a', 'b']), digest: Digest }),
} as const;

export interface CompareResponses {
  compare: CompareState;
  closeComparison: undefined;
  swapComparison: CompareState;
  setCompareNoise: CompareState;
  setCompareFilter: CompareState;
  compareRows: readonly CompareRow[];
  setCompareExpanded: CompareState;
  /** `at` undefined: the filter hides it. */
  revealCompareRow: { readonly state: CompareState; readonly at: number | undefined };
  nextDifference: { readonly state: CompareState; readonly at: number; readonly row: number } | undefined;
  comparePair: ComparePair;
  compareContent: ContentPart;
  compareSummary: CompareSummary;
  compareTreemap: CompareTreemapNode | undefined;
  compareExplain: CompareExplanation;
  compareMatrix: DigestMatrix;
  compareSearch: DigestSearch;
}
