import { count } from '../../../../verity/explain/words.ts';
import { XATTRS } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule } from '../delta.ts';

const isOverlays = (name: string): boolean => /^(?:trusted|user)\.overlay\./.test(name);

/** D34: overlay's own attributes were read from a mounted overlay, or its upper directory. */
export const overlayXattrs: CauseRule = {
  id: 'D34',
  title: 'Attributes of overlayfs in the tree',
  rule: 'Names that begin with trusted.overlay. or user.overlay. are on one side alone, and nowhere on the other.',
  knownFrom: 'Scans of a mounted overlay or of its upper directory.',
  advice: 'Read the tars, or a plain directory.',
  find: (delta) => {
    const pairs = delta.pairs(XATTRS);
    if (pairs.length === 0) return undefined;
    for (const side of sideNames) {
      if ([...delta.xattrNames(otherSide(side))].some(isOverlays)) continue;
      const rows = pairs
        .filter((pair) => delta.xattrDifferences(pair).every(({ name }) => isOverlays(name)))
        .map(({ row }) => row);
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} alone has attributes of overlayfs.`,
        explains: explaining(delta, rows, XATTRS),
      };
    }
    return undefined;
  },
};
