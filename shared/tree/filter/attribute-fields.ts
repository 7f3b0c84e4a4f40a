import { badStatuses, verityStatuses, type VerityStatus } from '../../contract/status.ts';
import type { EntryKind } from '../../contract/values.ts';
import { kindOf } from '../format.ts';
import { Flag, S_IFLNK, S_IFMT, S_IFREG, type Table } from '../table.ts';
import { each, eachReadable, type Condition } from './condition.ts';
import { FilterError, type Range } from './fault.ts';
import { isEarlier, isWithin, parseNumbers, parseSizes, parseTimes } from './ranges.ts';

/** Conditions on what an inode's columns say, and on the verity status. */

/** A word that a field takes, for a person. */
export interface Choice {
  readonly word: string;
  readonly hint: string;
}

const kindWords: Readonly<Record<string, readonly EntryKind[]>> = {
  file: ['file'],
  dir: ['directory'],
  directory: ['directory'],
  symlink: ['symlink'],
  link: ['symlink'],
  char: ['char'],
  block: ['block'],
  device: ['char', 'block'],
  fifo: ['fifo'],
  pipe: ['fifo'],
  socket: ['socket'],
  whiteout: ['whiteout'],
};

const flagWords: Readonly<Record<string, number>> = {
  inline: Flag.inline,
  backed: Flag.backed,
  broken: Flag.broken,
  opaque: Flag.opaque,
  compressed: Flag.compressed,
};

export const typeChoices: readonly Choice[] = [
  { word: 'file', hint: 'regular files' },
  { word: 'dir', hint: 'directories' },
  { word: 'symlink', hint: 'symbolic links' },
  { word: 'char', hint: 'character devices' },
  { word: 'block', hint: 'block devices' },
  { word: 'device', hint: 'devices of both kinds' },
  { word: 'fifo', hint: 'named pipes' },
  { word: 'socket', hint: 'sockets' },
  { word: 'whiteout', hint: 'whiteouts, as devices or as xattrs' },
  { word: 'hardlink', hint: 'entries that share an inode' },
  { word: 'inline', hint: 'files with their bytes in the image' },
  { word: 'backed', hint: 'files with their bytes in an object' },
  { word: 'empty', hint: 'files without bytes, directories without entries' },
  { word: 'opaque', hint: 'directories that hide lower layers' },
  { word: 'compressed', hint: 'files compressed in the image' },
  { word: 'hidden', hint: 'of a stack: what does not show, where that is shown' },
  { word: 'broken', hint: 'entries that cannot be read in full' },
];

const listOf = (choices: readonly Choice[]): string => choices.map(({ word }) => word).join(', ');

export function byType(text: string, range: Range): Condition {
  const word = text.toLowerCase();
  const kinds = Object.hasOwn(kindWords, word) ? kindWords[word] : undefined;
  if (kinds !== undefined)
    return each(
      ({ image }) =>
        (row) =>
          kinds.includes(kindOf(image, row)),
    );
  const flag = Object.hasOwn(flagWords, word) ? flagWords[word] : undefined;
  if (flag !== undefined)
    return each(
      ({ image }) =>
        (row) =>
          ((image.table.flags[row] ?? 0) & flag) !== 0,
    );
  if (word === 'hidden')
    return each(
      ({ image }) =>
        (row) =>
          image.whyHidden?.(row) !== undefined,
    );
  if (word === 'hardlink') return each(({ image }) => sharesInode(image.table));
  if (word === 'empty') {
    return each(({ image }) => {
      const { end, size } = image.table;
      return (row) => {
        const kind = kindOf(image, row);
        return kind === 'directory' ? end[row] === row + 1 : kind === 'file' && size[row] === 0;
      };
    });
  }
  throw new FilterError(range, `“${text}” is not a type. Types are ${listOf(typeChoices)}.`);
}

/** Whether another row has the same inode: the first of them has no flag of its own. */
function sharesInode({ count, flags, inode }: Table): (row: number) => boolean {
  const linked: number[] = [];
  for (let row = 0; row < count; row += 1) {
    if (((flags[row] ?? 0) & Flag.hardLink) !== 0) linked.push(inode[row] ?? 0);
  }
  const sorted = Uint32Array.from(linked).toSorted();
  return (row) => {
    const wanted = inode[row] ?? 0;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return sorted[low] === wanted;
  };
}

export function bySize(text: string, range: Range): Condition {
  const bounds = parseSizes(text, range);
  return each(({ image }) => (row) => {
    if (!isWithin(bounds, image.table.size[row] ?? 0)) return false;
    const kind = kindOf(image, row);
    return kind === 'file' || kind === 'symlink';
  });
}

export const modeChoices: readonly Choice[] = [
  { word: 'setuid', hint: 'runs as its owner' },
  { word: 'setgid', hint: 'runs as, or gives on, its group' },
  { word: 'sticky', hint: 'only owners delete in it' },
  { word: 'executable', hint: 'files with any x bit' },
  { word: 'world-writable', hint: 'anyone may write; symlinks aside' },
  { word: '0755', hint: 'exactly these permission bits' },
  { word: '/6000', hint: 'any of these bits' },
  { word: '-0111', hint: 'all of these bits' },
];

