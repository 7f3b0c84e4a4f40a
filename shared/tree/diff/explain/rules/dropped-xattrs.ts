import { count } from '../../../../verity/explain/words.ts';
import { Change, XATTRS } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import { otherSide, sideNames, type CauseRule, type Found, type SideName } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

interface Policy {
  readonly keeps: (name: string) => boolean;
  readonly words: string;
}

const isUser = (name: string): boolean => name.startsWith('user.');
const isCapability = (name: string): boolean => name === 'security.capability';
/** Attributes of overlayfs are another matter: `overlayXattrs` says why they are there. */
const isOverlays = (name: string): boolean => changeOfXattr(name) === Change.overlay;

/** What tools keep: a name is on the poorer side only where its policy keeps it. The first that fits says the most. */
const policies: readonly Policy[] = [
  {
    keeps: (name) => name !== 'security.selinux',
    words: 'all but security.selinux: no SELinux policy, or none of the host leaked',
  },
  {
    keeps: isCapability,
    words: 'security.capability alone: the allowlist of composefs-rs from 0.5.0 on for directories, 0.8.0 for tars',
  },
  {
    keeps: (name) => isCapability(name) || isUser(name),
    words: 'security.capability and user.*: --xattrs keep-user-xattrs of composefs-rs 0.8.0',
  },
  { keeps: isUser, words: 'user.* alone: --user-xattrs, or read without privileges' },
  { keeps: () => false, words: 'none: --skip-xattrs, or a file system that has none' },
];

/** Names that are kept or dropped together. */
const groups: readonly (readonly [words: string, has: (name: string) => boolean])[] = [
  ['security.selinux', (name) => name === 'security.selinux'],
  ['security.capability', isCapability],
  ['security.ima and security.evm', (name) => name === 'security.ima' || name === 'security.evm'],
  ['user.*', isUser],
  ['trusted.*', (name) => name.startsWith('trusted.')],
  ['system.posix_acl_*', (name) => name.startsWith('system.posix_acl_')],
];

/** D04: one side lacks all xattrs of some names. */
export const droppedXattrs: CauseRule = {
  id: 'D04',
  title: 'Extended attributes were dropped',
  rule: 'Names that one side has nowhere, and the other has; what is left there is what a known policy keeps, or a whole kind of names is missing.',
  knownFrom:
    'composefs-rs before 0.5.0 filtered nothing, 0.5.0 to 0.7.0 directories alone, from 0.8.0 on tars too; mkcomposefs --skip-xattrs and --user-xattrs; scans without privileges; copies and tars that were made without xattrs (cp without -a, tar without --xattrs).',
  advice: 'Keep the same ones on both sides. cfsctl from 0.8.0 on tries several with --expected-digest.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(XATTRS);
    if (pairs.length === 0) return undefined;
    const names = { a: yield* delta.xattrNames('a'), b: yield* delta.xattrNames('b') };
    for (const side of sideNames) {
      const dropped = droppedNames(names, side);
      const { words, isKnown, names: meant } = keptBy(names, side, dropped);
      if (meant.size === 0) continue;
      const explains = new Map<number, number>();
      yield* each(pairs, (pair) => {
        let bits = delta.left(pair.row) & XATTRS;
        for (const { name } of delta.xattrDifferences(pair)) if (!meant.has(name)) bits &= ~changeOfXattr(name);
        if (bits !== 0) explains.set(pair.row, bits);
      });
      // one entry alone may as well have been changed by hand
      if (explains.size === 0 || (!isKnown && explains.size === 1)) continue;
      return {
        sentence: `${count(explains.size, 'name')}: ${side.toUpperCase()} has no ${[...meant].toSorted().slice(0, 5).join(', ')}${meant.size > 5 ? ' and the like' : ''}. ${words}`,
        explains,
        confidence: !isKnown || explains.size === 1 ? 'possible' : /; or /.test(words) ? 'likely' : undefined,
      };
    }
    return undefined;
  },
};

type Names = Readonly<Record<SideName, ReadonlyMap<string, number>>>;

/** Names that a side has none of, and the other has. */
const droppedNames = (names: Names, side: SideName): ReadonlySet<string> =>
  new Set([...names[otherSide(side)].keys()].filter((name) => !names[side].has(name) && !isOverlays(name)));

/** What a side keeps, as far as some policy is known for it, and which of the dropped names that explains. */
function keptBy(
  names: Names,
  side: SideName,
  dropped: ReadonlySet<string>,
): { readonly words: string; readonly isKnown: boolean; readonly names: ReadonlySet<string> } {
  const own = [...names[side].keys()].filter((name) => !isOverlays(name));
  const all = [...names[otherSide(side)].keys()].filter((name) => !isOverlays(name));
  const fitting = policies.filter(
    ({ keeps }) =>
      [...dropped].every((name) => !keeps(name)) &&
      all.every((name) => names[side].has(name) || !keeps(name)) &&
      own.every(keeps),
  );
  if (fitting.length > 0 && dropped.size > 0) {
    return {
      words: `What it keeps fits: ${fitting.map(({ words }) => words).join('; or ')}.`,
      isKnown: true,
      names: dropped,
    };
  }
  const missing = groups.filter(([, has]) => all.some(has) && !own.some(has));
  return {
    words: `It has nothing of the kind ${missing.map(([words]) => words).join(', ')}; no tool is known that keeps just the rest.`,
    isKnown: false,
    names: new Set([...dropped].filter((name) => missing.some(([, has]) => has(name)))),
  };
}
