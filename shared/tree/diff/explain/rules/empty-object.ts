import { count } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { hexOfBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { explainingPairs, sideNames, type CauseRule, type Found } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** fs-verity digests of no bytes, SHA-256: of the C tool before July 2026, and of everybody else. */
const EMPTY: ReadonlySet<string> = new Set([
  'cfc3391077edfd51859f6e5e16e03f82b1da3ee1a35d418b0d0b3b57740b4405',
  '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95',
]);

/** D26: an empty file is an object on one side, or has the digest that the C tool computes for it. */
export const emptyObject: CauseRule = {
  id: 'D26',
  title: 'Digest of an empty file',
  rule: 'Files without a byte that have an object on one side alone, or one of the two known digests of no bytes on each.',
  knownFrom:
    'measure-file of C composefs up to 1.0.8 hashes a block of zeros (cfc33910…), the kernel, fsverity-utils and composefs-rs do not (3d248ca5…). Of a dump with an object for an empty file, the C tool makes an empty file, composefs-rs an object.',
  advice: 'Give empty files no object; measure with fsverity, or with C composefs from July 2026 on.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* filtered(yield* delta.pairs(Change.digest | Change.storage), (pair) => {
      const digests = sideNames.map((side) => digestBytes(delta.image(side).table, pair[side]));
      const isEmpty = sideNames.every((side) => delta.image(side).table.size[pair[side]] === 0);
      return isEmpty && digests.every((digest) => digest === undefined || EMPTY.has(hexOfBytes(digest)));
    });
    return {
      sentence: `${count(pairs.length, 'empty file')} with an object or another digest on one side.`,
      explains: yield* explainingPairs(delta, pairs, Change.digest | Change.storage | Change.redirect),
      confidence: 'certain',
    };
  },
};
