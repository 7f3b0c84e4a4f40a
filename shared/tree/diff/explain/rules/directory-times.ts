import { grouped } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule, type Delta, type Pair, type SideName } from '../delta.ts';

/** Of the times that differ, how many must be of directories, for them to have a reason of their own. */
const MOST = 0.8;
const HOUR = 3600;
/** Their times say nothing of the layers: something else sets them. */
const SPECIAL = ['run', 'boot', 'sysroot'];

/** D03: the times of directories that no layer names follow from whoever unpacks them. */
export const directoryTimes: CauseRule = {
  id: 'D03',
  title: 'Times of implicit parent directories',
  rule: 'The times differ in directories, and not in files.',
  knownFrom:
    'A layer that adds a file below a directory without an entry for the directory leaves its time open: unpacking takes now, or the lower layer’s; reading the tars keeps the last that is said (podman, buildah, docker; RUN --mount makes such parents).',
  advice:
    'Write every parent directory into each layer that touches it; compute the digest from the image that was pushed, not from the build’s root; clamp times (SOURCE_DATE_EPOCH, --timestamp).',
  find: (delta) => {
    const all = delta.pairs(Change.mtime);
    const folders = all.filter(({ a, b }) => delta.type('a', a) === S_IFDIR && delta.type('b', b) === S_IFDIR);
    const special = new Set([0, ...SPECIAL.map((name) => delta.inRoot(name)?.row ?? 0)]);
    if (folders.length < MOST * all.length || folders.every(({ row }) => special.has(row))) return undefined;
    let total = 0;
    for (const entry of delta.entries('a')) if (delta.type('a', entry) === S_IFDIR) total += 1;
    const only = folders.every(({ row }) => delta.left(row) === Change.mtime) ? 'only in mtime' : 'in mtime';
    return {
      sentence: `${grouped(folders.length)} of ${grouped(total)} directories differ ${only}${parentsText(delta, folders)}${signText(delta, folders)}.`,
      explains: explaining(
        delta,
        folders.map(({ row }) => row),
        Change.mtime,
      ),
    };
  },
};

/** What is known of who names them. */
function parentsText(delta: Delta, folders: readonly Pair[]): string {
  for (const side of sideNames) {
    const made = delta.image(side).madeRows;
    if (made !== undefined && folders.every((pair) => made.has(pair[side]))) {
      return `; all of them are parents that no tar entry of ${side.toUpperCase()} names: implicit parents`;
    }
  }
  const parents = folders.filter(({ a, b }) => !delta.isEmpty('a', a) || !delta.isEmpty('b', b)).length;
  if (parents === folders.length) return '; all of them are parents of something, as implicit parents are';
  return `; ${grouped(parents)} of them are parents of something`;
}

/** What the times of one side look like. */
function signText(delta: Delta, folders: readonly Pair[]): string {
  for (const side of sideNames) {
    const times = folders.map((pair) => delta.time(side, pair[side]));
    if (times.every(([sec, nsec]) => sec === 0 && nsec === 0)) {
      return `; in ${side.toUpperCase()} all of these times are 0, as where layers or a rechunker have none for directories`;
    }
  }
  const latest = (side: SideName): number =>
    folders.reduce((most, pair) => Math.max(most, delta.time(side, pair[side])[0]), -Infinity);
  // unpacking is later than what was there
  for (const side of latest('b') > latest('a') ? (['b', 'a'] as const) : sideNames) {
    const seconds = folders.map((pair) => delta.time(side, pair[side])[0]);
    const [first, last] = seconds.reduce(
      ([low, high], sec) => [Math.min(low, sec), Math.max(high, sec)],
      [Infinity, -Infinity],
    );
    if (seconds.length < 2 || last - first > HOUR) continue;
    let files = 0;
    let later = 0;
    for (const entry of delta.entries(side)) {
      if (delta.type(side, entry) === S_IFDIR) continue;
      files += 1;
      if (delta.time(side, entry)[0] >= first) later += 1;
    }
    if (files > 0 && later <= files / 20) {
      return `; in ${side.toUpperCase()} they lie within an hour and after nearly all files, as the time of unpacking does`;
    }
  }
  return '';
}
