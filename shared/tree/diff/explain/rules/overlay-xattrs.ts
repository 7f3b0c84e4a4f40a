import { count, grouped } from '../../../../verity/explain/words.ts';
import { Flag } from '../../../table.ts';
import { ATTRIBUTES, Change, ONE_SIDED } from '../../change.ts';
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
import { droppedWithOthers } from './dropped-xattrs.ts';
import { each, filtered, type Steps } from '../../../../steps.ts';

const isOverlays = (name: string): boolean => changeOfXattr(name) === Change.overlay;
/** What overlayfs notes for itself in an upper directory; it is another one for each mount. */
const isNote = (name: string): boolean =>
  /^(?:trusted|user)\.overlay\.(?:origin|impure|uuid|nlink|upper|protattr)$/.test(name);
/** Of the names of the other side, how many an upper directory lacks: it has only what was changed. */
const LACKS = 0.1;

/** D34: overlay's own attributes were read from an upper directory. */
export const overlayXattrs: CauseRule = {
  id: 'D34',
  title: 'Attributes of overlayfs in the tree',
  rule: 'Names that begin with trusted.overlay. or user.overlay. are on one side alone, and nowhere on the other; or both have what overlayfs notes for itself, and it differs.',
  knownFrom:
    'Scans of the upper directory of an overlay, or of a mounted one (composefs-rs#41, #43). A dump that composefs-rs printed has no overlay.opaque (D33).',
  advice: 'Read the tars, or a plain directory.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.overlay);
    if (pairs.length === 0) return undefined;
    for (const side of sideNames) {
      if ([...(yield* delta.xattrNames(otherSide(side))).keys()].some(isOverlays)) continue;
      const explains = yield* explainingPairs(delta, pairs, Change.overlay);
      const isUpper = [...(yield* delta.xattrNames(side)).keys()].some(isNote);
      if (!isUpper && (yield* droppedWithOthers(delta, otherSide(side)))) return undefined;
      if (isUpper) return yield* asUpper(delta, side, explains);
      return {
        sentence: `${count(explains.size, 'name')}: ${side.toUpperCase()} alone has attributes of overlayfs.`,
        explains,
      };
    }
    const rows = yield* filtered(pairs, (pair) =>
      delta.xattrDifferences(pair).every(({ name }) => !isOverlays(name) || isNote(name)),
    );
    return {
      sentence: `${count(rows.length, 'name')}: both sides have what overlayfs notes for itself (origin, impure, uuid), and it is another one for each mount.`,
      explains: yield* explainingPairs(delta, rows, Change.overlay),
    };
  },
};

/** What a side that is an upper directory has by that: whiteouts, and no names but of what was changed. */
function* asUpper(delta: Delta, side: SideName, attributes: ReadonlyMap<number, number>): Steps<Found> {
  const other = otherSide(side);
  const { flags } = delta.image(side).table;
  const explains = new Map(attributes);
  let whiteouts = 0;
  yield* each(delta.differing, (row) => {
    const entry = delta.entry(side, row);
    if (entry < 0 || ((flags[entry] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) === 0) return;
    const bits = delta.left(row) & (ONE_SIDED | ATTRIBUTES);
    // of a whiteout that both have, something else differs
    if ((bits & (ONE_SIDED | Change.type)) === 0) return;
    explains.set(row, bits);
    whiteouts += 1;
  });
  const missing = yield* delta.alone(other);
  let names = 0;
  yield* delta.each(other, () => {
    names += 1;
  });
  const lacks = missing.length >= LACKS * names ? missing : [];
  yield* each(lacks, (row) => {
    explains.set(row, delta.left(row) & ONE_SIDED);
  });
  const [has, hasNot] = [side.toUpperCase(), other.toUpperCase()];
  const more = [
    ...(whiteouts === 0
      ? []
      : [`; ${count(whiteouts, 'whiteout')} of it ${whiteouts === 1 ? 'hides' : 'hide'} what ${hasNot} has, or had`]),
    ...(lacks.length === 0
      ? []
      : [
          `; ${grouped(lacks.length)} of ${hasNot} ${lacks.length === 1 ? 'is' : 'are'} not in it, as nobody changed them`,
        ]),
  ].join('');
  return {
    sentence: `${count(attributes.size, 'name')}: ${has} alone has attributes of overlayfs, as an upper directory has${more}.`,
    explains,
    confidence: lacks.length === 0 ? 'strong' : 'likely',
  };
}
