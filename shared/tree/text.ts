/**
 * Names, targets and values are bytes; people read text. `displayBytes` loses nothing, so that what is shown can be
 * typed or pasted back: `bytesOfText(displayBytes(bytes))` is `bytes`.
 */

import type { Steps } from '../steps.ts';

const BACKSLASH = 0x5c;
const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const escaped = (byte: number): string => `\\x${HEX_PAIRS[byte] ?? ''}`;

/**
 * Length in bytes of the UTF-8 sequence at `at`, 0 where there is none: overlong forms, surrogates and what lies above
 * U+10FFFF are none (Unicode 15, table 3-7).
 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first <= 0xf4 ? 4 : 0;
  if (length === 0 || first < 0xc2 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = at + 2; i < at + length; i += 1) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  if (length === 1) return first;
  let value = first & (0xff >> (length + 1));
  for (let i = at + 1; i < at + length; i += 1) value = (value << 6) | ((bytes[i] ?? 0) & 0x3f);
  return value;
}

/** What moves the cursor, breaks the line or turns the direction of what follows: a name could pose as another. */
const misleads = (point: number): boolean =>
  point < 0x20 ||
  (point >= 0x7f && point <= 0x9f) ||
  point === 0x61c ||
  point === 0x200e ||
  point === 0x200f ||
  (point >= 0x2028 && point <= 0x202e) ||
  (point >= 0x2066 && point <= 0x2069) ||
  point === 0xfeff;

/** Most arguments that a call takes safely; longer texts are rare. */
const SHORT = 1024;

function isPlain(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return false;
  }
  return true;
}

/**
 * Bytes as text for a person: UTF-8 as it is; bytes that are not UTF-8, control characters, line separators and marks
 * of text direction as `\xNN`, one for each byte, lower case; a backslash as `\\`. It is text, never markup: who puts it
 * on a page must not parse it.
 */
export function displayBytes(bytes: Uint8Array): string {
  if (bytes.length <= SHORT && isPlain(bytes)) {
    const plain: string = Reflect.apply(String.fromCharCode, undefined, bytes);
    return plain;
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x20 && byte < 0x7f) {
      text += byte === BACKSLASH ? '\\\\' : String.fromCharCode(byte);
      at += 1;
      continue;
    }
    const length = sequenceLength(bytes, at);
    const point = codePoint(bytes, at, length || 1);
    if (length !== 0 && !misleads(point)) {
      text += String.fromCodePoint(point);
      at += length;
      continue;
    }
    for (const stop = at + (length || 1); at < stop; at += 1) text += escaped(bytes[at] ?? 0);
  }
  return text;
}

/**
 * Text as UTF-8, the inverse of `displayBytes`: `\xNN` (any case) is that byte, `\\` a backslash; a backslash before
 * anything else stands for itself, half a surrogate pair becomes U+FFFD.
 */
export function bytesOfText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at) ?? 0;
    if (point === BACKSLASH) {
      const hex = /^\\x([0-9a-f]{2})/i.exec(text.slice(at, at + 4))?.[1];
      bytes[length++] = hex === undefined ? BACKSLASH : Number.parseInt(hex, 16);
      at += hex !== undefined ? 4 : text.charCodeAt(at + 1) === BACKSLASH ? 2 : 1;
      continue;
    }
    at += point > 0xffff ? 2 : 1;
    length = putCodePoint(bytes, length, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return bytes.slice(0, length);
}

function putCodePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  bytes[at] = ((0xff00 >> (more + 1)) & 0xff) | (point >> (6 * more));
  for (let i = 1; i <= more; i += 1) bytes[at + i] = 0x80 | ((point >> (6 * (more - i))) & 0x3f);
  return at + 1 + more;
}

/** Bytes as lower-case hex, two digits each. */
export function hexOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) text += HEX_PAIRS[bytes[at] ?? 0] ?? '';
  return text;
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytes that are compared from one place to the next where others may have their turn. */
const STRETCH = 1 << 22;

/** As `equalBytes`, of whole files. */
export function* equalBytesInSteps(a: Uint8Array, b: Uint8Array): Steps<boolean> {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += STRETCH) {
    if (!equalBytes(a.subarray(at, at + STRETCH), b.subarray(at, at + STRETCH))) return false;
    yield;
  }
  return true;
}

/** Order of names on disk: by unsigned bytes, a prefix before what it begins. Negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
