import { Bitset } from '../bitset.ts';
import { lookup } from '../path.ts';
import { symlinkTarget } from '../symlink.ts';
import { Flag, S_IFLNK, S_IFMT } from '../table.ts';
import { bytesOfText } from '../text.ts';
import { each, type Condition } from './condition.ts';
import { FilterError, type Range } from './fault.ts';
import { bytesOf, isBare, rangeOf, splitBare, textOf, type Unit } from './lex.ts';
import { searchNames } from './name-search.ts';
import { MAX_GLOB_NAMES, searchPathGlob, searchPathPart, searchPathStart, type PathGlob } from './path-search.ts';
import { foldByte, globTokens, hasWildcard, matches, patternOf, type Pattern } from './pattern.ts';
import { searchXattrs } from './xattr-search.ts';

/** Conditions on names, paths and other texts. */

const search = (find: Condition['find'], cost: Condition['cost'] = 1): Condition => ({ cost, usesStatus: false, find });

/** A word without a field: part of the name, or of the path where it has a `/`; with wildcards, the whole of it. */
export function freeText(units: readonly Unit[]): Condition {
  if (!units.some(({ text }) => text === '/')) return byName(units);
  return isBare(units[0], '=') || hasWildcard(units) ? byPath(units) : pathPart(units);
}

export function byName(units: readonly Unit[]): Condition {
  const pattern = patternOf(units);
  return search(({ image }, candidates) => searchNames(image.table, pattern, candidates));
}

const pathPart = (units: readonly Unit[]): Condition => {
  const wanted = bytesOf(units).map(foldByte);
  return search(({ image }) => searchPathPart(image.table, wanted));
};

/** The whole path with `=` or wildcards; else its beginning where the value begins with `/`, or any part of it. */
export function byPath(units: readonly Unit[]): Condition {
  if (isBare(units[0], '=')) {
    const wanted = bytesOf(units.slice(1));
    return search(({ image }) => {
      const found = new Bitset(image.table.count);
      const row = lookup(image.table, wanted);
      if (row !== undefined) found.add(row);
      return found;
    }, 0);
  }
  if (hasWildcard(units)) return pathGlob(units);
  if (units[0]?.text !== '/') return pathPart(units);
  const wanted = bytesOf(units).map(foldByte);
  return search(({ image }) => searchPathStart(image.table, wanted));
}

