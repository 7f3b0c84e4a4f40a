import { count } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import { otherSide, sideNames, type Delta, type Found, type Pair, type SideName } from '../delta.ts';

/** What an emptied directory has of the time of `/usr`: `seconds` alone, or it is 0, as older versions made it. */
type TimeOfUsr = 'whole' | 'seconds';

/** Directories of the root that one side has emptied, with the time of its `/usr`. */
export function findEmptied(delta: Delta, names: readonly string[], time: TimeOfUsr): Found | undefined {
  const usr = delta.inRoot('usr');
  if (usr === undefined) return undefined;
  for (const side of sideNames) {
    const explains = new Map<number, number>();
    const emptied: string[] = [];
    let isZero = true;
    for (const name of names) {
      const folder = delta.inRoot(name);
      if (folder === undefined || !isEmptied(delta, side, { folder, usr, time })) continue;
      const { row } = folder;
      const before = explains.size;
      for (let below = row + 1; below < (delta.diff.end[row] ?? 0); below += 1) {
        // what was moved is somewhere else still
        if (delta.diff.partner.has(below)) continue;
        const bits = delta.left(below) & ONE_SIDED;
        if (bits !== 0) explains.set(below, bits);
      }
      if (explains.size === before) continue;
      emptied.push(`/${name}`);
      isZero &&= delta.time(side, folder[side])[0] === 0;
      if ((delta.left(row) & Change.mtime) !== 0) explains.set(row, Change.mtime);
    }
    if (emptied.length === 0) continue;
    return {
      sentence: `${emptied.join(' and ')} ${emptied.length === 1 ? 'is' : 'are'} empty in ${side.toUpperCase()}, ${isZero ? 'with the time 0' : 'with the time of its /usr'}: ${count(explains.size, 'name')}.`,
      explains,
      confidence: 'strong',
    };
  }
  return undefined;
}

function isEmptied(
  delta: Delta,
  side: SideName,
  { folder, usr, time }: { readonly folder: Pair; readonly usr: Pair; readonly time: TimeOfUsr },
): boolean {
  const other = otherSide(side);
  const [own, theirs] = [folder[side], folder[other]];
  if (delta.type(side, own) !== S_IFDIR || delta.type(other, theirs) !== S_IFDIR) return false;
  if (!delta.isEmpty(side, own) || delta.isEmpty(other, theirs)) return false;
  const [ownTime, usrTime] = [delta.time(side, own), delta.time(side, usr[side])];
  if (time === 'seconds' && ownTime.every((part) => part === 0)) return true;
  return ownTime[0] === usrTime[0] && (time === 'seconds' || ownTime[1] === usrTime[1]);
}
