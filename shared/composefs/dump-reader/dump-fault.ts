import { ImageError, type ImageErrorCode } from '../../erofs/image-error.ts';
import { displayBytes } from '../../tree/text.ts';

/** The line that is being read: what is needed to say where something is wrong. */
export interface DumpPlace {
  readonly bytes: Uint8Array;
  /** Where the line begins in `bytes`, and where its LF is. */
  readonly from: number;
  readonly to: number;
  /** Counted from 1. */
  readonly line: number;
  /** Where the line begins in the file, in bytes. */
  readonly offset: number;
}

const LONGEST_SHOWN = 80;

/** Bytes of a line as text, cut where they are many. */
export function shown(bytes: Uint8Array, from: number, to: number): string {
  const text = displayBytes(bytes.subarray(from, Math.min(to, from + LONGEST_SHOWN)));
  return to - from > LONGEST_SHOWN ? `${text}…` : text;
}

/**
 * What is wrong with a line: `line 7, column 3: …`, columns counted in bytes from 1.
 *
 * @param at where in `place.bytes`
 */
export function dumpFault(place: DumpPlace, at: number, message: string, code: ImageErrorCode = 'corrupt'): ImageError {
  const { bytes, from, to, line, offset } = place;
  const space = bytes.subarray(from, to).indexOf(0x20);
  const path = bytes[from] === 0x2f ? shown(bytes, from, space < 0 ? to : from + space) : undefined;
  return new ImageError(code, `line ${line}, column ${at - from + 1}: ${message}`, {
    ...(path !== undefined && { path }),
    offset: offset + at - from,
  });
}
