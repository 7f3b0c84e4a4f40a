import type {
  CompareCounts,
  CompareExplanation,
  CompareNoise,
  CompareRow,
  DownloadPlan,
} from '../../../contract/compare-values.ts';
import type { TreeDiff } from '../compare-trees.ts';
import type { Seen } from '../noise.ts';
import { grouped } from '../../../verity/explain/words.ts';

/** What differs, and how much of it. */
export interface Differences {
  readonly diff: TreeDiff;
  readonly seen: Seen;
  readonly counts: CompareCounts;
}

/** All that an export tells of a comparison. */
export interface CompareReport extends Differences {
  readonly version: string;
  readonly a: ReportSide;
  readonly b: ReportSide;
  readonly noise: CompareNoise;
  readonly folders: readonly { readonly path: string; readonly statuses: CompareRow['below'] }[];
  /** undefined: nobody asked what is to be fetched. */
  readonly download: DownloadPlan | undefined;
  /** undefined: nobody asked why. */
  readonly explanation: CompareExplanation | undefined;
}

export interface ReportSide {
  readonly name: string;
  readonly title: string;
  readonly digest: string | undefined;
}

/** `3 added, 1 removed, 12 changed`; `no differences`. */
export function countsText({ statuses, ignored }: CompareCounts): string {
  const parts = (['added', 'removed', 'changed', 'moved', 'renamed'] as const)
    .filter((status) => statuses[status] > 0)
    .map((status) => `${grouped(statuses[status])} ${status}`);
  const hidden = ignored === 0 ? '' : ` (${grouped(ignored)} ignored)`;
  return (parts.length === 0 ? 'no differences' : parts.join(', ')) + hidden;
}

/** How many differences there are: as many as the lines of an export that has all. */
export const differencesOf = ({ statuses }: CompareCounts): number =>
  Object.values(statuses).reduce((sum, count) => sum + count, 0) - statuses.equal;
