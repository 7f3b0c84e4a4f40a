import { count } from '../../../../verity/explain/words.ts';
import { S_IFLNK } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule } from '../delta.ts';

/** D21: a scan of a directory sees 0777, a tar says what it wants. */
export const symlinkPermissions: CauseRule = {
  id: 'D21',
  title: 'Permissions of symlinks',
  rule: 'Permissions of symlinks differ, and are 0777 on one side.',
  knownFrom: 'Reading a tar takes what its header says; a directory always shows 0777.',
  advice: 'Write 0777 for symlinks into the tar.',
  find: (delta) => {
    const links = delta
      .pairs(Change.mode)
      .filter(({ a, b }) => delta.type('a', a) === S_IFLNK && delta.type('b', b) === S_IFLNK);
    const side = sideNames.find((one) => links.every((pair) => delta.permissions(one, pair[one]) === 0o777));
    if (links.length === 0 || side === undefined) return undefined;
    return {
      sentence: `${count(links.length, 'symlink')} ${links.length === 1 ? 'has' : 'have'} 0777 in ${side.toUpperCase()} alone.`,
      explains: explaining(
        delta,
        links.map(({ row }) => row),
        Change.mode,
      ),
      confidence: 'strong',
    };
  },
};
