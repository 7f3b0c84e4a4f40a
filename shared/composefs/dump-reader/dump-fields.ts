import { dumpFault, shown, type DumpPlace } from './dump-fault.ts';
import type { BytePool } from './byte-pool.ts';

const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const MINUS = 0x2d;
const DOT = 0x2e;

/** Value of a hex digit, -1 for anything else. */
const HEX = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) {
  HEX['0123456789abcdef'.charCodeAt(value)] = value;
  HEX['0123456789ABCDEF'.charCodeAt(value)] = value;
}

/** Bytes behind a backslash that stand for one byte; -1: none. */
const SHORT = new Int16Array(256).fill(-1);
SHORT[BACKSLASH] = BACKSLASH;
SHORT[0x6e] = 0x0a;
SHORT[0x72] = 0x0d;
SHORT[0x74] = 0x09;

/**
 * A whole number in decimal digits. What is above 2^53 comes out rounded: whoever cares compares.
 *
 * @throws ImageError where it is something else
 */
export function decimal(place: DumpPlace, from: number, to: number, name: string): number {
  const { bytes } = place;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) throw notNumber(place, from, to, name, 'a whole number');
    value = value * 10 + digit;
  }
  if (from === to || to - from > 20) throw notNumber(place, from, to, name, 'a whole number');
  return value;
}

/** As `decimal`, below 2^32. */
export function decimal32(place: DumpPlace, from: number, to: number, name: string): number {
  const value = decimal(place, from, to, name);
  if (value > 0xffff_ffff) throw notNumber(place, from, to, name, 'a whole number below 2^32');
  return value;
}

/** MODE without its `@`: octal, at most 0177777. */
export function octal(place: DumpPlace, from: number, to: number): number {
  const { bytes } = place;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 7) throw notNumber(place, from, to, 'MODE', 'an octal number');
    value = Math.min(value * 8 + digit, 0x10000);
  }
  if (from === to || value > 0xffff) throw notNumber(place, from, to, 'MODE', 'an octal number up to 177777');
  return value;
}

/** MTIME, as two numbers: `5.1` is 5 seconds and 1 nanosecond. */
export class Mtime {
  /** Rounded beyond 2^53; `exact` then has what it is. */
  seconds = 0;
  nanoseconds = 0;
  exact: bigint | undefined;

  /** @throws ImageError */
  read(place: DumpPlace, from: number, to: number): void {
    const { bytes } = place;
    const isNegative = bytes[from] === MINUS;
    const digits = isNegative ? from + 1 : from;
    let dot = digits;
    while (dot < to && bytes[dot] !== DOT) dot += 1;
    if (dot === to) throw notNumber(place, from, to, 'MTIME', 'seconds, a dot and nanoseconds');
    const seconds = decimal(place, digits, dot, 'MTIME');
    this.seconds = isNegative && seconds !== 0 ? -seconds : seconds;
    this.nanoseconds = decimal(place, dot + 1, to, 'MTIME');
    if (this.nanoseconds >= 1e9) throw notNumber(place, from, to, 'MTIME', 'below 10^9 nanoseconds');
    this.exact = Number.isSafeInteger(seconds) ? undefined : BigInt(asciiText(bytes, from, dot));
    if (this.exact !== undefined && BigInt.asIntN(64, this.exact) !== this.exact) {
      throw notNumber(place, from, to, 'MTIME', 'seconds that fit into 64 bits');
    }
  }
}

function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

function notNumber(place: DumpPlace, from: number, to: number, name: string, expected: string): Error {
  return dumpFault(place, from, `${name} is ${expected}, found “${shown(place.bytes, from, to)}”`);
}

/**
 * Copies a field to the pool, its escapes decoded.
 *
 * @returns bytes that it has there; they lie at its end
 * @throws ImageError for a backslash that begins no escape
 */
export function unescape(place: DumpPlace, from: number, to: number, pool: BytePool): number {
  pool.reserve(to - from);
  const { bytes } = place;
  const target = pool.bytes;
  const start = pool.length;
  let into = start;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      target[into++] = byte;
      continue;
    }
    at += 1;
    const letter = at < to ? (bytes[at] ?? 0) : 0;
    const short = SHORT[letter] ?? -1;
    if (short >= 0) {
      target[into++] = short;
      continue;
    }
    const high = at + 1 < to ? (HEX[bytes[at + 1] ?? 0] ?? -1) : -1;
    const low = at + 2 < to ? (HEX[bytes[at + 2] ?? 0] ?? -1) : -1;
    if (letter !== 0x78 || high < 0 || low < 0) {
      const found = shown(bytes, at - 1, Math.min(to, letter === 0x78 ? at + 3 : at + 1));
      throw dumpFault(place, at - 1, `escapes are \\\\, \\n, \\r, \\t and \\xHH, found “${found}”`);
    }
    target[into++] = (high << 4) | low;
    at += 2;
  }
  pool.length = into;
  return into - start;
}

/**
 * Copies a field of hex digits to the pool, as bytes.
 *
 * @returns bytes that it has there: 32 or 64
 * @throws ImageError
 */
export function digest(place: DumpPlace, from: number, to: number, pool: BytePool): number {
  const { bytes } = place;
  const length = (to - from) / 2;
  if (length !== 32 && length !== 64) {
    throw dumpFault(place, from, `DIGEST is 64 hex digits (or 128, of SHA-512) or -, found ${to - from} letters`);
  }
  pool.reserve(length);
  for (let at = from; at < to; at += 2) {
    const high = HEX[bytes[at] ?? 0] ?? -1;
    const low = HEX[bytes[at + 1] ?? 0] ?? -1;
    if (high < 0 || low < 0) {
      throw dumpFault(place, at, `DIGEST is hex digits, found “${shown(bytes, at, at + 2)}”`);
    }
    pool.bytes[pool.length++] = (high << 4) | low;
  }
  return length;
}
