import { count, grouped } from '../../../../verity/explain/words.ts';
import { formatFileCapabilities, parseFileCapabilities } from '../../../../composefs/file-capability.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import { changeOfXattr } from '../../source-xattrs.ts';
import {
  explainingPairs,
  otherSide,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { each, every, filtered, type Steps } from '../../../../steps.ts';
import { mostOf } from './most.ts';

/** Of all that both sides have, how many a mapping must tell the owner of: some may have been changed after it. */
const MOST = 0.8;
/** What the kernel shows for an id that has no mapping (overflowuid). */
const NOBODY = 65_534;
const FIRST_HIGH = 65_536;
const OVERRIDE = 'user.containers.override_stat';

/** What explains owners, and of which pairs. */
interface Mapping {
  readonly words: string;
  readonly pairs: readonly Pair[];
}

/** D20: the owners of one side are those of the other by a rule. */
export const ownerMapping: CauseRule = {
  id: 'D20',
  title: 'Owners were mapped',
  rule: 'Owners of one side follow from those of the other: by one number, with the root being somebody else; or all entries of one side have one owner and those of the other several; or only ids from 65,536 on, or that of nobody, differ.',
  knownFrom:
    'Rootless builds, idmapped mounts, --squash-uids; directories that were read outside of podman unshare. A chown takes the capabilities of a file; those that are given in a user namespace say so.',
  advice: 'Build as root, or within podman unshare. Where user.containers.override_stat is set, it has the true owner.',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.uid | Change.gid);
    if (pairs.length === 0) return undefined;
    const mapping =
      (yield* offsetOf(delta, pairs)) ?? (yield* oneOwner(delta, pairs)) ?? (yield* unmapped(delta, pairs));
    if (mapping === undefined) return undefined;
    const explains = new Map(yield* explainingPairs(delta, mapping.pairs, Change.uid | Change.gid));
    const capable = yield* filtered(mapping.pairs, (pair) => hasMappedCapabilities(delta, pair));
    for (const { row } of capable) explains.set(row, (explains.get(row) ?? 0) | Change.xattrs);
    const capabilities = capable.length === 0 ? '' : `; the capabilities of ${count(capable.length, 'file')} with them`;
    return { sentence: `${mapping.words}${capabilities}${yield* overrideText(delta)}.`, explains };
  },
};

/**
 * Whether all that differs in a file's xattrs is its capabilities, as they do with its owner: they are gone, as with each
 * chown; or they are those of a user namespace (revision 3), and else the same.
 */
function hasMappedCapabilities(delta: Delta, pair: Pair): boolean {
  if ((delta.left(pair.row) & Change.xattrs) === 0) return false;
  const differences = delta.xattrDifferences(pair).filter(({ name }) => changeOfXattr(name) === Change.xattrs);
  const [only, more] = differences;
  if (only?.name !== 'security.capability' || more !== undefined) return false;
  if (only.a === undefined || only.b === undefined) return true;
  const [ours, theirs] = [only.a, only.b].map(withoutNamespace);
  return ours !== undefined && ours === theirs;
}

/** Capabilities in words, whoever is root; undefined: they are malformed. */
function withoutNamespace(value: Uint8Array): string | undefined {
  const capabilities = parseFileCapabilities(value);
  return typeof capabilities === 'string' ? undefined : formatFileCapabilities({ ...capabilities, rootid: undefined });
}

interface Owners {
  readonly uidA: number;
  readonly gidA: number;
  readonly uidB: number;
  readonly gidB: number;
}

const ownersOf = ({ diff: { a, b } }: Delta, entryA: number, entryB: number): Owners => ({
  uidA: a.table.uid[entryA] ?? 0,
  gidA: a.table.gid[entryA] ?? 0,
  uidB: b.table.uid[entryB] ?? 0,
  gidB: b.table.gid[entryB] ?? 0,
});

const signed = (by: number): string => (by === 0 ? '' : `${by > 0 ? '+' : '−'}${grouped(Math.abs(by))}`);

/** B minus A, where it is one number for nearly all that both have; the root may be whoever unpacked it. */
function* offsetOf(delta: Delta, pairs: readonly Pair[]): Steps<Mapping | undefined> {
  const [offset, number] = yield* mostOf(pairs, ({ a, b }) => {
    const { uidA, gidA, uidB, gidB } = ownersOf(delta, a, b);
    return `${uidB - uidA} ${gidB - gidA}`;
  });
  let both = 0;
  yield* each(delta.common(), () => {
    both += 1;
  });
  const [uid = 0, gid = 0] = (offset ?? '').split(' ').map(Number);
  if (both < 2) return undefined;
  const subordinate = yield* rootAndOthers(delta, pairs, both);
  if (subordinate !== undefined) return subordinate;
  if (number >= MOST * both) {
    const by = uid === gid ? signed(uid) : `${signed(uid) || '+0'} (groups ${signed(gid) || '+0'})`;
    const mapped = yield* filtered(pairs, ({ a, b }) => {
      const { uidA, gidA, uidB, gidB } = ownersOf(delta, a, b);
      return uidB - uidA === uid && gidB - gidA === gid;
    });
    const all = mapped.length === both ? 'every' : 'nearly every';
    return { words: `${count(mapped.length, 'name')}: ${all} owner of B is that of A ${by}`, pairs: mapped };
  }
  return undefined;
}

