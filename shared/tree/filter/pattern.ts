import { bytesOf, isBare, type Unit } from './lex.ts';

/** A text to look for in names and other bytes, three ways: the whole, a part, or with wildcards. */
export type Pattern =
  /** Equal to, byte by byte. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** Contained in, ASCII letters in any case. `bytes` are folded. */
  | { readonly kind: 'part'; readonly bytes: Uint8Array }
  /** The whole matches, ASCII letters in any case. Folded bytes, `ANY_CHARACTER` and `ANY_TEXT`. */
  | { readonly kind: 'glob'; readonly tokens: Int16Array };

export const ANY_CHARACTER = 256;
export const ANY_TEXT = 257;

/** ASCII capitals as small letters, all else as it is. */
export const foldByte = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

export const hasWildcard = (units: readonly Unit[]): boolean =>
  units.some((unit) => isBare(unit, '*') || isBare(unit, '?'));

/** Reads a pattern: `=` before it asks for the whole; bare `*` and `?` are wildcards; else it is a part. */
export function patternOf(units: readonly Unit[]): Pattern {
  if (isBare(units[0], '=')) return { kind: 'whole', bytes: bytesOf(units.slice(1)) };
  if (hasWildcard(units)) return { kind: 'glob', tokens: globTokens(units) };
  return { kind: 'part', bytes: bytesOf(units).map(foldByte) };
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
      return contains(pattern.bytes, bytes, from, to);
    case 'glob':
      return globMatches(pattern.tokens, bytes, from, to);
  }
}

function equals(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (wanted.length !== to - from) return false;
  for (let i = 0; i < wanted.length; i += 1) if (wanted[i] !== bytes[from + i]) return false;
  return true;
}

function contains(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  const { length } = wanted;
  const first = wanted[0] ?? 0;
  for (let at = from; at + length <= to; at += 1) {
    if (length !== 0 && foldByte(bytes[at] ?? 0) !== first) continue;
    let i = 1;
    while (i < length && foldByte(bytes[at + i] ?? 0) === wanted[i]) i += 1;
    if (i >= length) return true;
  }
  return false;
}

/** `?` takes a whole UTF-8 character, or one byte that belongs to none. */
export function globMatches(tokens: Int16Array, bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  let token = 0;
  // Where to go on when what follows the last star does not match: the star takes one byte more.
  let starToken = -1;
  let starAt = from;
  while (at < to) {
    const wanted = tokens[token] ?? -1;
    if (wanted === ANY_TEXT) {
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
  while (tokens[token] === ANY_TEXT) token += 1;
  return token === tokens.length;
}
