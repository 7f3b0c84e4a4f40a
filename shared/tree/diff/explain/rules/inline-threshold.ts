import { count } from '../../../../verity/explain/words.ts';
import { equalBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { storageOf } from '../../compare-entries.ts';
import { digestBytes } from '../../../row.ts';
import type { CauseRule } from '../delta.ts';

/** D16: the same bytes, in the image on one side and in an object on the other. */
export const inlineThreshold: CauseRule = {
  id: 'D16',
  title: 'Small files in the image or in an object',
  rule: 'One side has the bytes, the other a digest; the fs-verity digest of the bytes is that one.',
  knownFrom:
    'C and Rust put up to 64 bytes into the image; ostree and containers/storage none; a dump may have up to 5000.',
  advice: 'Make both with the same tool.',
  find: (delta) => {
    const { diff } = delta;
    const explains = new Map<number, number>();
    let largest = 0;
    for (const { row, a, b } of delta.pairs(Change.storage)) {
      const isInA = storageOf(diff.a, a) === 'inline' && storageOf(diff.b, b) === 'object';
      const isInB = storageOf(diff.b, b) === 'inline' && storageOf(diff.a, a) === 'object';
      if (!isInA && !isInB) continue;
      const stored = isInA ? digestBytes(diff.b.table, b) : digestBytes(diff.a.table, a);
      if (stored === undefined) continue;
      const algorithm = stored.length === 64 ? 'sha512' : 'sha256';
      const made = diff.comparer.digestOf(isInA ? 'a' : 'b', isInA ? a : b, algorithm);
      if (made === undefined || !equalBytes(made, stored)) continue;
      explains.set(row, delta.left(row) & (Change.storage | Change.digest | Change.redirect));
      largest = Math.max(largest, diff.a.table.size[a] ?? 0);
    }
    const sentence = `${count(explains.size, 'file')} of up to ${count(largest, 'byte')} with the same content: in the image on one side, in an object on the other.`;
    return { sentence, explains, confidence: 'certain' };
  },
};
