import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import { otherSide, sideNames, type CauseRule, type Delta, type Found } from '../delta.ts';
import type { Steps } from '../../../../steps.ts';
import { findEmptied } from './emptied.ts';

const NAMES = ['boot', 'sysroot'];

/** Both sides are transformed, one by a version that copies the seconds alone (composefs-rs up to 0.9.0). */
function findNanoseconds(delta: Delta): Found | undefined {
  const usr = delta.inRoot('usr');
  // where the time of /usr differs itself, nanoseconds differ for some other reason
  if (usr === undefined || ((delta.diff.changes[usr.row] ?? 0) & Change.mtime) !== 0) return undefined;
  for (const side of sideNames) {
    const other = otherSide(side);
    const explains = new Map<number, number>();
    for (const name of NAMES) {
      const folder = delta.inRoot(name);
      if (folder === undefined || (delta.left(folder.row) & Change.mtime) === 0) continue;
      if (sideNames.some((one) => delta.type(one, folder[one]) !== S_IFDIR || !delta.isEmpty(one, folder[one])))
        continue;
      const [own, theirs] = [delta.time(side, folder[side]), delta.time(other, folder[other])];
      const ofUsr = delta.time(side, usr[side]);
      if (own[0] === ofUsr[0] && own[1] === ofUsr[1] && theirs[0] === ofUsr[0]) explains.set(folder.row, Change.mtime);
    }
    if (explains.size === 0) continue;
    return {
      sentence: `Both sides are empty there; ${side.toUpperCase()} has the whole time of /usr, ${other.toUpperCase()} its seconds and nanoseconds of before.`,
      explains,
      confidence: 'strong',
    };
  }
  return undefined;
}

/** D07: `/boot` and `/sysroot` were emptied on one side. */
export const bootable: CauseRule = {
  id: 'D07',
  title: 'Made bootable',
  rule: 'One side has entries below /boot or /sysroot, or none but another time; the other’s are empty and have the seconds of /usr, or 0. Or both are empty, and differ there in nanoseconds alone.',
  knownFrom:
    'composefs-rs with --bootable (oci compute-id, create-image), bootc always; /sysroot since August 2025. Before 0.5.0 the time is 0; up to 0.9.0 the seconds are those of /usr and the nanoseconds the old ones; then both are.',
  advice: 'Compare the digest of oci compute-id --bootable with one that was made with --bootable only.',
  *find(delta): Steps<Found | undefined> {
    yield;
    return findEmptied(delta, NAMES, 'seconds') ?? findNanoseconds(delta);
  },
};
