import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import type { CauseRule, Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

/** D28: the id of an object is not that of its bytes. */
export const wrongObjectIds: CauseRule = {
  id: 'D28',
  title: 'Wrong object ids from streamed hashing',
  rule: 'The sizes are equal, and the bytes of one side’s object have the digest that the other side says. Only where the object is at hand.',
  knownFrom:
    'composefs-rs 0.7.0, where a file came in pieces: a short read was hashed as a whole block (fixed in 0.8.0).',
  advice:
    'Check the store (composcope verify --store, cfsctl fsck), and import the image anew with composefs-rs 0.8.0 or newer.',
  *find(delta): Steps<Found | undefined> {
    const explains = new Map<number, number>();
    const sides = new Set<string>();
    yield* each(yield* delta.pairs(Change.digest), ({ row }) => {
      const evidence = delta.evidence.contents.get(row);
      if (evidence?.kind !== 'wrong-id') return;
      sides.add(evidence.side.toUpperCase());
      explains.set(row, delta.left(row) & (Change.digest | Change.redirect));
    });
    const who = [...sides].toSorted().join(' and ');
    const sentence = `${count(explains.size, 'file')}: the object of ${who} has another digest than its name, namely that of the other side; the bytes are the same.`;
    return { sentence, explains, confidence: 'certain' };
  },
};
