import { count } from '../../../../verity/explain/words.ts';
import { displayBytes, equalBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { changeOfXattr, type XattrDifference } from '../../source-xattrs.ts';
import {
  explainingPairs,
  otherSide,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Whether the image itself has what the other side has of the tree: overlayfs obeys it there, and shows it to nobody. */
function isUnescaped(delta: Delta, side: SideName, pair: Pair, { name, ...values }: XattrDifference): boolean {
  const theirs = values[otherSide(side)];
  // names in user. were never escaped, and some of them are marks of an image’s own
  if (!name.startsWith('trusted.overlay.')) return false;
  if (values[side] !== undefined || theirs === undefined) return false;
  // which the root of every image has as its own
  if (pair[side] === 0 && name === 'trusted.overlay.opaque') return false;
  return delta
    .image(side)
    .xattrs(pair[side])
    .some((own) => displayBytes(own.name) === name && equalBytes(own.value, theirs));
}

/** D32: overlay's attributes of the tree stand in the image as its own. */
export const beforeEscaping: CauseRule = {
  id: 'D32',
  title: 'Overlay attributes were not escaped',
  rule: 'Attributes of overlayfs that the tree has on one side are, on the other, the composefs image’s own, with the same values.',
  knownFrom: 'C composefs before 1.0.0; from then on they are written as trusted.overlay.overlay.….',
  advice:
    'Make the image anew with composefs 1.0 or newer: here overlayfs would obey them, and a mount does not show them.',
  *find(delta): Steps<Found | undefined> {
    for (const side of sideNames) {
      if (delta.image(side).kind !== 'composefs') continue;
      const rows = yield* filtered(yield* delta.pairs(Change.overlay), (pair) =>
        delta
          .xattrDifferences(pair)
          .every((one) => changeOfXattr(one.name) !== Change.overlay || isUnescaped(delta, side, pair, one)),
      );
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} has as its own what the tree has of overlayfs, as composefs before 1.0.0 wrote it.`,
        explains: yield* explainingPairs(delta, rows, Change.overlay),
        confidence: 'strong',
      };
    }
    return undefined;
  },
};
