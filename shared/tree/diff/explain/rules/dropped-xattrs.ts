import { count } from '../../../../verity/explain/words.ts';
import { Change, XATTRS } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import { otherSide, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
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
    words: 'all but security.selinux: no SELinux policy, or none of the host leaked; umoci leaves labels out',
  },
  {
    keeps: (name) => !name.startsWith('trusted.'),
    words: 'all but trusted.*: read without privileges',
  },
  {
    keeps: isCapability,
    words: 'security.capability alone: the allowlist of composefs-rs from 0.5.0 on for directories, 0.8.0 for tars',
  },
  {
    keeps: (name) => isCapability(name) || isUser(name),
    words: 'security.capability and user.*: --xattrs keep-user-xattrs of composefs-rs 0.8.0',
  },
  { keeps: isUser, words: 'user.* alone: --user-xattrs of mkcomposefs' },
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
    for (const side of sideNames) {
      const { words, isKnown, names: meant } = yield* keptOn(delta, side);
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

interface Names {
  /** Of the side that may lack some. */
  readonly own: readonly string[];
  readonly other: ReadonlySet<string>;
}

interface Kept {
  readonly words: string;
  readonly isKnown: boolean;
  /** Those that are gone by it. */
  readonly names: ReadonlySet<string>;
}

/** What a side keeps of the names that the other has on the same entries, and which of these it has nowhere by that. */
function* keptOn(delta: Delta, side: SideName): Steps<Kept> {
  // what is on the richer side alone dropped nothing
  const [own, other] = [yield* delta.xattrNames(side), yield* delta.commonXattrNames(otherSide(side))];
  const names = { own: [...own.keys()], other };
  return byPolicy(names) ?? byKind(withoutOverlays(names));
}

/** Whether a side dropped attributes of overlayfs as a policy does, with others that it does not keep. */
export function* droppedWithOthers(delta: Delta, side: SideName): Steps<boolean> {
  const { isKnown, names } = yield* keptOn(delta, side);
  return isKnown && [...names].some(isOverlays);
}

const withoutOverlays = ({ own, other }: Names): Names => ({
  own: own.filter((name) => !isOverlays(name)),
  other: new Set([...other].filter((name) => !isOverlays(name))),
});

/** Those of overlayfs alone show no policy: `overlayXattrs` says why they are there. */
function byPolicy(names: Names): Kept | undefined {
  for (const { own, other } of [names, withoutOverlays(names)]) {
    const dropped = [...other].filter((name) => !own.includes(name));
    const fitting = policies.filter(({ keeps }) => own.every(keeps) && !dropped.some(keeps));
    if (fitting.length === 0 || dropped.every(isOverlays)) continue;
    return {
      words: `What it keeps fits: ${fitting.map(({ words }) => words).join('; or ')}.`,
      isKnown: true,
      names: new Set(dropped),
    };
  }
  return undefined;
}

function byKind({ own, other }: Names): Kept {
  const missing = groups.filter(([, has]) => [...other].some(has) && !own.some(has));
  return {
    words: `It has nothing of the kind ${missing.map(([words]) => words).join(', ')}; no tool is known that keeps just the rest.`,
    isKnown: false,
    names: new Set([...other].filter((name) => !own.includes(name) && missing.some(([, has]) => has(name)))),
  };
}
