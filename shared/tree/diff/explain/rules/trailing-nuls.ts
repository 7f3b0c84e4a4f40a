import { count } from '../../../../verity/explain/words.ts';
import type { CauseRule, Found } from '../delta.ts';
import type { Steps } from '../../../../steps.ts';
import { explainingNames, pairsByName } from './folded-names.ts';

/** As `displayBytes` and as a dump's escapes show it. */
const withoutNuls = (text: string): string => text.replace(/(?:\\x00|\0|\u2400)+$/, '');

/** D36: the NULs behind a long name of a GNU tar were taken for a part of it. */
export const trailingNuls: CauseRule = {
  id: 'D36',
  title: 'Names with NULs at their end',
  rule: 'A name that is only in A and one that is only in B, in the same directory, are equal but for NULs at the end.',
  knownFrom: 'composefs-rs before July 2025, of GNU long names in tars.',
  advice: 'Make the image anew with composefs-rs from 0.5.0 on.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* pairsByName(delta, withoutNuls);
    return {
      sentence: `${count(pairs.size, 'pair')} of names ${pairs.size === 1 ? 'is' : 'are'} the same but for NULs at the end.`,
      explains: yield* explainingNames(delta, pairs),
      confidence: 'strong',
    };
  },
};
