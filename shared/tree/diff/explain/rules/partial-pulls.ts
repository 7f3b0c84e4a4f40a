import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import type { CauseRule, Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D37: files that were pulled in part. */
export const partialPulls: CauseRule = {
  id: 'D37',
  title: 'Contents that are not whole',
  rule: 'Digests differ, and the bytes of one side are the first of the other’s, or the other’s with zeros in the place of some blocks. Only where contents are at hand.',
  knownFrom: 'Pulls in chunks that ended early, or lost chunks (bootc#2408).',
  advice: 'Pull the image again; nothing is wrong with how it was written.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    const sums = { cut: 0, zeros: 0 };
    const sides = new Set<string>();
    yield* each(yield* delta.pairs(Change.digest), ({ row }) => {
      const evidence = delta.evidence.contents.get(row);
      if (evidence === undefined || evidence.kind === 'wrong-id') return;
      sums[evidence.kind === 'zeros' ? 'zeros' : 'cut'] += 1;
      sides.add(evidence.side.toUpperCase());
      explains.set(row, delta.left(row) & (Change.digest | Change.redirect | Change.size | Change.content));
    });
    const parts = [
      sums.cut > 0 ? `${count(sums.cut, 'file')} of which only the first bytes are there` : '',
      sums.zeros > 0 ? `${count(sums.zeros, 'file')} with zeros where the other side has content` : '',
    ];
    const sentence = `${[...sides].toSorted().join(' and ')} has ${parts.filter((part) => part !== '').join(', and ')}.`;
    return { sentence, explains, confidence: 'certain' };
  },
};
