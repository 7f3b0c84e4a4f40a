import type { EntryKind } from '../contract/values.ts';
import { Flag, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, type Table } from './table.ts';

/** Attributes of an entry as people read them; the same in window and command line. */

const typeLetters: Readonly<Record<number, string>> = {
  [S_IFREG]: '-',
  [S_IFDIR]: 'd',
  [S_IFLNK]: 'l',
  [S_IFCHR]: 'c',
  [S_IFBLK]: 'b',
  [S_IFIFO]: 'p',
  [S_IFSOCK]: 's',
};

function triplet(bits: number, special: boolean, letter: 's' | 't'): string {
  const last = special ? ((bits & 1) !== 0 ? letter : letter.toUpperCase()) : (bits & 1) !== 0 ? 'x' : '-';
  return ((bits & 4) !== 0 ? 'r' : '-') + ((bits & 2) !== 0 ? 'w' : '-') + last;
}

/** `st_mode` as `ls -l` prints it: `-rwsr-xr-x`; the type is `?` where the bits name none. */
export const formatMode = (mode: number): string =>
  (typeLetters[mode & S_IFMT] ?? '?') +
  triplet((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
  triplet((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
  triplet(mode & 7, (mode & 0o1000) !== 0, 't');

const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/**
 * A number of bytes in at most four digits: whole bytes below 1024 (`17 B`), then in steps of 1024, with one digit
 * behind the point below 10 (`1.2 MiB`) and none from there on (`986 KiB`), rounded to nearest. `1024 KiB` never
 * occurs: it is `1.0 MiB`. The units are those that a `size:` filter understands.
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (Math.round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // 9.96 has one digit behind the point and would come out as `10.0`.
  const digits = Math.round(value * 10) < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `minute`: `2023-11-14 22:13`; `full`: to the nanosecond, with `UTC`; `iso`: `2023-11-14T22:13:20.5Z`. */
export type TimeStyle = 'minute' | 'full' | 'iso';

/** Largest number of seconds that `Date` can hold (ECMA-262, time values). */
const MAX_DATE_SECONDS = 8_640_000_000_000;

/**
 * A time in UTC: the image holds no time zone, and what two people read must be the same. A time that no calendar here
 * reaches, or with nanoseconds of a second or more, comes as the numbers themselves, as `date -d` takes them:
 * `@SECONDS.NANOSECONDS`.
 */
export function formatTime(seconds: number | bigint, nsec: number, style: TimeStyle): string {
  const whole = Number(seconds);
  const fraction = String(nsec).padStart(9, '0');
  if (Math.abs(whole) > MAX_DATE_SECONDS || nsec >= 1e9) return `@${seconds}.${fraction}`;
  const text = new Date(whole * 1000).toISOString(); // …YYYY-MM-DDTHH:MM:SS.000Z, with a longer year beyond 9999
  const date = text.slice(0, -14);
  if (style === 'minute') return `${date} ${text.slice(-13, -8)}`;
  const time = text.slice(-13, -5);
  if (style === 'full') return `${date} ${time}.${fraction} UTC`;
  return nsec === 0 ? `${date}T${time}Z` : `${date}T${time}.${fraction.replace(/0+$/, '')}Z`;
}

const kinds: Readonly<Record<number, EntryKind>> = {
  [S_IFREG]: 'file',
  [S_IFDIR]: 'directory',
  [S_IFLNK]: 'symlink',
  [S_IFCHR]: 'char',
  [S_IFBLK]: 'block',
  [S_IFIFO]: 'fifo',
  [S_IFSOCK]: 'socket',
};

/** What an entry is to a person: both forms of a whiteout, and the stubs of the root, are `whiteout`. */
export function kindOf(image: { readonly table: Table }, entry: number): EntryKind {
  const { flags, mode } = image.table;
  if (((flags[entry] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout | Flag.stub)) !== 0) return 'whiteout';
  return kinds[(mode[entry] ?? 0) & S_IFMT] ?? 'unknown';
}

/** Major and minor of the kernel's 32-bit device number (Linux include/linux/kdev_t.h, `new_decode_dev`). */
export const deviceNumbers = (rdev: number): { readonly major: number; readonly minor: number } => ({
  major: (rdev >>> 8) & 0xfff,
  minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00),
});
