import { count } from '../../../../verity/explain/words.ts';
import { S_IFLNK } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explainingPairs, type CauseRule, type Found, type SideName } from '../delta.ts';
import { every, filtered, type Steps } from '../../../../steps.ts';

/** D21: a scan of a directory sees 0777, a tar says what it wants. */
export const symlinkPermissions: CauseRule = {
  id: 'D21',
  title: 'Permissions of symlinks',
  rule: 'Permissions of symlinks differ, and are 0777 on one side.',
  knownFrom: 'Reading a tar takes what its header says; a directory always shows 0777.',
  advice: 'Write 0777 for symlinks into the tar.',
  *find(delta): Steps<Found | undefined> {
    const links = yield* filtered(
      yield* delta.pairs(Change.mode),
      ({ a, b }) => delta.type('a', a) === S_IFLNK && delta.type('b', b) === S_IFLNK,
    );
    if (links.length === 0) return undefined;
    const isOpen = (side: SideName) => every(links, (pair) => delta.permissions(side, pair[side]) === 0o777);
    const side = (yield* isOpen('a')) ? 'a' : (yield* isOpen('b')) ? 'b' : undefined;
    if (side === undefined) return undefined;
    return {
      sentence: `${count(links.length, 'symlink')} ${links.length === 1 ? 'has' : 'have'} 0777 in ${side.toUpperCase()} alone.`,
      explains: yield* explainingPairs(delta, links, Change.mode),
      confidence: 'strong',
    };
  },
};
