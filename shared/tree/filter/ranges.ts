import { FilterError, type Range } from './fault.ts';

/** Values that are compared: `>N`, `>=N`, `<N`, `<=N`, `=N`, `N`, `N..M`, `N..`, `..M`. */

/** From the first value that is in it up to, without, the first that is not. */
interface Span<T> {
  readonly start: T;
  readonly stop: T;
}

/** A comparison: in it is what is not before `least` and before `limit`; undefined is no bound. */
export interface Bounds<T> {
  readonly least: T | undefined;
  readonly limit: T | undefined;
}

/**
 * Reads a comparison.
 *
 * @param spanOf the values that a text stands for: a date is all the nanoseconds of its day; undefined where it is none
 * @param expected ends the sentence `“x” is not …`: what would be right, with examples
 * @throws FilterError
 */
export function parseBounds<T>(
  text: string,
  range: Range,
  spanOf: (text: string) => Span<T> | undefined,
  isBefore: (a: T, b: T) => boolean,
  expected: string,
): Bounds<T> {
  const span = (part: string): Span<T> => {
    const found = spanOf(part);
    if (found === undefined) throw new FilterError(range, `“${part}” is not ${expected}.`);
    return found;
  };
  const dots = text.indexOf('..');
  if (dots !== -1 && text !== '..') {
    const [from, to] = [text.slice(0, dots), text.slice(dots + 2)];
    const least = from === '' ? undefined : span(from).start;
    const limit = to === '' ? undefined : span(to).stop;
    if (least !== undefined && limit !== undefined && !isBefore(least, limit)) {
      throw new FilterError(range, `This range is empty: the smaller value comes first, as in “${to}..${from}”.`);
    }
    return { least, limit };
  }
  const [, operator = '', value = ''] = /^(>=|<=|>|<|=)?(.*)$/s.exec(text) ?? [];
  if (value === '') throw new FilterError(range, `A value is missing: it is ${expected}.`);
  const { start, stop } = span(value);
  switch (operator) {
    case '>':
      return { least: stop, limit: undefined };
    case '>=':
      return { least: start, limit: undefined };
    case '<':
      return { least: undefined, limit: start };
    case '<=':
      return { least: undefined, limit: stop };
    default:
      return { least: start, limit: stop };
  }
}

const isLess = (a: number, b: number): boolean => a < b;

export const isWithin = ({ least, limit }: Bounds<number>, value: number): boolean =>
  (least === undefined || value >= least) && (limit === undefined || value < limit);

/** A comparison of whole numbers. @throws FilterError */
export const parseNumbers = (text: string, range: Range, example: string): Bounds<number> =>
  parseBounds(
    text,
    range,
    (part) => {
      const value = /^\d{1,16}$/.test(part) ? Number(part) : NaN;
      return Number.isSafeInteger(value) ? { start: value, stop: value + 1 } : undefined;
    },
    isLess,
    `a number, such as ${example}`,
  );

const powers = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** `K`, `M`, … and `KiB`, `MiB`, … are steps of 1024, `KB`, `MB`, … of 1000. */
function bytesOfSize(text: string): number | undefined {
  const [, number = '', letter = '', suffix = ''] =
    /^(\d+(?:\.\d+)?)([kmgtpe]?)(ib|b)?$/.exec(text.toLowerCase()) ?? [];
  if (number === '' || (letter === '' && suffix === 'ib')) return undefined;
  return Number(number) * (suffix === 'b' ? 1000 : 1024) ** powers.indexOf(letter);
}

/** A comparison of sizes, in bytes. @throws FilterError */
export const parseSizes = (text: string, range: Range): Bounds<number> =>
  parseBounds(
    text,
    range,
    (part) => {
      const value = bytesOfSize(part);
      // Sizes are whole: above 1.3K begins with the next whole byte.
      return value === undefined ? undefined : { start: Math.ceil(value), stop: Math.floor(value) + 1 };
    },
    isLess,
    'a size, such as 4096, >1M, <=1.5GB or 1K..2M (K, M, G count by 1024; KB, MB, GB by 1000)',
  );

/** Seconds since 1970 and nanoseconds, the second never negative. */
export interface Time {
  readonly seconds: number;
  readonly nsec: number;
}

export const isEarlier = (a: Time, b: Time): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nsec < b.nsec);

/**
 * A comparison of times, in UTC: a date stands for its whole day, a month and a year for all their days. Four digits are
 * a year, all other numbers (and all behind `@`) seconds since 1970.
 *
 * @throws FilterError
 */
export const parseTimes = (text: string, range: Range): Bounds<Time> =>
  parseBounds(
    text,
    range,
    (part) => spanOfSeconds(part) ?? spanOfDate(part),
    isEarlier,
    'a time, such as 2024-01-31, >2024-01, <2024-01-31T12:00, 2024-01..2024-06 or seconds since 1970, such as @1700000000 (all in UTC)',
  );

/** The span that begins there and is as long as the last digit that is written says. */
function spanFrom(seconds: number, fraction: string | undefined, length: number): Span<Time> {
  const start = { seconds, nsec: Number((fraction ?? '').padEnd(9, '0')) };
  if (fraction === undefined) return { start, stop: { seconds: seconds + length, nsec: 0 } };
  const nsec = start.nsec + 10 ** (9 - fraction.length);
  return { start, stop: nsec >= 1e9 ? { seconds: seconds + 1, nsec: nsec - 1e9 } : { seconds, nsec } };
}

function spanOfSeconds(text: string): Span<Time> | undefined {
  const [, seconds, fraction] = /^@?(\d{1,15}|-\d{1,15}(?!\.))(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (/^\d{4}$/.test(text)) return undefined; // a year
  return seconds === undefined ? undefined : spanFrom(Number(seconds), fraction, 1);
}

const datePattern =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?)?)?$/i;

function spanOfDate(text: string): Span<Time> | undefined {
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] =
    datePattern.exec(text) ?? [];
  if (year === undefined) return undefined;
  const start = secondsOf(Number(year), Number(month ?? 1), Number(day ?? 1));
  if (start === undefined) return undefined;
  if (day === undefined) {
    const isDecember = month === undefined || month === '12';
    const next = secondsOf(Number(year) + Number(isDecember), isDecember ? 1 : Number(month) + 1, 1);
    return spanFrom(start, undefined, (next ?? start) - start);
  }
  if (hour === undefined) return spanFrom(start, undefined, 86_400);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === '-' ? -60 : 60);
  const seconds = start + Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0) - offset;
  return spanFrom(seconds, fraction, second === undefined ? 60 : 1);
}

/** Midnight of a day, UTC; undefined where the calendar has no such day. */
function secondsOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // not Date.UTC, which takes the years 0 to 99 for 1900 to 1999
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : undefined;
}
