import { grouped } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import {
  explainingPairs,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';
import { mostOf } from './most.ts';

/** Of those that differ, how many must be directories; and how many of these must have the one value. */
const MOST = 0.8;

interface Constant {
  readonly side: SideName;
  readonly words: string;
  readonly pairs: readonly Pair[];
}

/** Directories of which nearly all have the same on one side, where hardly anything but directories differs in it. */
function* constantOf(
  delta: Delta,
  bits: number,
  words: (side: SideName, entry: number) => string,
): Steps<Constant | undefined> {
  const all = yield* delta.pairs(bits);
  const pairs = yield* filtered(all, ({ a, b }) => delta.type('a', a) === S_IFDIR && delta.type('b', b) === S_IFDIR);
  if (pairs.length < 2 || pairs.length < MOST * all.length) return undefined;
  let found: Constant | undefined;
  let most = 0;
  for (const side of sideNames) {
    const [value = '', number] = yield* mostOf(pairs, (pair) => words(side, pair[side]));
    if (number < MOST * pairs.length || number <= most) continue;
    most = number;
    found = { side, words: `${grouped(number)} of them have ${value} in ${side.toUpperCase()}`, pairs };
  }
  return found;
}

/** D19: directories that no layer names have the permissions that somebody's umask gives, and the owner who unpacks. */
export const directoryPermissions: CauseRule = {
  id: 'D19',
  title: 'Permissions or owner of implicit directories',
  rule: 'Permissions or owners differ in directories alone, two at least, and those of one side are nearly all the same.',
  knownFrom:
    'Unpacking under another umask, COPY with new parents, mkdir -p under umask 077 (containers/storage, buildah).',
  advice: 'Write the directories into the layer; use umask 022.',
  *find(delta): Steps<Found | undefined> {
    const { uid: uidA, gid: gidA } = delta.image('a').table;
    const { uid: uidB, gid: gidB } = delta.image('b').table;
    const owner = (side: SideName, entry: number): string =>
      side === 'a' ? `${uidA[entry] ?? 0}:${gidA[entry] ?? 0}` : `${uidB[entry] ?? 0}:${gidB[entry] ?? 0}`;
    const modes = yield* constantOf(
      delta,
      Change.mode,
      (side, entry) => `0${delta.permissions(side, entry).toString(8)}`,
    );
    const owners = yield* constantOf(
      delta,
      Change.uid | Change.gid,
      (side, entry) => `the owner ${owner(side, entry)}`,
    );
    const explains = new Map<number, number>();
    for (const [row, bits] of yield* explainingPairs(delta, modes?.pairs ?? [], Change.mode)) explains.set(row, bits);
    for (const [row, bits] of yield* explainingPairs(delta, owners?.pairs ?? [], Change.uid | Change.gid)) {
      explains.set(row, (explains.get(row) ?? 0) | bits);
    }
    if (explains.size === 0) return undefined;
    const what = [...(modes ? ['permissions'] : []), ...(owners ? ['owners'] : [])].join(' and ');
    const withTimes = [...explains.keys()].every((row) => ((delta.diff.changes[row] ?? 0) & Change.mtime) !== 0);
    const numbers = [modes, owners].flatMap((one) => (one === undefined ? [] : [one.words])).join('; ');
    return {
      sentence: `${explains.size === 1 ? '1 directory has' : `${grouped(explains.size)} directories have`} other ${what}; ${numbers}${withTimes ? ', and their times differ too' : ''}.`,
      explains,
      // without other times they may as well have been changed on purpose
      confidence: withTimes ? undefined : 'possible',
    };
  },
};
