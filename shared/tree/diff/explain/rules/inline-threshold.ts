import { count, grouped } from '../../../../verity/explain/words.ts';
import { digestBytes } from '../../../row.ts';
import { S_IFREG } from '../../../table.ts';
import { equalBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { redirectStem, storageOf } from '../../compare-entries.ts';
import { sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** Size of the largest file whose bytes a side has in the image. */
function* largestInline(delta: Delta, side: SideName): Steps<number> {
  const image = delta.image(side);
  let largest = 0;
  yield* delta.each(side, (entry) => {
    if (delta.type(side, entry) === S_IFREG && storageOf(image, entry) === 'inline')
      largest = Math.max(largest, image.table.size[entry] ?? 0);
  });
  return largest;
}

/** D16: the same bytes, in the image on one side and in an object on the other. */
export const inlineThreshold: CauseRule = {
  id: 'D16',
  title: 'Small files in the image or in an object',
  rule: 'One side has the bytes, the other a digest; the fs-verity digest of the bytes is that one. Or it says none, and the object’s path is that of this digest.',
  knownFrom:
    'C and Rust put up to 64 bytes into the image; ostree and containers/storage none; a dump may have up to 5000 (C) or 512 (Rust).',
  advice: 'Make both with the same tool.',
  *find(delta): Steps<Found | undefined> {
    const { diff } = delta;
    const explains = new Map<number, number>();
    yield* each(yield* delta.pairs(Change.storage), ({ row, a, b }) => {
      const isInA = storageOf(diff.a, a) === 'inline' && storageOf(diff.b, b) === 'object';
      const isInB = storageOf(diff.b, b) === 'inline' && storageOf(diff.a, a) === 'object';
      if (!isInA && !isInB) return;
      const [image, object] = isInA ? [diff.b, b] : [diff.a, a];
      const stored = digestBytes(image.table, object);
      const algorithm = stored?.length === 64 ? 'sha512' : 'sha256';
      const made = diff.comparer.digestOf(isInA ? 'a' : 'b', isInA ? a : b, algorithm);
      if (made === undefined) return;
      // an object without a digest is named by it
      const isSame = stored === undefined ? redirectStem(image, object, made) !== undefined : equalBytes(made, stored);
      if (!isSame) return;
      explains.set(row, Change.storage);
    });
    if (explains.size === 0) return undefined;
    const most: string[] = [];
    for (const side of sideNames) {
      const largest = yield* largestInline(delta, side);
      most.push(
        `${side.toUpperCase()} has ${largest === 0 ? 'none' : `files of up to ${grouped(largest)} bytes`} there`,
      );
    }
    const sentence = `${count(explains.size, 'file')} with the same content: in the image on one side, in an object on the other; ${most.join(', ')}.`;
    return { sentence, explains, confidence: 'certain' };
  },
};
