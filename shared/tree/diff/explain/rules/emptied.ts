import { count } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import { otherSide, sideNames, type Delta, type Found, type Pair, type SideName } from '../delta.ts';
import { lostNanoseconds } from './nanoseconds.ts';

/** What an emptied directory has of the time of `/usr`: `seconds` alone, or it is 0, as older versions made it. */
type TimeOfUsr = 'whole' | 'seconds';

/**
 * Directories of the root that one side has emptied, with the time of its `/usr`; and those that were empty before, and
 * have that time on one side alone.
 */
export function findEmptied(delta: Delta, names: readonly string[], time: TimeOfUsr): Found | undefined {
  const usr = delta.inRoot('usr');
  if (usr === undefined) return undefined;
  for (const side of sideNames) {
    const explains = new Map<number, number>();
    const emptied: string[] = [];
    const timed: string[] = [];
    let [isZero, isChance] = [true, true];
    for (const name of names) {
      const folder = delta.inRoot(name);
      if (folder === undefined || !areDirectories(delta, folder) || !delta.isEmpty(side, folder[side])) continue;
      const timeIs = timeOf(delta, side, { folder, usr, time });
      if (timeIs === undefined) continue;
      const { row } = folder;
      if (delta.isEmpty(otherSide(side), folder[otherSide(side)])) {
        if (!isTimed(delta, side, { folder, usr, time })) continue;
        timed.push(`/${name}`);
        explains.set(row, Change.mtime);
        isChance &&= timeIs !== 'whole' || delta.time(side, folder[side])[1] === 0;
        isZero &&= timeIs === 'zero';
        continue;
      }
      const before = explains.size;
      for (let below = row + 1; below < (delta.diff.end[row] ?? 0); below += 1) {
        // what was moved is somewhere else still
        if (delta.diff.partner.has(below)) continue;
        const bits = delta.left(below) & ONE_SIDED;
        if (bits !== 0) explains.set(below, bits);
      }
      if (explains.size === before) continue;
      emptied.push(`/${name}`);
      isZero &&= timeIs === 'zero';
      if ((delta.left(row) & Change.mtime) !== 0) explains.set(row, Change.mtime);
    }
    if (explains.size === 0) continue;
    const what = [
      ...(emptied.length === 0 ? [] : [`${are(emptied)} empty in ${side.toUpperCase()} alone`]),
      ...(timed.length === 0 ? [] : [`${are(timed)} empty on both sides`]),
    ].join(', ');
    const alone = emptied.length === 0 ? ` in ${side.toUpperCase()} alone` : '';
    return {
      sentence: `${what}, with ${isZero ? 'the time 0' : 'the time of /usr'}${alone}: ${count(explains.size, 'name')}.`,
      explains,
      // two times that are equal to the nanosecond are no chance
      confidence: emptied.length === 0 && isChance ? 'likely' : 'strong',
    };
  }
  return undefined;
}

const are = (names: readonly string[]): string => `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'}`;

interface Emptied {
  readonly folder: Pair;
  readonly usr: Pair;
  readonly time: TimeOfUsr;
}

const areDirectories = (delta: Delta, folder: Pair): boolean =>
  sideNames.every((side) => delta.type(side, folder[side]) === S_IFDIR);

/** What a directory has of the time of `/usr`, as far as that says something. */
function timeOf(delta: Delta, side: SideName, { folder, usr, time }: Emptied): TimeOfUsr | 'zero' | undefined {
  const [own, ofUsr] = [delta.time(side, folder[side]), delta.time(side, usr[side])];
  if (own[0] === ofUsr[0] && own[1] === ofUsr[1]) return 'whole';
  if (time === 'whole') return undefined;
  if (own.every((part) => part === 0)) return 'zero';
  return own[0] === ofUsr[0] ? 'seconds' : undefined;
}

/** Whether the time of `/usr` was given to a directory that was empty before: nothing else of it differs, nor of `/usr`. */
function isTimed(delta: Delta, side: SideName, { folder, usr, time }: Emptied): boolean {
  if ((delta.left(folder.row) & Change.mtime) === 0) return false;
  if (timeOf(delta, otherSide(side), { folder, usr, time }) !== undefined) return false;
  // labels, or owners, may be other ones everywhere
  const ofUsr = delta.diff.changes[usr.row] ?? 0;
  const own = (delta.diff.changes[folder.row] ?? 0) & ~(ofUsr & ~Change.mtime);
  if (own !== Change.mtime) return false;
  if ((ofUsr & Change.mtime) === 0) return true;
  // where /usr lost its nanoseconds, the directory may have lost them, too
  const lost = (pair: Pair): boolean => sideNames.some((one) => lostNanoseconds(delta, one, pair));
  return lost(usr) && !lost(folder);
}
