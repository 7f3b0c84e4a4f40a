/** The bytes of an image, for who compares them with another's. */
export interface Raw {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Four bytes each, in the machine's own order: they say whether two are the same, and nothing else. */
  readonly words: Int32Array;
}

/** @param bytes a whole image; copied where it does not begin at a word of its buffer */
export function rawOf(bytes: Uint8Array): Raw {
  const { buffer, byteOffset, byteLength } = aligned(bytes);
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    words: new Int32Array(buffer, byteOffset, byteLength >>> 2),
  };
}

const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 4 === 0 ? bytes : bytes.slice());

/** Whether two ranges of whole words are the same; false where one does not lie in its image. Offsets and length in bytes. */
export function equalWords(a: Int32Array, atA: number, b: Int32Array, atB: number, bytes: number): boolean {
  const [fromA, fromB, count] = [atA >>> 2, atB >>> 2, bytes >>> 2];
  if (fromA + count > a.length || fromB + count > b.length) return false;
  for (let at = 0; at < count; at += 1) if (a[fromA + at] !== b[fromB + at]) return false;
  return true;
}

/** As `equalWords`, of any bytes. */
export function equalRange(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  if (atA + length > a.length || atB + length > b.length) return false;
  for (let at = 0; at < length; at += 1) if (a[atA + at] !== b[atB + at]) return false;
  return true;
}

/** Order of two names by their bytes: below 0, 0, above 0. */
export function compareNames(a: Raw, atA: number, lengthA: number, b: Raw, atB: number, lengthB: number): number {
  const shorter = lengthA < lengthB ? lengthA : lengthB;
  let index = 0;
  // four at a time, as far as they are the same
  while (index + 4 <= shorter && a.view.getInt32(atA + index) === b.view.getInt32(atB + index)) index += 4;
  for (; index < shorter; index += 1) {
    const difference = (a.bytes[atA + index] ?? 0) - (b.bytes[atB + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
