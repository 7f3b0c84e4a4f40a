import { count } from '../../../../verity/explain/words.ts';
import { XATTRS } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type SideName } from '../delta.ts';

interface Policy {
  readonly keeps: (name: string) => boolean;
  readonly words: string;
}

const isUser = (name: string): boolean => name.startsWith('user.');
const isCapability = (name: string): boolean => name === 'security.capability';

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

/** Names that a side has none of, though they differ. */
function droppedNames(delta: Delta, side: SideName): ReadonlySet<string> {
  const own = delta.xattrNames(side);
  return new Set([...delta.xattrNames(otherSide(side))].filter((name) => !own.has(name)));
}

/** D04: one side lacks all xattrs of some names. */
export const droppedXattrs: CauseRule = {
  id: 'D04',
  title: 'Extended attributes were dropped',
  rule: 'Names that one side has nowhere, and the other has; what is left there is what a known policy keeps.',
  knownFrom:
    'composefs-rs before 0.5.0 filtered nothing, 0.5.0 to 0.7.0 directories alone, from 0.8.0 on tars too; mkcomposefs --skip-xattrs and --user-xattrs; scans without privileges.',
  advice: 'Keep the same ones on both sides. cfsctl from 0.8.0 on tries several with --expected-digest.',
  find: (delta) => {
    const pairs = delta.pairs(XATTRS);
    if (pairs.length === 0) return undefined;
    for (const side of sideNames) {
      const dropped = droppedNames(delta, side);
      if (dropped.size === 0) continue;
      const kept = delta.xattrNames(side);
      const all = delta.xattrNames(otherSide(side));
      const fitting = policies.filter(
        ({ keeps }) =>
          [...dropped].every((name) => !keeps(name)) &&
          [...all].every((name) => kept.has(name) || !keeps(name)) &&
          [...kept].every(keeps),
      );
      const rows = pairs
        .filter((pair) => delta.xattrDifferences(pair).every(({ name }) => dropped.has(name)))
        .map(({ row }) => row);
      if (fitting.length === 0 || rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'name')}: ${side.toUpperCase()} has no ${[...dropped].toSorted().slice(0, 5).join(', ')}. What it keeps fits: ${fitting.map(({ words }) => words).join('; or ')}.`,
        explains: explaining(delta, rows, XATTRS),
        confidence: fitting.length > 1 ? 'likely' : undefined,
      };
    }
    return undefined;
  },
};