/** Symlinks have all permission bits and none of them counts (Linux symlink(7)). */
const unlessSymlink = (test: (mode: number) => boolean): Condition =>
  eachReadable(
    ({ image }) =>
      (row) =>
        ((image.table.mode[row] ?? 0) & S_IFMT) !== S_IFLNK && test(image.table.mode[row] ?? 0),
  );

const modeWords: Readonly<Record<string, (mode: number) => boolean>> = {
  setuid: (mode) => (mode & 0o4000) !== 0,
  setgid: (mode) => (mode & 0o2000) !== 0,
  sticky: (mode) => (mode & 0o1000) !== 0,
  executable: (mode) => (mode & S_IFMT) === S_IFREG && (mode & 0o111) !== 0,
  'world-writable': (mode) => (mode & 0o002) !== 0,
};

/** As `find -perm`: `0755`, `/6000`, `-0111`; or a word. */
export function byMode(text: string, range: Range): Condition {
  const word = text.toLowerCase();
  const test = Object.hasOwn(modeWords, word) ? modeWords[word] : undefined;
  if (test !== undefined) return unlessSymlink(test);
  const [, operator, digits] = /^([/=-]?)(0?[0-7]{1,4})$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new FilterError(
      range,
      `“${text}” is not a mode: write 0755 for exactly these bits, /6000 for any, -0111 for all of them, ` +
        'or setuid, setgid, sticky, executable, world-writable.',
    );
  }
  const bits = Number.parseInt(digits, 8);
  return eachReadable(({ image: { table } }) => {
    const permissions = (row: number): number => (table.mode[row] ?? 0) & 0o7777;
    if (operator === '/') return (row) => (permissions(row) & bits) !== 0 || bits === 0;
    if (operator === '-') return (row) => (permissions(row) & bits) === bits;
    return (row) => permissions(row) === bits;
  });
}

const numberField =
  (column: (table: Table) => Uint32Array, example: string) =>
  (text: string, range: Range): Condition => {
    const bounds = parseNumbers(text, range, example);
    return eachReadable(({ image }) => {
      const values = column(image.table);
      return (row) => isWithin(bounds, values[row] ?? 0);
    });
  };

/** Of a stack: the layer that an entry is from. */
export function byLayer(text: string, range: Range): Condition {
  const bounds = parseNumbers(text, range, '1, >1 or 2..3');
  return each(({ image }) => (row) => {
    const layer = image.layerOf?.(row);
    return layer !== undefined && isWithin(bounds, layer);
  });
}

export const byUid = numberField((table) => table.uid, '0, >=1000 or 1000..1999');
export const byGid = numberField((table) => table.gid, '0, >=1000 or 1000..1999');
export const byLinks = numberField((table) => table.nlink, '1, >1 or 2..5');
export const byInode = numberField((table) => table.inode, '1234 or 1000..1999');

/** `UID`, `UID:GID`, `UID:` or `:GID`. */
export function byOwner(text: string, range: Range): Condition {
  const [, user, group] = /^(\d{1,10})?(?::(\d{1,10})?)?$/.exec(text) ?? [];
  if (user === undefined && group === undefined) {
    throw new FilterError(range, `“${text}” is not an owner: write numbers, such as 0:0, 1000 or :5.`);
  }
  return eachReadable(
    ({ image: { table } }) =>
      (row) =>
        (user === undefined || table.uid[row] === Number(user)) &&
        (group === undefined || table.gid[row] === Number(group)),
  );
}

export function byMtime(text: string, range: Range): Condition {
  const { least, limit } = parseTimes(text, range);
  return eachReadable(({ image: { table } }) => (row) => {
    const seconds = table.mtime[row] ?? 0;
    const nsec = table.mtimeNsec[row] ?? 0;
    const time = { seconds, nsec };
    return (least === undefined || !isEarlier(time, least)) && (limit === undefined || isEarlier(time, limit));
  });
}

const statusHints: Readonly<Record<VerityStatus, string>> = {
  inline: 'content lies in the image',
  unchecked: 'has a digest, nobody looked yet',
  ok: 'the object has the digest',
  sealed: 'ok, and sealed by the kernel',
  unsealed: 'right, but fs-verity is not enabled',
  'no-digest': 'nothing protects the file',
  missing: 'no such object',
  'size-mismatch': 'the object has another size',
  'digest-mismatch': 'the object has other content',
  'wrong-seal': 'sealed with another digest',
  unreadable: 'the object cannot be read',
};

export const verityChoices: readonly Choice[] = [
  { word: 'bad', hint: 'a mount fails, or gives wrong bytes' },
  { word: 'problem', hint: 'bad, or broken in the image' },
  ...verityStatuses.map((word) => ({ word, hint: statusHints[word] })),
];

export function byVerity(text: string, range: Range): Condition {
  const word = text.toLowerCase();
  if (word === 'bad' || word === 'problem') {
    const flag = word === 'problem' ? Flag.broken : 0;
    return each(
      ({ image, statusOf }) =>
        (row) => {
          const status = statusOf(row);
          return (status !== undefined && badStatuses.has(status)) || ((image.table.flags[row] ?? 0) & flag) !== 0;
        },
      { usesStatus: true },
    );
  }
  const wanted = verityStatuses.find((status) => status === word);
  if (wanted === undefined) {
    throw new FilterError(range, `“${text}” is not a verity status. They are ${listOf(verityChoices)}.`);
  }
  return each(
    ({ statusOf }) =>
      (row) =>
        statusOf(row) === wanted,
    { usesStatus: true },
  );
}
