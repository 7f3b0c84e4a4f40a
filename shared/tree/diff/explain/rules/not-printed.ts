import { count } from '../../../../verity/explain/words.ts';
import { digestBytes, redirectBytes } from '../../../row.ts';
import { Flag, nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import type { Steps } from '../../../../steps.ts';
import { each, every, filtered } from '../../../../steps.ts';
import { otherSide, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';

const isWhiteout = (delta: Delta, side: SideName, entry: number): boolean =>
  ((delta.image(side).table.flags[entry] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0;

/** Whether what a dump of C is made of can have whiteouts that it does not print: an image of format 2, or its dump. */
const mayHide = (delta: Delta, side: SideName): boolean => {
  const { kind, formatVersion } = delta.image(side);
  return kind === 'dump' || (kind === 'composefs' && formatVersion === 2);
};

/** D33: a side is a dump, and its tool does not print what the other side has. */
export const notPrinted: CauseRule = {
  id: 'D33',
  title: 'Not in a dump, as its tool does not print it',
  rule: 'One side is a dump. It has no whiteout at all where the other has some, of format 2; or none in the root that are named by two hex digits; or a dash in the place of SHA-512 digests, with the same redirects.',
  knownFrom:
    'composefs-info of C composefs prints no whiteouts of format 2, and - for SHA-512 digests; that of composefs-rs no whiteouts of the root with such names.',
  advice: 'Compare the images, and not what is printed of them. An image that is made of such a dump is another one.',
  *find(delta): Steps<Found | undefined> {
    for (const side of sideNames) {
      const other = otherSide(side);
      if (delta.image(side).kind !== 'dump') continue;
      const explains = new Map<number, number>();
      const whiteouts = yield* hiddenWhiteouts(delta, side);
      for (const row of whiteouts) explains.set(row, delta.left(row) & ONE_SIDED);
      let digests = 0;
      yield* each(yield* delta.pairs(Change.digest), (pair) => {
        const theirs = digestBytes(delta.image(other).table, pair[other]);
        if (theirs?.length !== 64 || (delta.left(pair.row) & Change.redirect) !== 0) return;
        if (digestBytes(delta.image(side).table, pair[side]) !== undefined) return;
        if (redirectBytes(delta.image(side).table, pair[side]) === undefined) return;
        digests += 1;
        explains.set(pair.row, Change.digest);
      });
      if (explains.size === 0) continue;
      const parts = [
        whiteouts.length > 0 ? `leaves ${count(whiteouts.length, 'whiteout')} out` : '',
        digests > 0 ? `has - in the place of ${count(digests, 'SHA-512 digest')}` : '',
      ];
      const sentence = `The dump ${side.toUpperCase()} ${parts.filter((part) => part !== '').join(', and ')}.`;
      return { sentence, explains, confidence: 'likely' };
    }
    return undefined;
  },
};

/** Rows of whiteouts that the other side has, and the dump's tool does not print. */
function* hiddenWhiteouts(delta: Delta, side: SideName): Steps<readonly number[]> {
  const other = otherSide(side);
  const alone = yield* filtered(yield* delta.alone(other), (row) => isWhiteout(delta, other, delta.entry(other, row)));
  const { table } = delta.image(other);
  const inRoot = alone.filter((row) => {
    const entry = delta.entry(other, row);
    return table.parent[entry] === 0 && /^[0-9a-f]{2}$/i.test(displayBytes(nameBytes(table, entry)));
  });
  if (inRoot.length === alone.length) return inRoot;
  const hasNone = yield* every(delta.entries(side), (entry) => !isWhiteout(delta, side, entry));
  return hasNone && mayHide(delta, other) ? alone : inRoot;
}
