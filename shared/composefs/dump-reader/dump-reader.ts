import { ImageError } from '../../erofs/image-error.ts';
import type { Image } from '../../tree/image.ts';
import { DumpLines } from './dump-lines.ts';
import type { DumpPlace } from './dump-fault.ts';

const LF = 0x0a;
/** What the longest fields and 65,535 bytes of xattrs come to, and a path of any honest depth. */
const MAX_LINE = 1 << 20;

/**
 * Reads a dump, the text of `composefs-info dump` and `mkcomposefs --from-file`, piece by piece: what a piece holds is
 * copied as far as it is needed, and the piece may be used again.
 *
 * It is strict: what mkcomposefs 1.0.8 misunderstands or takes for something else is refused (dump-format.md, section 3,
 * “Accepted by 1.0.8, to be rejected”). What is merely ignored there becomes a warning among the image's problems.
 */
export class DumpReader {
  readonly #lines: DumpLines;
  /** A line that the last piece has begun. */
  #begun = new Uint8Array(1 << 12);
  #begunLength = 0;
  #line = 1;
  #offset = 0;

  /** @param bytes length of the text, where it is known: a guess that saves growing, not a limit */
  constructor(bytes = 1 << 16) {
    this.#lines = new DumpLines(bytes);
  }

  /** @throws ImageError `corrupt` or `limit`, with line and column in words, and the offset in the text */
  push(piece: Uint8Array): void {
    let from = 0;
    if (this.#begunLength > 0) {
      const end = piece.indexOf(LF);
      this.#begin(piece, 0, end < 0 ? piece.length : end);
      if (end < 0) return;
      this.#take(this.#begun, 0, this.#begunLength);
      this.#begunLength = 0;
      from = end + 1;
    }
    for (let end = piece.indexOf(LF, from); end >= 0; end = piece.indexOf(LF, from)) {
      this.#take(piece, from, end);
      from = end + 1;
    }
    if (from < piece.length) this.#begin(piece, from, piece.length);
  }

  /** @throws ImageError as `push`, and for what only the whole can say: targets of hard links */
  finish(): Image {
    if (this.#begunLength > 0) this.#take(this.#begun, 0, this.#begunLength);
    this.#begunLength = 0;
    return this.#lines.finish();
  }

  #begin(piece: Uint8Array, from: number, to: number): void {
    const length = this.#begunLength + to - from;
    if (length > MAX_LINE) throw this.#tooLong();
    if (length > this.#begun.length) {
      const more = new Uint8Array(Math.min(MAX_LINE, 2 * length));
      more.set(this.#begun.subarray(0, this.#begunLength));
      this.#begun = more;
    }
    this.#begun.set(piece.subarray(from, to), this.#begunLength);
    this.#begunLength = length;
  }

  #take(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > MAX_LINE) throw this.#tooLong();
    const place: DumpPlace = { bytes, from, to, line: this.#line, offset: this.#offset };
    this.#lines.add(place);
    this.#line += 1;
    this.#offset += to - from + 1;
  }

  #tooLong(): ImageError {
    const message = `line ${this.#line}, column ${MAX_LINE + 1}: a line has at most ${MAX_LINE} bytes`;
    return new ImageError('limit', message, { offset: this.#offset + MAX_LINE });
  }
}

/** A dump that lies in memory as a whole; nothing of it is kept. @throws ImageError as `DumpReader` */
export function openDump(text: Uint8Array): Image {
  const reader = new DumpReader(text.length);
  reader.push(text);
  return reader.finish();
}
