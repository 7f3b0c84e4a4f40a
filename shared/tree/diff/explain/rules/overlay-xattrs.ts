import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import { explainingPairs, otherSide, sideNames, type CauseRule, type Found } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

const isOverlays = (name: string): boolean => changeOfXattr(name) === Change.overlay;

/** D34: overlay's own attributes were read from a mounted overlay, or its upper directory. */
export const overlayXattrs: CauseRule = {
  id: 'D34',
  title: 'Attributes of overlayfs in the tree',
  rule: 'Names that begin with trusted.overlay. or user.overlay. are on one side alone, and nowhere on the other.',
  knownFrom: 'Scans of a mounted overlay or of its upper directory (composefs-rs#41, #43).',
  advice: 'Read the tars, or a plain directory.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.overlay);
    if (pairs.length === 0) return undefined;
    for (const side of sideNames) {
      if ([...(yield* delta.xattrNames(otherSide(side))).keys()].some(isOverlays)) continue;
      const rows = yield* filtered(pairs, (pair) =>
        delta.xattrDifferences(pair).every((one) => !isOverlays(one.name) || one[otherSide(side)] === undefined),
      );
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} alone has attributes of overlayfs.`,
        explains: yield* explainingPairs(delta, rows, Change.overlay),
      };
    }
    return undefined;
  },
};
