import type { CompareAttribute, CompareStatus } from '../../../contract/compare-values.ts';
import type { EntryKind } from '../../../contract/values.ts';
import { kindOf } from '../../format.ts';
import { attributesOf, ONE_SIDED } from '../change.ts';
import type { TreeDiff } from '../compare-trees.ts';
import { isCounted, type Seen } from '../noise.ts';
import { differingValues } from '../pair-values.ts';
import { pathOfRow, statusOf } from '../summary.ts';

/** A difference as every export tells it. */
export interface ChangeLine {
  readonly row: number;
  readonly path: string;
  readonly status: Exclude<CompareStatus, 'equal'>;
  /** Of what was moved or renamed: where it was. */
  readonly from: string | undefined;
  readonly kind: EntryKind;
  /** Bytes of a regular file, on B where it is there. */
  readonly size: number | undefined;
  readonly attributes: readonly CompareAttribute[];
  /** What differs, in words; of what is on one side alone nothing. */
  readonly values: readonly { readonly name: string; readonly a: string | undefined; readonly b: string | undefined }[];
}

/** All differences in tree order; what was moved once, where it is now. */
export function* changeLines(diff: TreeDiff, seen: Seen): Generator<ChangeLine, void, void> {
  for (const row of seen.differing) {
    const bits = seen.changes[row] ?? 0;
    const status = statusOf(diff, seen, row);
    if (status === 'equal' || !isCounted(bits)) continue;
    const [entryA, entryB] = [diff.rowA[row] ?? -1, diff.rowB[row] ?? -1];
    const [image, entry] = entryB >= 0 ? [diff.b, entryB] : [diff.a, entryA];
    const kind = kindOf(image, entry);
    const partner = diff.partner.get(row);
    yield {
      row,
      path: pathOfRow(diff, row),
      status,
      from: partner === undefined ? undefined : pathOfRow(diff, partner),
      kind,
      size: kind === 'file' ? (image.table.size[entry] ?? 0) : undefined,
      attributes: attributesOf(bits & ~ONE_SIDED),
      values: differingValues(diff, seen, row).map(({ label, a, b }) => ({ name: label, a, b })),
    };
  }
}

/** `mode 0644 -rw-r--r-- → 0755 -rwxr-xr-x, user.a removed (was 1)`; empty where only names say what differs. */
export const valuesText = (line: ChangeLine): string => valueTexts(line).join(', ');

/** The same, each by itself. */
export function valueTexts({ values, attributes }: ChangeLine): readonly string[] {
  const parts = values.map(({ name, a, b }) => {
    if (a === undefined) return `${name} added (${b ?? ''})`;
    if (b === undefined) return `${name} removed (was ${a})`;
    return `${name} ${a} → ${b}`;
  });
  if (attributes.includes('links')) parts.push('other hard links');
  if (attributes.includes('content')) parts.push('other content');
  return parts;
}
