import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import { explainingPairs, otherSide, sideNames, type CauseRule, type Found } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

const isAcl = (name: string): boolean => name.startsWith('system.posix_acl_');

/** D34: one side has access control lists, the other nowhere any. */
export const posixAcls: CauseRule = {
  id: 'D34',
  title: 'Access control lists on one side',
  rule: 'Attributes system.posix_acl_access and system.posix_acl_default are on one side alone; nothing else of its xattrs is missing.',
  knownFrom:
    'Trees that went through a tar without --acls, or were read through an overlay. Images of format 0 and 1 say in the header that they hold such lists (flag 1), those of format 2 do not.',
  advice: 'Read the tars or a plain directory, with the lists on both sides or on none.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.xattrs);
    if (pairs.length === 0) return undefined;
    const names = { a: yield* delta.xattrNames('a'), b: yield* delta.xattrNames('b') };
    for (const side of sideNames) {
      const own = names[side];
      const others = [...names[otherSide(side)].keys()];
      // where other names are gone too, a policy dropped them all
      if (![...own.keys()].some(isAcl) || others.some(isAcl)) continue;
      if ([...own.keys()].some((name) => !isAcl(name) && !others.includes(name))) continue;
      const rows = yield* filtered(pairs, (pair) =>
        delta.xattrDifferences(pair).every(({ name }) => isAcl(name) || changeOfXattr(name) !== Change.xattrs),
      );
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} alone has access control lists.`,
        explains: yield* explainingPairs(delta, rows, Change.xattrs),
      };
    }
    return undefined;
  },
};