function pathGlob(units: readonly Unit[]): Condition {
  const parts: Unit[][] = [[]];
  for (const unit of units) {
    if (unit.text === '/') parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  const isRooted = units[0]?.text === '/';
  const glob: (Int16Array | undefined)[] = isRooted ? [] : [undefined];
  for (const part of parts.filter(({ length }) => length > 0)) {
    const isStars = part.length === 2 && part.every((unit) => isBare(unit, '*'));
    if (!isStars) glob.push(globTokens(part));
    else if (glob.length === 0 || glob.at(-1) !== undefined) glob.push(undefined);
  }
  // `/usr/**` asks for what is below, not for /usr itself.
  if (glob.at(-1) === undefined) glob.push(globTokens([...'*'].map(bareUnit)));
  if (glob.length > MAX_GLOB_NAMES) {
    throw new FilterError(rangeOf(units, 0), `A path with wildcards can have ${MAX_GLOB_NAMES} names at most.`);
  }
  const complete: PathGlob = glob;
  return search(({ image }) => searchPathGlob(image.table, complete));
}

const bareUnit = (text: string): Unit => ({ text, bytes: bytesOfText(text), bare: true, from: 0, to: 0 });

export function byRedirect(units: readonly Unit[]): Condition {
  const pattern = patternOf(units);
  return each(
    ({ image: { table } }) =>
      (row) => {
        const from = table.redirectOffset[row] ?? 0;
        return from !== 0 && matches(pattern, table.bytes, from, from + (table.redirectLength[row] ?? 0));
      },
    { cost: 1 },
  );
}

export function byTarget(units: readonly Unit[]): Condition {
  const pattern = patternOf(units);
  return each(
    ({ image }) =>
      (row) => {
        if (((image.table.mode[row] ?? 0) & S_IFMT) !== S_IFLNK) return false;
        const bytes = symlinkTarget(image, row);
        return bytes !== undefined && matches(pattern, bytes, 0, bytes.length);
      },
    { cost: 2 },
  );
}

/** Hex digits anywhere in the digest, also from the middle of a byte. */
export function byDigest(units: readonly Unit[], range: Range): Condition {
  const text = textOf(units).toLowerCase();
  const [, algorithm, hex] = /^(?:(sha256|sha512):)?([0-9a-f]+)$/.exec(text) ?? [];
  if (hex === undefined || hex.length > 128) {
    throw new FilterError(
      range,
      `“${textOf(units)}” is not a digest or a part of one: write hex digits, such as 6f1e33.`,
    );
  }
  const wanted = Uint8Array.from(hex, (digit) => Number.parseInt(digit, 16));
  return each(
    ({ image: { table } }) =>
      (row) => {
        const from = table.digestOffset[row] ?? 0;
        if (from === 0) return false;
        const isLong = ((table.flags[row] ?? 0) & Flag.sha512) !== 0;
        if (algorithm !== undefined && (algorithm === 'sha512') !== isLong) return false;
        return containsDigits(table.bytes, from, from + (isLong ? 64 : 32), wanted);
      },
    { cost: 1 },
  );
}

/** Whether the hex digits of the bytes from `from` up to `to` contain those of `wanted`, one an element. */
function containsDigits(bytes: Uint8Array, from: number, to: number, wanted: Uint8Array): boolean {
  const [first = 0, second = first] = wanted;
  // Two digits at a time, as a byte and across two: of 64 places few are left for a closer look.
  const pair = (first << 4) | second;
  if (wanted.length === 1) {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte >>> 4 === first || (byte & 15) === first) return true;
    }
    return false;
  }
  let window = 0;
  for (let at = from; at < to; at += 1) {
    window = ((window << 8) | (bytes[at] ?? 0)) & 0xffff;
    if (((window >>> 4) & 0xff) === pair && at > from && digitsFollow(bytes, 2 * at - 1, 2 * to, wanted)) return true;
    if ((window & 0xff) === pair && digitsFollow(bytes, 2 * at, 2 * to, wanted)) return true;
  }
  return false;
}

/** Whether `wanted` stands at a digit: two to each byte, `from` and `to` count digits. */
function digitsFollow(bytes: Uint8Array, from: number, to: number, wanted: Uint8Array): boolean {
  if (from + wanted.length > to) return false;
  for (let i = 0; i < wanted.length; i += 1) {
    const at = from + i;
    const byte = bytes[Math.floor(at / 2)] ?? 0; // no shift: an offset has up to 32 bits
    if ((at % 2 === 0 ? byte >>> 4 : byte & 15) !== wanted[i]) return false;
  }
  return true;
}

/** `NAME` or `NAME=VALUE`; the value as it is stored, or in words as `decodeXattr` has them. */
export function byXattr(units: readonly Unit[], range: Range): Condition {
  const isWhole = isBare(units[0], '=');
  const [first = [], ...rest] = splitBare(isWhole ? units.slice(1) : units, '=');
  if (first.length === 0) {
    throw new FilterError(range, 'The name of an attribute is missing: write xattr:selinux or xattr:user.note=text.');
  }
  const namePattern: Pattern = isWhole ? { kind: 'whole', bytes: bytesOf(first) } : patternOf(first);
  const value = rest.length === 0 ? undefined : units.slice(units.length - lengthWithSeparators(rest));
  const valuePattern = value && patternOf(value);
  return search((context, candidates) => searchXattrs(context.image, namePattern, valuePattern, candidates), 2);
}

const lengthWithSeparators = (parts: readonly (readonly Unit[])[]): number =>
  parts.reduce((length, part) => length + part.length, parts.length - 1);
