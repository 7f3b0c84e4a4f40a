import { parseComposefsHeader } from '../../../../../composefs/header.ts';
import { parseSuperblock } from '../../../../../erofs/superblock.ts';
import { count } from '../../../../../verity/explain/words.ts';
import type { Image } from '../../../../image.ts';
import { displayBytes } from '../../../../text.ts';
import { otherSide, sideNames, type Delta, type SideName } from '../../delta.ts';
import { filtered, type Steps } from '../../../../../steps.ts';
import type { FormatFound, FormatRule } from '../format-rule.ts';

/** `feature_compat`: xattrs of an inode have a filter of their names in front. */
const XATTR_FILTER = 4;
const OLD_DIGEST = 'trusted.overlay.verity';

const hasFilter = ({ table: { bytes } }: Image): boolean => (parseSuperblock(bytes).featureCompat & XATTR_FILTER) !== 0;

/** D32: an image of before the format was settled. */
export const before10: FormatRule = {
  id: 'D32',
  title: 'Written by composefs before 1.0.0',
  rule: 'Only one of two composefs images has filters of xattr names; the other may have digests in trusted.overlay.verity.',
  knownFrom:
    'C composefs 0.1: no name filters, whiteouts and overlay’s attributes not escaped; up to 0.1.3 metacopy is empty and the digest lies in trusted.overlay.verity.',
  advice: 'Make the image anew with composefs 1.0 or newer: no such image has the same bytes.',
  ofAnyTrees: true,
  *find(delta): Steps<FormatFound | undefined> {
    const { a, b } = delta.diff;
    if ([a, b].some(({ table }) => parseComposefsHeader(table.bytes) === undefined)) return undefined;
    const side = sideNames.find((one) => !hasFilter(delta.image(one)) && hasFilter(delta.image(otherSide(one))));
    if (side === undefined) return undefined;
    const rows = yield* filtered(rowsOf(delta), (row) => hasOldDigest(delta, side, row));
    const digests =
      rows.length === 0
        ? ''
        : `, and ${count(rows.length, 'digest')} in ${OLD_DIGEST}, as only 0.1.0 to 0.1.3 had them`;
    return {
      sentence: `${side.toUpperCase()} has no filters of xattr names${digests}.`,
      rows: rows.map((row) => ({ row, what: `digest in ${OLD_DIGEST}` })),
      confidence: 'strong',
    };
  },
};

function* rowsOf({ diff }: Delta): Generator<number, void, void> {
  for (let row = 0; row < diff.count; row += 1) yield row;
}

function hasOldDigest(delta: Delta, side: SideName, row: number): boolean {
  const entry = delta.entry(side, row);
  const image = delta.image(side);
  if (entry < 0 || image.table.digestOffset[entry] === 0) return false;
  return image.xattrs(entry).some(({ name }) => displayBytes(name) === OLD_DIGEST);
}
