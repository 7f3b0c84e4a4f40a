import { count } from '../../../../verity/explain/words.ts';
import { children, Flag } from '../../../table.ts';
import { Change } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import {
  explainingPairs,
  otherSide,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

const MARKS: ReadonlySet<string> = new Set(['trusted.overlay.opaque', 'user.overlay.opaque']);

function hasWhiteout(delta: Delta, side: SideName, directory: number): boolean {
  const { table } = delta.image(side);
  for (const row of children(table, directory)) {
    if (((table.flags[row] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0) return true;
  }
  return false;
}

/** D14: format 1 of the C tool has its own mark in the place of the directory's. */
export const opaqueWithWhiteout: CauseRule = {
  id: 'D14',
  title: 'Opaque directories that hold a whiteout',
  rule: 'A directory with a whiteout has overlay.opaque on one side only, and the other side is an image of format 1.',
  knownFrom:
    'The C tool writes overlay.opaque=x over what the directory has (format 1); composefs-rs writes both; format 0 keeps it.',
  advice: 'Avoid such directories, or write both images in one format with one tool.',
  *find(delta): Steps<Found | undefined> {
    for (const side of sideNames) {
      const other = otherSide(side);
      if (delta.image(side).formatVersion !== 1) continue;
      const rows = yield* filtered(
        yield* delta.pairs(Change.overlay),
        (pair) =>
          hasWhiteout(delta, side, pair[side]) &&
          delta
            .xattrDifferences(pair)
            .every(
              (one) => changeOfXattr(one.name) !== Change.overlay || (MARKS.has(one.name) && one[side] === undefined),
            ),
      );
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: the mark of ${side.toUpperCase()}’s format took the place of overlay.opaque, which ${other.toUpperCase()} has.`,
        explains: yield* explainingPairs(delta, rows, Change.overlay),
        confidence: 'strong',
      };
    }
    return undefined;
  },
};
