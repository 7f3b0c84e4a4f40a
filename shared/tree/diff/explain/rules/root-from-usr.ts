import { ATTRIBUTES, Change } from '../../change.ts';
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
    if ((delta.left(0) & ofUsr & Change.mtime) !== 0 && (yield* isTimeOfUsrAlone(delta, side, usr)))
      bits |= Change.mtime;
    if (bits === 0) return undefined;
    return {
      sentence: `The root of ${side.toUpperCase()} has all attributes of its /usr, that of ${otherSide(side).toUpperCase()} has not.`,
      explains: new Map([[0, bits]]),
      confidence: 'strong',
    };
  },
};

/** Whether nothing else that differs in time has that of `/usr`: then the root has it from there. */
function* isTimeOfUsrAlone(delta: Delta, side: SideName, usr: Pair): Steps<boolean> {
  const time = delta.time(side, usr[side]);
  const same = yield* filtered(yield* delta.pairs(Change.mtime), (pair) =>
    delta.time(side, pair[side]).every((part, at) => part === time[at]),
  );
  // those two, and more that have other times
  return time[1] !== 0 && same.every(({ row }) => row === 0 || row === usr.row);
}
