/** Takes bytes that are valid during the call only: the array is used again. Returns when they are dealt with. */
export type ByteSink = (bytes: Uint8Array) => void;

/** What is written at once: pipes take 64 KiB, and larger writes no longer pay. */
const CHUNK = 1 << 18;
/** `room` answers for this many bytes; everything longer goes through `bytes` and `escaped`, which cut. */
const MAX_ROOM = 1 << 14;

const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/**
 * What may stand in a field as it is: 1 where a byte must be escaped. The names are what each kind of field keeps.
 *
 * @see dump-format.md, "Escapes": `composefs-info` decides by `isgraph` or `isprint` of the C locale
 */
function escapeTable(keep: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (keep(byte) && byte !== BACKSLASH ? 0 : 1));
}

/** Fields of a dump: graphic ASCII. */
export const GRAPHIC = escapeTable((byte) => byte > 0x20 && byte < 0x7f);
/** Paths of `ls`: graphic ASCII and the space. */
export const PRINTABLE = escapeTable((byte) => byte >= 0x20 && byte < 0x7f);
/** Keys and values of xattrs: graphic ASCII but for `=`. */
export const XATTR_SAFE = escapeTable((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x3d);

/** Letters behind a backslash: LF, CR, TAB and the backslash itself; 0: `\xNN`. */
const SHORT_ESCAPES = new Uint8Array(256);
SHORT_ESCAPES[0x0a] = 0x6e;
SHORT_ESCAPES[0x0d] = 0x72;
SHORT_ESCAPES[0x09] = 0x74;
SHORT_ESCAPES[BACKSLASH] = BACKSLASH;

/**
 * Copies `source` from `from` up to `to` to `buffer`, with what `table` marks escaped.
 *
 * @param buffer must have room for 4 bytes for each byte of the source
 * @returns where it ends
 */
export function putEscaped(
  buffer: Uint8Array,
  start: number,
  source: Uint8Array,
  from: number,
  to: number,
  table: Uint8Array,
): number {
  let at = start;
  for (let index = from; index < to; index++) {
    const byte = source[index] ?? 0;
    if (table[byte] === 0) buffer[at++] = byte;
    else at = putEscape(buffer, at, byte);
  }
  return at;
}

function putEscape(buffer: Uint8Array, at: number, byte: number): number {
  buffer[at] = BACKSLASH;
  const letter = SHORT_ESCAPES[byte] ?? 0;
  if (letter !== 0) {
    buffer[at + 1] = letter;
    return at + 2;
  }
  buffer[at + 1] = 0x78;
  buffer[at + 2] = HEX[byte >> 4] ?? 0;
  buffer[at + 3] = HEX[byte & 15] ?? 0;
  return at + 4;
}

/**
 * Lines as bytes, in one buffer that is handed to the sink whenever it is full and then used again. There are no
 * strings on the way: a million lines cost no garbage. The caller ends with `flush`.
 */
export class ByteWriter {
  readonly #buffer = new Uint8Array(CHUNK);
  readonly #sink: ByteSink;
  #at = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  flush(): void {
    if (this.#at > 0) this.#sink(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  byte(byte: number): void {
    if (this.#at === CHUNK) this.flush();
    this.#buffer[this.#at++] = byte;
  }

  /** The bytes of `source` from `from` up to `to`, as they are. */
  bytes(source: Uint8Array, from: number, to: number): void {
    for (let start = from; start < to;) {
      const stop = Math.min(to, start + MAX_ROOM);
      this.#room(stop - start);
      const buffer = this.#buffer;
      let at = this.#at;
      // a subarray costs more than the copy of a short run
      if (stop - start < 48) for (let index = start; index < stop; index++) buffer[at++] = source[index] ?? 0;
      else {
        buffer.set(source.subarray(start, stop), at);
        at += stop - start;
      }
      this.#at = at;
      start = stop;
    }
  }

  /** As `bytes`, with what `table` marks escaped. */
  escaped(source: Uint8Array, from: number, to: number, table: Uint8Array): void {
    for (let start = from; start < to;) {
      const stop = Math.min(to, start + MAX_ROOM / 4);
      this.#room(4 * (stop - start));
      this.#at = putEscaped(this.#buffer, this.#at, source, start, stop, table);
      start = stop;
    }
  }

  /** A zero byte, escaped, `count` times: what a hole reads as. */
  escapedZeros(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#room(4);
      this.#at = putEscape(this.#buffer, this.#at, 0);
    }
  }

  /** Lower-case hex, two digits a byte; at most 8 KiB. */
  hex(source: Uint8Array, from: number, to: number): void {
    this.#room(2 * (to - from));
    const buffer = this.#buffer;
    let at = this.#at;
    for (let index = from; index < to; index++) {
      const byte = source[index] ?? 0;
      buffer[at++] = HEX[byte >> 4] ?? 0;
      buffer[at++] = HEX[byte & 15] ?? 0;
    }
    this.#at = at;
  }

  /** A whole number from -2^53 to 2^53. */
  decimal(value: number): void {
    this.#room(20);
    let rest = value;
    if (rest < 0) {
      this.#buffer[this.#at++] = 0x2d;
      rest = -rest;
    }
    if (rest < 1e9) {
      this.#digits(rest, digitsOf(rest));
      return;
    }
    const high = Math.floor(rest / 1e9); // below 10^7 for what is below 2^53
    this.#digits(high, digitsOf(high));
    this.#digits(rest - high * 1e9, 9);
  }

  /** A number below 2^31 in octal, without a leading zero. */
  octal(value: number): void {
    this.#room(11);
    let digits = 1;
    while (value >>> (3 * digits) !== 0) digits++;
    for (let digit = digits - 1; digit >= 0; digit--) {
      this.#buffer[this.#at++] = DIGIT_0 + ((value >>> (3 * digit)) & 7);
    }
  }

  /** ASCII text. */
  text(text: string): void {
    this.#room(text.length);
    for (let index = 0; index < text.length; index++) this.#buffer[this.#at++] = text.charCodeAt(index);
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0;
      this.#buffer[at] = DIGIT_0 + rest - 10 * tenth;
      rest = tenth;
    }
    this.#at += count;
  }

  #room(bytes: number): void {
    if (this.#at + bytes > CHUNK) this.flush();
  }
}

/** Of a whole number below 10^9. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}
