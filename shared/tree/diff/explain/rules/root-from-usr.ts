import { ATTRIBUTES, Change, XATTRS } from '../../change.ts';
import {
  otherSide,
  sameXattrs,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';
import { lostNanoseconds } from './nanoseconds.ts';

/** Whether the root has all six of `/usr`: permissions, owner, group, both parts of the time, xattrs. */
function isUsr(delta: Delta, side: SideName, usr: number): boolean {
  const { uid, gid } = delta.image(side).table;
  const [rootTime, usrTime] = [delta.time(side, 0), delta.time(side, usr)];
  return (
    delta.permissions(side, 0) === delta.permissions(side, usr) &&
    uid[0] === uid[usr] &&
    gid[0] === gid[usr] &&
    rootTime.every((part, at) => part === usrTime[at]) &&
    sameXattrs(delta.xattrs(side), 0, usr)
  );
}

/** D09: the root was given the attributes of `/usr` on one side. */
export const rootFromUsr: CauseRule = {
  id: 'D09',
  title: 'The root directory has the attributes of /usr',
  rule: 'The root differs; on one side it has permissions, owner, group, time and xattrs of /usr, on the other it has not.',
  knownFrom: 'composefs-rs from 0.5.0 on copies them; --no-propagate-usr-to-root turns it off. The C tool never does.',
  advice: 'Use the same option on both sides. The root’s attributes are those of the 256 stubs too.',
  *find(delta): Steps<Found | undefined> {
    const usr = delta.inRoot('usr');
    if (usr === undefined || (delta.left(0) & ATTRIBUTES) === 0) return undefined;
    const side = sideNames.find(
      (one) => isUsr(delta, one, usr[one]) && !isUsr(delta, otherSide(one), usr[otherSide(one)]),
    );
    if (side === undefined) return undefined;
    // what differs in /usr too has some other cause, which made the root differ with it
    const ofUsr = delta.diff.changes[usr.row] ?? 0;
    let bits = delta.left(0) & ATTRIBUTES & ~ofUsr;
    if ((delta.left(0) & ofUsr & Change.mtime) !== 0 && (yield* isTimeOfUsr(delta, side, usr))) bits |= Change.mtime;
    // owners that are one everywhere, and xattrs that are gone, make any two directories alike
    const hasXattr = delta.xattrDifferences({ row: 0, a: 0, b: 0 }).some((one) => one[side] !== undefined);
    if ((bits & (Change.mode | Change.mtime)) === 0 && !((bits & XATTRS) !== 0 && hasXattr)) return undefined;
    return {
      sentence: `The root of ${side.toUpperCase()} has all attributes of its /usr, that of ${otherSide(side).toUpperCase()} has not.`,
      explains: new Map([[0, bits]]),
      confidence: 'strong',
    };
  },
};

/** Whether the root has its time from `/usr`, though that differs, too. */
function* isTimeOfUsr(delta: Delta, side: SideName, usr: Pair): Steps<boolean> {
  const ours = delta.time(side, usr[side]);
  // that one lost its nanoseconds, but the root had other seconds
  if (sideNames.some((one) => lostNanoseconds(delta, one, usr))) {
    return !sideNames.some((one) => lostNanoseconds(delta, one, { row: 0, a: 0, b: 0 }));
  }
  const same = yield* filtered(yield* delta.pairs(Change.mtime), (pair) =>
    delta.time(side, pair[side]).every((part, at) => part === ours[at]),
  );
  // those two, and more that have other times
  return ours[1] !== 0 && same.every(({ row }) => row === 0 || row === usr.row);
}