/** As `/etc/subuid` maps: root is the one who builds, all others are shifted by one number. */
function* rootAndOthers(delta: Delta, pairs: readonly Pair[], both: number): Steps<Mapping | undefined> {
  if (pairs.length < MOST * both) return undefined;
  for (const side of sideNames) {
    const [of, to] = side === 'a' ? (['A', 'B'] as const) : (['B', 'A'] as const);
    const uids = new Map<number, number>();
    const gids = new Map<number, number>();
    const shifts = new Set<number>();
    const isMapped = yield* every(pairs, ({ a, b }) => {
      const { uidA, gidA, uidB, gidB } = ownersOf(delta, a, b);
      const ids = [
        { known: uids, inA: uidA, inB: uidB },
        { known: gids, inA: gidA, inB: gidB },
      ];
      return ids.every(({ known, inA, inB }) => {
        const [from, into] = side === 'a' ? [inA, inB] : [inB, inA];
        if ((known.get(from) ?? into) !== into) return false;
        known.set(from, into);
        if (from !== 0) shifts.add(into - from);
        return shifts.size < 2;
      });
    });
    const [shift] = shifts;
    const root = uids.get(0);
    if (!isMapped || root === undefined || shift === undefined || root === 0 || root === shift || shift < 1000)
      continue;
    return {
      words: `${count(pairs.length, 'name')}: what root owns in ${of} is of ${root} in ${to}, all other owners are ${signed(shift)} there`,
      pairs,
    };
  }
  return undefined;
}

/** All entries of a side have one owner, and those of the other several; one entry alone may have been changed by hand. */
function* oneOwner(delta: Delta, pairs: readonly Pair[]): Steps<Mapping | undefined> {
  const owner = function* (side: SideName): Steps<string | undefined> {
    const { uid, gid } = delta.image(side).table;
    const isOne = yield* delta.every(side, (entry) => uid[entry] === uid[0] && gid[entry] === gid[0]);
    return isOne ? `${uid[0] ?? 0}:${gid[0] ?? 0}` : undefined;
  };
  const owners = { a: yield* owner('a'), b: yield* owner('b') };
  const side = sideNames.find((one) => owners[one] !== undefined && owners[otherSide(one)] === undefined);
  if (side === undefined || pairs.length < 2) return undefined;
  // directories that have one other owner were made by somebody: `directoryPermissions` says so
  const other = otherSide(side);
  const { uid, gid } = delta.image(other).table;
  const theirs = new Set(pairs.map((pair) => `${uid[pair[other]] ?? 0}:${gid[pair[other]] ?? 0}`));
  if (theirs.size === 1 && pairs.every((pair) => delta.type(other, pair[other]) === S_IFDIR)) return undefined;
  return {
    words: `All of ${side.toUpperCase()} is owned by ${owners[side] ?? ''}; ${count(pairs.length, 'name')} have another owner on the other side`,
    pairs,
  };
}

/** Ids that a namespace has no mapping for. */
function* unmapped(delta: Delta, pairs: readonly Pair[]): Steps<Mapping | undefined> {
  const isOutside = (id: number, other: number): boolean => id === other || id >= FIRST_HIGH || id === NOBODY;
  const rows = yield* filtered(pairs, ({ a, b }) => {
    const { uidA, gidA, uidB, gidB } = ownersOf(delta, a, b);
    const inA = isOutside(uidA, uidB) && isOutside(gidA, gidB);
    return inA || (isOutside(uidB, uidA) && isOutside(gidB, gidA));
  });
  if (rows.length < 2 || rows.length < pairs.length) return undefined;
  return {
    words: `${count(rows.length, 'name')}: only owners differ that a user namespace does not have: ids from ${grouped(FIRST_HIGH)} on, or ${NOBODY} (nobody)`,
    pairs: rows,
  };
}

/** What rootless containers/storage writes beside the owner that it may not set. */
function* overrideText(delta: Delta): Steps<string> {
  const sides: string[] = [];
  for (const side of sideNames) if ((yield* delta.xattrNames(side)).has(OVERRIDE)) sides.push(side.toUpperCase());
  return sides.length === 0 ? '' : `; ${sides.join(' and ')} has the true owners in ${OVERRIDE}`;
}
