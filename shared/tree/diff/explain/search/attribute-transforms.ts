import type { DraftImage } from '../../../draft-image.ts';
import { isDirectory, S_IFLNK, S_IFMT, type Table } from '../../../table.ts';
import { directoryTimes } from '../rules/directory-times.ts';
import { linkCounts } from '../rules/link-counts.ts';
import { nanoseconds } from '../rules/nanoseconds.ts';
import { ownerMapping } from '../rules/owner-mapping.ts';
import { sameTime } from '../rules/same-time.ts';
import { symlinkPermissions } from '../rules/symlink-permissions.ts';
import { pathOf } from '../../../path.ts';
import type { Transform } from './transform.ts';

const MAX_FOLDERS = 10;
/** Of a second, in nanoseconds. */
const HALF = 500_000_000;

/** Sets a column of the rows that are meant. @returns whether any was another before */
function setAll(
  draft: DraftImage,
  name: 'mtime' | 'mtimeNsec' | 'mode' | 'uid' | 'gid' | 'nlink',
  value: (row: number, now: number) => number,
): boolean {
  const { count } = draft.table;
  let column: Table[typeof name] = draft.table[name];
  let isChanged = false;
  for (let row = 0; row < count; row += 1) {
    const now = column[row] ?? 0;
    const then = value(row, now);
    if (then === now) continue;
    if (!isChanged) column = draft.column(name);
    column[row] = then;
    isChanged = true;
  }
  return isChanged;
}

/** One after the other, whatever the first says. */
const any = (...changed: readonly boolean[]): boolean => changed.some(Boolean);

const timesTo = (seconds: number): Transform => ({
  transform: 'T8',
  what: `all times set to ${seconds}`,
  cause: sameTime,
  group: 'times',
  apply: (draft) =>
    any(
      setAll(draft, 'mtime', () => seconds),
      setAll(draft, 'mtimeNsec', () => 0),
    ),
});

/** Least of the ids; 0 where any is root's. */
const least = ({ count }: Table, ids: Uint32Array): number => ids.subarray(0, count).reduce((a, b) => Math.min(a, b));

/** First of the ids that `/etc/subuid` gives a user. */
const SUBORDINATE = 100_000;

/** As a rootless build maps: root is who builds, the others are shifted by one number. */
function unmapped(id: number, root: number): number {
  if (id === root) return 0;
  return id >= SUBORDINATE ? id - SUBORDINATE + 1 : id;
}

/** What is done to the attributes of entries that all stay where they are. */
export const attributeTransforms: readonly Transform[] = [
  {
    transform: 'T2',
    what: 'nanoseconds set to 0',
    cause: nanoseconds,
    group: 'nanoseconds',
    formats: [0, 1],
    apply: (draft) => setAll(draft, 'mtimeNsec', () => 0),
  },
  {
    transform: 'T2',
    what: 'times rounded to the nearest second',
    cause: nanoseconds,
    group: 'nanoseconds',
    apply: (draft) => {
      const { mtimeNsec } = draft.table;
      return any(
        setAll(draft, 'mtime', (row, now) => ((mtimeNsec[row] ?? 0) >= HALF ? now + 1 : now)),
        setAll(draft, 'mtimeNsec', () => 0),
      );
    },
  },
  timesTo(0),
  timesTo(1),
  {
    transform: 'T9',
    what: 'times of directories set to 0',
    cause: directoryTimes,
    group: 'times',
    apply: (draft) => {
      const { table } = draft;
      return any(
        setAll(draft, 'mtime', (row, now) => (isDirectory(table, row) ? 0 : now)),
        setAll(draft, 'mtimeNsec', (row, now) => (isDirectory(table, row) ? 0 : now)),
      );
    },
    advice: ({ tree: { table } }) => [
      directoryTimes.advice,
      `The first directories that have a time here: ${foldersWithTimes(table).join(', ')}.`,
    ],
  },
  {
    transform: 'T14',
    what: 'permissions of symlinks set to 0777',
    cause: symlinkPermissions,
    group: 'symlinks',
    apply: (draft) => setAll(draft, 'mode', (_, now) => ((now & S_IFMT) === S_IFLNK ? (now & S_IFMT) | 0o777 : now)),
  },
  {
    transform: 'T16',
    what: 'the smallest owner and group subtracted from all',
    cause: ownerMapping,
    group: 'owners',
    apply: (draft) => {
      const { table } = draft;
      const [uid, gid] = [least(table, table.uid), least(table, table.gid)];
      return any(
        setAll(draft, 'uid', (_, now) => now - uid),
        setAll(draft, 'gid', (_, now) => now - gid),
      );
    },
  },
  {
    transform: 'T16',
    what: `the owner of the root made 0, and ${SUBORDINATE - 1} subtracted from those from ${SUBORDINATE} on`,
    cause: ownerMapping,
    group: 'owners',
    apply: (draft) => {
      const [uid = 0, gid = 0] = [draft.table.uid[0], draft.table.gid[0]];
      return any(
        setAll(draft, 'uid', (_, now) => unmapped(now, uid)),
        setAll(draft, 'gid', (_, now) => unmapped(now, gid)),
      );
    },
  },
  {
    transform: 'T16',
    what: 'all owners and groups made 0',
    cause: ownerMapping,
    group: 'owners',
    apply: (draft) =>
      any(
        setAll(draft, 'uid', () => 0),
        setAll(draft, 'gid', () => 0),
      ),
  },
  {
    transform: 'T18',
    what: 'links counted anew',
    cause: linkCounts,
    group: 'links',
    formats: [0, 1],
    apply: (draft) => {
      const { table } = draft;
      const names = new Map<number, number>();
      for (let row = 0; row < table.count; row += 1) {
        const number = table.inode[row] ?? 0;
        names.set(number, (names.get(number) ?? 0) + 1);
      }
      return setAll(draft, 'nlink', (row, now) =>
        isDirectory(table, row) ? now : (names.get(table.inode[row] ?? 0) ?? now),
      );
    },
  },
];

function foldersWithTimes(table: Table): readonly string[] {
  const found: string[] = [];
  for (let row = 0; row < table.count && found.length < MAX_FOLDERS; row += 1) {
    if (isDirectory(table, row) && (table.mtime[row] ?? 0) !== 0) found.push(pathOf(table, row));
  }
  return found;
}
