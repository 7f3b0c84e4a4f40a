/** Takes bytes that are valid during the call only: the array is used again. Returns when they are dealt with. */
export type ByteSink = (bytes: Uint8Array) => void;

/** Bytes to copy from, with a view of the same bytes to read them four at a time. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Costs as much as copying some hundred bytes: for what is copied from often. */
export const sourceOf = (bytes: Uint8Array): ByteSource => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

/** What is written at once: pipes take 64 KiB, and larger writes no longer pay. */
const CHUNK = 1 << 18;
/** Bytes of a source that are dealt with between two looks at the room that is left. */
const SLICE = 1 << 12;
/** From here on, one copy by the engine is faster than a loop. */
const LONG = 512;

const BACKSLASH = 0x5c;
const DIGIT_0 = 0x30;
const HEX = '0123456789abcdef';
/** Both digits of a byte, as two bytes of a little-endian number. */
const HEX_PAIRS = Uint16Array.from(
  { length: 256 },
  (_, byte) => HEX.charCodeAt(byte >> 4) | (HEX.charCodeAt(byte & 15) << 8),
);

/** Letters behind a backslash: LF, CR, TAB and the backslash itself; 0: `\xNN`. */
const SHORT_ESCAPES = new Uint8Array(256);
SHORT_ESCAPES[0x0a] = 0x6e;
SHORT_ESCAPES[0x0d] = 0x72;
SHORT_ESCAPES[0x09] = 0x74;
SHORT_ESCAPES[BACKSLASH] = BACKSLASH;

/** Which bytes stand as they are: all from `least` to `~`, but for the backslash and `other`. */
export interface Escapes {
  /** 1 where a byte must be escaped. */
  readonly table: Uint8Array;
  /** The lowest byte that need not be, and another one that must, each four times over. */
  readonly least: number;
  readonly other: number;
}

/** @see dump-format.md, "Escapes": `composefs-info` decides by `isgraph` or `isprint` of the C locale */
function escapes(least: number, other: number): Escapes {
  const table = Uint8Array.from({ length: 256 }, (_, byte) =>
    byte >= least && byte < 0x7f && byte !== BACKSLASH && byte !== other ? 0 : 1,
  );
  return { table, least: Math.imul(least, 0x01010101), other: Math.imul(other, 0x01010101) };
}

/** Fields of a dump: graphic ASCII. */
export const GRAPHIC = escapes(0x21, BACKSLASH);
/** Paths of `ls`: graphic ASCII and the space. */
export const PRINTABLE = escapes(0x20, BACKSLASH);
/** Keys and values of xattrs: graphic ASCII but for `=`. */
export const XATTR_SAFE = escapes(0x21, 0x3d);

/** The top bit of each of four bytes, and the lowest. */
const TOPS = 0x80808080 | 0;
const ONES = 0x01010101;
const BACKSLASHES = Math.imul(BACKSLASH, ONES);

/**
 * Whether one of the four bytes of a word must be escaped.
 *
 * A top bit remains where the byte has one itself, lies below `least` (the subtraction borrows), is DEL (one more makes
 * 0x80), or equals the backslash or `other` (the XOR makes it 0, from which 1 borrows).
 */
function hasEscape(word: number, least: number, other: number): boolean {
  const backslash = word ^ BACKSLASHES;
  const another = word ^ other;
  return (
    ((word |
      ((word - least) & ~word) |
      (word + ONES) |
      ((backslash - ONES) & ~backslash) |
      ((another - ONES) & ~another)) &
      TOPS) !==
    0
  );
}

/**
 * Copies `source` from `from` up to `to` to `buffer`, with what must be escaped escaped.
 *
 * @param buffer must have room for 4 bytes for each byte of the source
 * @returns where it ends
 */
