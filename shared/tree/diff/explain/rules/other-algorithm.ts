import { count } from '../../../../verity/explain/words.ts';
import type { Image } from '../../../image.ts';
import { digestBytes, redirectBytes } from '../../../row.ts';
import { equalBytes, hexOfBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { redirectStem } from '../../compare-entries.ts';
import { sideNames, type CauseRule, type Delta, type Found, type Pair } from '../delta.ts';
import { every, type Steps } from '../../../../steps.ts';

const HEX_DIGITS_OF_SHA512 = 128;
const words = { sha256: 'SHA-256', sha512: 'SHA-512', cut: 'SHA-512 cut to 32 bytes' } as const;
type Kind = keyof typeof words;

/** Of what hash the digest of an object is: one of 32 bytes may be the first half of what the object is named by. */
function kindOf(image: Image, entry: number): Kind | undefined {
  const digest = digestBytes(image.table, entry);
  if (digest === undefined) return undefined;
  if (digest.length === 64) return 'sha512';
  // two digits, a slash, the others
  const path = String.fromCharCode(...(redirectBytes(image.table, entry) ?? []).slice(-HEX_DIGITS_OF_SHA512 - 1));
  const hex = path.slice(0, 2) + path.slice(3);
  const isCut = hex.length === HEX_DIGITS_OF_SHA512 && hex.startsWith(hexOfBytes(digest));
  return isCut && /^[0-9a-f]+$/.test(hex) ? 'cut' : 'sha256';
}

/** Whether one digest is the first half of the other. */
function isHalf({ diff: { a, b } }: Delta, pair: Pair): boolean {
  const [ours, theirs] = [digestBytes(a.table, pair.a), digestBytes(b.table, pair.b)];
  return ours !== undefined && theirs !== undefined && equalBytes(ours.subarray(0, 32), theirs.subarray(0, 32));
}

/** D10: all objects of one side have SHA-256 digests, all of the other SHA-512. */
export const otherAlgorithm: CauseRule = {
  id: 'D10',
  title: 'SHA-256 against SHA-512',
  rule: 'Every digest of one side has 32 bytes, every one of the other 64; the sizes of the files are equal. Or those of 32 bytes are the first of the 64 that the objects are named by.',
  knownFrom:
    'bootc: SHA-512 alone. cfsctl init: SHA-512. Every C tool and the library’s default: SHA-256. mkcomposefs 1.0.8 cuts the SHA-512 digests of a dump to 32 bytes: they are those of no file.',
  advice:
    'Choose one hash on both sides: digests of one cannot be made from those of the other without the contents. Make SHA-512 images with composefs-rs.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    let kinds: readonly [Kind, Kind] | undefined;
    const isOther = yield* every(yield* delta.pairs(Change.digest), (pair) => {
      const [ours, theirs] = [kindOf(delta.diff.a, pair.a), kindOf(delta.diff.b, pair.b)];
      if (ours === undefined || theirs === undefined) return true;
      kinds ??= [ours, theirs];
      if (ours === theirs || kinds[0] !== ours || kinds[1] !== theirs) return false;
      // what was cut is the other one, or another file
      if (ours !== 'sha256' && theirs !== 'sha256' && !isHalf(delta, pair)) return false;
      if ((delta.left(pair.row) & Change.size) === 0) {
        // of two paths that the digests follow from, what is in front of them has its own reason
        const follow = sideNames.every((side) => redirectStem(delta.image(side), pair[side]) !== undefined);
        explains.set(pair.row, Change.digest | (follow ? 0 : delta.left(pair.row) & Change.redirect));
      }
      return true;
    });
    if (!isOther || kinds === undefined) return undefined;
    const [a, b] = kinds;
    const isSame = a !== 'sha256' && b !== 'sha256';
    const [cut, whole] = a === 'cut' ? ['A', 'B'] : ['B', 'A'];
    const sentence = isSame
      ? `${count(explains.size, 'file')}: the digests of ${cut} are the first 32 bytes of those of ${whole}, as mkcomposefs cuts SHA-512 digests; overlayfs takes them for SHA-256, which they are not.`
      : `${count(explains.size, 'file')} of equal size: the digests are ${words[a]} in A and ${words[b]} in B, so that nothing says whether the contents differ.`;
    return { sentence, explains };
  },
};
