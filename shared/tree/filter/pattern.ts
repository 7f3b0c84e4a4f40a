import { bytesOf, isBare, type Unit } from './lex.ts';

/** A text to look for in names and other bytes, three ways: the whole, a part, or with wildcards. */
export type Pattern =
  /** Equal to, byte by byte. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** Contained in, ASCII letters in any case. */
  | { readonly kind: 'part'; readonly part: Part }
  /** The whole matches, ASCII letters in any case. Folded bytes, `ANY_CHARACTER` and `ANY_TEXT`. */
  | { readonly kind: 'glob'; readonly tokens: Int16Array };

export const ANY_CHARACTER = 256;
export const ANY_TEXT = 257;

/** Bytes to look for, folded. */
export interface Part {
  readonly bytes: Uint8Array;
  /** How far the search goes on, by the byte that lies under the last one; 0: it could be the last one. */
  readonly skips: Uint16Array;
  /** How far it goes on where that byte was the last one, and the others were not. */
  readonly skipOfLast: number;
}

/** ASCII capitals as small letters, all else as it is. */
export const foldByte = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

export const hasWildcard = (units: readonly Unit[]): boolean =>
  units.some((unit) => isBare(unit, '*') || isBare(unit, '?'));

/** Reads a pattern: `=` before it asks for the whole; bare `*` and `?` are wildcards; else it is a part. */
export function patternOf(units: readonly Unit[]): Pattern {
  if (isBare(units[0], '=')) return { kind: 'whole', bytes: bytesOf(units.slice(1)) };
  if (hasWildcard(units)) return { kind: 'glob', tokens: globTokens(units) };
  return { kind: 'part', part: partOf(bytesOf(units)) };
}

/** Prepares a search by Boyer and Moore, as Horspool made it simple. */
export function partOf(bytes: Uint8Array): Part {
  const folded = bytes.map(foldByte);
  const { length } = folded;
  const byFolded = new Uint16Array(256).fill(length);
  folded.subarray(0, -1).forEach((byte, i) => {
    byFolded[byte] = length - 1 - i;
  });
  const last = folded[length - 1] ?? 0;
  const skipOfLast = byFolded[last] ?? 1;
  byFolded[last] = 0;
  return {
    bytes: folded,
    skips: Uint16Array.from({ length: 256 }, (_, byte) => byFolded[foldByte(byte)] ?? 1),
    skipOfLast,
  };
}

/** Folded bytes and wildcards; several stars in a row are one. */
export function globTokens(units: readonly Unit[]): Int16Array {
  const tokens: number[] = [];
  for (const unit of units) {
    if (isBare(unit, '?')) tokens.push(ANY_CHARACTER);
    else if (!isBare(unit, '*')) tokens.push(...unit.bytes.map(foldByte));
    else if (tokens.at(-1) !== ANY_TEXT) tokens.push(ANY_TEXT);
  }
  return Int16Array.from(tokens);
}

/** Whether the bytes from `from` up to `to` match. Time at most the product of both lengths. */
export function matches(pattern: Pattern, bytes: Uint8Array, from: number, to: number): boolean {
  switch (pattern.kind) {
    case 'whole':
      return equals(pattern.bytes, bytes, from, to);
    case 'part':
      return contains(pattern.part, bytes, from, to);
    case 'glob':
      return globMatches(pattern.tokens, bytes, from, to);
  }
}

function equals(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (wanted.length !== to - from) return false;
  for (let i = 0; i < wanted.length; i += 1) if (wanted[i] !== bytes[from + i]) return false;
  return true;
}

const foldTable = Uint8Array.from({ length: 256 }, (_, byte) => foldByte(byte));

/** What one types first, and where nothing can be skipped. */
function containsByte(wanted: number, bytes: Uint8Array, from: number, to: number): boolean {
  const other = wanted >= 0x61 && wanted <= 0x7a ? wanted - 0x20 : wanted;
  for (let at = from; at < to; at += 1) if (bytes[at] === wanted || bytes[at] === other) return true;
  return false;
}

/** Whether the bytes from `from` up to `to` contain the part. */
export function contains(part: Part, bytes: Uint8Array, from: number, to: number): boolean {
  const { bytes: wanted, skips, skipOfLast } = part;
  const last = wanted.length - 1;
  if (last < 0) return true;
  if (last === 0) return containsByte(wanted[0] ?? 0, bytes, from, to);
  for (let at = from + last; at < to;) {
    const skip = skips[bytes[at] ?? 0] ?? 1;
    if (skip !== 0) {
      at += skip;
      continue;
    }
    let i = last - 1;
    while (i >= 0 && foldTable[bytes[at - last + i] ?? 0] === wanted[i]) i -= 1;
    if (i < 0) return true;
    at += skipOfLast;
  }
  return false;
}

/**
 * `?` takes a whole UTF-8 character, or one byte that belongs to none. What follows the last wildcard is compared first:
 * almost all names fail there.
 */
export function globMatches(tokens: Int16Array, bytes: Uint8Array, from: number, to: number): boolean {
  let stop = to;
  let left = tokens.length;
  while (left > 0 && (tokens[left - 1] ?? 0) < ANY_CHARACTER) {
    if (stop === from || foldByte(bytes[stop - 1] ?? 0) !== tokens[left - 1]) return false;
    stop -= 1;
    left -= 1;
  }
  return wildMatches(tokens, left, bytes, from, stop);
}

/** Whether the first `length` tokens match; the last of them is a wildcard. */
function wildMatches(tokens: Int16Array, length: number, bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  let token = 0;
  // Where to go on when what follows the last star does not match: the star takes one byte more.
  let starToken = -1;
  let starAt = from;
  while (at < to) {
    const wanted = token < length ? (tokens[token] ?? -1) : -1;
    if (wanted === ANY_TEXT) {
      if (token === length - 1) return true;
      starToken = token;
      starAt = at;
      token += 1;
    } else if (wanted === ANY_CHARACTER) {
      at += 1;
      while (at < to && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
      token += 1;
    } else if (wanted === foldByte(bytes[at] ?? 0)) {
      at += 1;
      token += 1;
    } else {
      if (starToken === -1) return false;
      starAt += 1;
      at = starAt;
      token = starToken + 1;
    }
  }
  while (token < length && tokens[token] === ANY_TEXT) token += 1;
  return token === length;
}