export function putEscaped(
  buffer: ByteSource,
  start: number,
  source: ByteSource,
  from: number,
  to: number,
  { table, least, other }: Escapes,
): number {
  const { bytes: target, view: targetView } = buffer;
  const { bytes, view } = source;
  let at = start;
  let index = from;
  while (index < to) {
    if (index + 4 <= to) {
      const word = view.getInt32(index, true);
      if (!hasEscape(word, least, other)) {
        targetView.setInt32(at, word, true);
        at += 4;
        index += 4;
        continue;
      }
    }
    const byte = bytes[index++] ?? 0;
    if (table[byte] === 0) target[at++] = byte;
    else at = putEscape(target, at, byte);
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
  const pair = HEX_PAIRS[byte] ?? 0;
  buffer[at + 1] = 0x78;
  buffer[at + 2] = pair & 0xff;
  buffer[at + 3] = pair >> 8;
  return at + 4;
}

/**
 * Lines as bytes, in one buffer that is handed to the sink whenever it is full and then used again. There are no
 * strings on the way: a million lines cost no garbage. The caller ends with `flush`.
 */
export class ByteWriter {
  readonly #buffer = sourceOf(new Uint8Array(CHUNK));
  readonly #bytes = this.#buffer.bytes;
  readonly #view = this.#buffer.view;
  readonly #sink: ByteSink;
  #at = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  flush(): void {
    if (this.#at > 0) this.#sink(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }

  byte(byte: number): void {
    if (this.#at === CHUNK) this.flush();
    this.#bytes[this.#at++] = byte;
  }

  /** The bytes of `source` from `from` up to `to`, as they are. */
  bytes(source: ByteSource, from: number, to: number): void {
    if (to - from > LONG) {
      this.#long(source.bytes.subarray(from, to));
      return;
    }
    this.#room(to - from);
    const { bytes, view } = source;
    let at = this.#at;
    let index = from;
    for (; index + 4 <= to; index += 4, at += 4) this.#view.setInt32(at, view.getInt32(index, true), true);
    for (; index < to; index++) this.#bytes[at++] = bytes[index] ?? 0;
    this.#at = at;
  }

  /** As `bytes`, with what must be escaped escaped. */
  escaped(source: ByteSource, from: number, to: number, which: Escapes): void {
    for (let start = from; start < to; start += SLICE) {
      const stop = Math.min(to, start + SLICE);
      this.#room(4 * (stop - start));
      this.#at = putEscaped(this.#buffer, this.#at, source, start, stop, which);
    }
  }

  /** A zero byte, escaped, `count` times: what a hole reads as. */
  escapedZeros(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#room(4);
      this.#at = putEscape(this.#bytes, this.#at, 0);
    }
  }

  /** Lower-case hex, two digits a byte; at most 4 KiB. */
  hex(source: Uint8Array, from: number, to: number): void {
    this.#room(2 * (to - from));
    let at = this.#at;
    for (let index = from; index < to; index++, at += 2) {
      this.#view.setUint16(at, HEX_PAIRS[source[index] ?? 0] ?? 0, true);
    }
    this.#at = at;
  }

  /** A whole number from -2^53 to 2^53. */
  decimal(value: number): void {
    this.#room(20);
    if (value >= 0 && value < 10) {
      this.#bytes[this.#at++] = DIGIT_0 + value;
      return;
    }
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.#at++] = 0x2d;
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
      this.#bytes[this.#at++] = DIGIT_0 + ((value >>> (3 * digit)) & 7);
    }
  }

  /** ASCII text, some letters. */
  text(text: string): void {
    this.#room(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#at++] = text.charCodeAt(index);
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[at] = DIGIT_0 + rest - 10 * tenth;
      rest = tenth;
    }
    this.#at += count;
  }

  #long(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      if (this.#at === CHUNK) this.flush();
      const stop = Math.min(bytes.length, start + CHUNK - this.#at);
      this.#bytes.set(bytes.subarray(start, stop), this.#at);
      this.#at += stop - start;
      start = stop;
    }
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
