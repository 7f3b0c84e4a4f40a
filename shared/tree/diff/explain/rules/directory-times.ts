import { grouped } from '../../../../verity/explain/words.ts';
import { S_IFDIR } from '../../../table.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import {
  explainingPairs,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type Pair,
  type SideName,
} from '../delta.ts';
import { each, every, filtered, type Steps } from '../../../../steps.ts';

/** Of the times that differ by themselves, how many must be of directories, for them to have a reason of their own. */
const MOST = 0.8;
const HOUR = 3600;
/** Their times say nothing of the layers: something else sets them. */
const SPECIAL = ['run', 'boot', 'sysroot'];
/** Where one of these differs, and no cause is known for it, the time goes along with it. */
const OTHER_FILE = Change.type | Change.content | Change.digest | Change.size | Change.target;

/** D03: the times of directories that no layer names follow from whoever unpacks them. */
export const directoryTimes: CauseRule = {
  id: 'D03',
  title: 'Times of implicit parent directories',
  rule: 'Times differ in directories in which no name came, went or became another file, and not in files, but for those of other content.',
  knownFrom:
    'A layer that adds a file below a directory without an entry for the directory leaves its time open: unpacking takes now, or the lower layer’s; reading the tars keeps the last that is said (podman, buildah, docker; RUN --mount makes such parents).',
  advice:
    'Write every parent directory into each layer that touches it; put cache mounts below /run; compute the digest from the image that was pushed, not from the build’s root; clamp times (SOURCE_DATE_EPOCH, --timestamp).',
  *find(delta): Steps<Found | undefined> {
    const all = yield* delta.pairs(Change.mtime);
    const touched = yield* parentsOfChanged(delta);
    const directories = yield* filtered(
      all,
      ({ a, b }) => delta.type('a', a) === S_IFDIR && delta.type('b', b) === S_IFDIR,
    );
    const still = directories.filter(({ row }) => !touched.has(row));
    const files = yield* filtered(
      all,
      ({ row, a }) => delta.type('a', a) !== S_IFDIR && (delta.left(row) & OTHER_FILE) === 0,
    );
    if (still.length < MOST * (still.length + files.length)) return undefined;
    const special = new Set([0, ...SPECIAL.map((name) => delta.inRoot(name)?.row ?? 0)]);
    if (still.every(({ row }) => special.has(row))) return undefined;
    const sign = yield* signOf(delta, still);
    // where a name came or went, a time that fits the others is theirs, not that of the change
    const folders =
      sign === undefined ? still : directories.filter((pair) => !touched.has(pair.row) || sign.fits(pair));
    let total = 0;
    yield* delta.each('a', (entry) => {
      if (delta.type('a', entry) === S_IFDIR) total += 1;
    });
    const only = folders.every(({ row }) => delta.left(row) === Change.mtime) ? 'only in mtime' : 'in mtime';
    const differ = `${grouped(folders.length)} of ${total === 1 ? '1 directory' : `${grouped(total)} directories`} ${folders.length === 1 ? 'differs' : 'differ'} ${only}`;
    return {
      sentence: `${differ}${parentsText(delta, folders)}${sign?.words ?? ''}${yield* walkText(delta, folders)}.`,
      explains: yield* explainingPairs(delta, folders, Change.mtime),
    };
  },
};

/** Directories in which a name came or went, or became another file: that sets their time, whoever does it. */
function* parentsOfChanged(delta: Delta): Steps<ReadonlySet<number>> {
  const { diff, differing } = delta;
  const parents = new Set<number>();
  yield* each(differing, (row) => {
    const isChanged = ((diff.changes[row] ?? 0) & ONE_SIDED) !== 0 || (delta.left(row) & OTHER_FILE) !== 0;
    if (!isChanged) return;
    for (const at of [row, diff.partner.get(row)]) if (at !== undefined) parents.add(diff.parent[at] ?? 0);
  });
  return parents;
}

/** What is known of who names them. */
function parentsText(delta: Delta, folders: readonly Pair[]): string {
  for (const side of sideNames) {
    const made = delta.image(side).madeRows;
    if (made !== undefined && folders.every((pair) => made.has(pair[side]))) {
      return `; all of them are parents that no tar entry of ${side.toUpperCase()} names: implicit parents`;
    }
  }
  const parents = folders.filter(({ a, b }) => !delta.isEmpty('a', a) || !delta.isEmpty('b', b)).length;
  if (folders.length === 1) return parents === 1 ? '; it is a parent of something, as implicit parents are' : '';
  if (parents === folders.length) return '; all of them are parents of something, as implicit parents are';
  return `; ${grouped(parents)} of them are parents of something`;
}

/** What the times of one side look like, and which others are like them. */
interface Sign {
  readonly words: string;
  readonly fits: (pair: Pair) => boolean;
}

function* signOf(delta: Delta, folders: readonly Pair[]): Steps<Sign | undefined> {
  for (const side of sideNames) {
    const fits = (pair: Pair): boolean => delta.time(side, pair[side]).every((part) => part === 0);
    if (!(yield* every(folders, fits))) continue;
    const words = `; in ${side.toUpperCase()} all of these times are 0, as where layers or a rechunker have none for directories`;
    return { words, fits };
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
    yield* delta.each(side, (entry) => {
      if (delta.type(side, entry) === S_IFDIR) return;
      files += 1;
      if (delta.time(side, entry)[0] >= first) later += 1;
    });
    if (files === 0 || later > files / 20) continue;
    return {
      words: `; in ${side.toUpperCase()} they lie within an hour and after nearly all files, as the time of unpacking does`,
      fits: (pair) => Math.abs(delta.time(side, pair[side])[0] - first) <= HOUR,
    };
  }
  return undefined;
}

/** Nanoseconds come from walking a directory, not from a tar that has none. */
function* walkText(delta: Delta, folders: readonly Pair[]): Steps<string> {
  const walked: SideName[] = [];
  for (const side of sideNames) {
    if (yield* every(folders, (pair) => delta.time(side, pair[side])[1] !== 0)) walked.push(side);
  }
  const [side, both] = walked;
  if (side === undefined || both !== undefined) return '';
  return `; ${side.toUpperCase()} has nanoseconds in ${folders.length === 1 ? 'it' : 'all of them'}: a directory was read there`;
}
