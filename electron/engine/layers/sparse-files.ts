import { BLOCK, headerNumber, ZEROS } from './tar-header.ts';

/** A piece of a file that has bytes; between them are zeros. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

/** A file of which a tar has only the pieces that are not zeros. */
export interface SparseFile {
  /** With its holes. */
  readonly size: number;
  /** In their order; they do not overlap. */
  readonly pieces: readonly Piece[];
  /** Bytes of the map that lies before the content. */
  readonly mapBytes: number;
  /** With its holes; to be read once. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** What a tar says of an entry that may be sparse. */
export interface SparseHeader {
  /** The header's typeflag, a letter. */
  readonly type: string;
  /** The header, 512 bytes. */
  readonly header: Uint8Array;
  /** Of GNU's old format: blocks of map in front of the content. */
  readonly mapBlocks: number;
  readonly pax: ReadonlyMap<string, string>;
  /** Records of the pax header whose name starts with `GNU.sparse.`, in their order. */
  readonly sparse: readonly (readonly [name: string, value: string])[];
}

export const SPARSE = 'GNU.sparse.';
const OLD_TYPE = 'S';
/** More pieces than that has no file that anybody packs. */
const MAX_PIECES = 2 ** 20;
const MAX_DIGITS = 16;
const ENTRY = 24;

export const isSparse = ({ type, sparse }: SparseHeader): boolean => type === OLD_TYPE || sparse.length > 0;

/** The file's name, where the header has another one for tools that do not know of sparse files. */
export const sparseName = ({ pax }: SparseHeader): string | undefined => pax.get(`${SPARSE}name`);

/**
 * Reads the map of a sparse file: GNU's old format, and in pax headers the formats 0.0, 0.1 and 1.0.
 *
 * @see GNU tar's manual, “Storing Sparse Files”
 * @param stored bytes that the archive has of it, with the map where that lies among them
 * @param content of those bytes
 * @throws RangeError where the map is none, or is not that of the bytes
 */
export async function readSparse(
  header: SparseHeader,
  stored: number,
  content: AsyncIterable<Uint8Array>,
): Promise<SparseFile> {
  const bytes = new Bytes(content);
  const { size, numbers } = await readMap(header, bytes);
  const pieces = piecesOf(numbers, size);
  const data = pieces.reduce((sum, { length }) => sum + length, 0);
  if (data !== stored - bytes.taken) {
    throw new RangeError(`its map tells of ${data} bytes, and the archive has ${stored - bytes.taken}`);
  }
  return { size, pieces, mapBytes: bytes.taken, content: withHoles(pieces, size, bytes.rest()) };
}

/** Bytes of a file, with its holes. @param data of its pieces, one behind the other */
export async function* withHoles(
  pieces: readonly Piece[],
  size: number,
  data: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  let index = 0;
  for await (const chunk of data) {
    for (let from = 0; from < chunk.length;) {
      const piece = pieces[index];
      if (piece === undefined) return;
      if (at < piece.offset) yield* zeros(piece.offset - at);
      at = Math.max(at, piece.offset);
      const end = piece.offset + piece.length;
      const part = chunk.subarray(from, from + end - at);
      if (part.length > 0) yield part;
      from += part.length;
      at += part.length;
      if (at >= end) index += 1;
    }
  }
  yield* zeros(size - at);
}

function* zeros(count: number): Generator<Uint8Array, void, void> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

interface SparseMap {
  readonly size: number;
  /** Offset and length of each piece. */
  readonly numbers: readonly number[];
}

function readMap(header: SparseHeader, bytes: Bytes): Promise<SparseMap> | SparseMap {
  const { pax, sparse, type } = header;
  if (type === OLD_TYPE) return oldMap(header, bytes);
  const major = pax.get(`${SPARSE}major`);
  if (major !== undefined) {
    const version = `${major}.${pax.get(`${SPARSE}minor`) ?? '0'}`;
    if (version !== '1.0') throw new RangeError(`it is in the sparse format ${version}, which nobody knows`);
    return mapInContent(numberOf(pax.get(`${SPARSE}realsize`) ?? pax.get(`${SPARSE}size`), 'real size'), bytes);
  }
  const size = numberOf(pax.get(`${SPARSE}size`), 'real size');
  const map = pax.get(`${SPARSE}map`);
  const texts =
    map === undefined
      ? sparse.flatMap(([name, value]) => (/^GNU\.sparse\.(?:offset|numbytes)$/.test(name) ? [value] : []))
      : map.split(',').filter((text) => text !== '');
  const numbers = texts.map((text) => numberOf(text, 'number of its map'));
  const count = numberOf(pax.get(`${SPARSE}numblocks`), 'number of pieces');
  if (numbers.length !== 2 * count) {
    throw new RangeError(`it says that it has ${count} pieces, and its map has ${numbers.length / 2}`);
  }
  return { size, numbers };
}

async function oldMap({ header, mapBlocks }: SparseHeader, bytes: Bytes): Promise<SparseMap> {
  const size = safe(headerNumber(header.subarray(483, 495)), 'real size');
  const numbers: number[] = [];
  const take = (block: Uint8Array, from: number, entries: number): void => {
    for (let at = from; at < from + entries * ENTRY; at += ENTRY / 2) {
      const field = block.subarray(at, at + ENTRY / 2);
      // an entry that is not used has no digits
      if (field[0] === 0 && (at - from) % ENTRY === 0) return;
      numbers.push(safe(headerNumber(field), 'number of its map'));
    }
  };
  take(header, 386, 4);
  for (let block = 0; block < mapBlocks; block += 1) take(await bytes.take(BLOCK), 0, 21);
  return { size, numbers };
}

/** Lines of digits, how many pieces first; padded to whole blocks. */
async function mapInContent(size: number, bytes: Bytes): Promise<SparseMap> {
  let text = '';
  const line = async (): Promise<number> => {
    for (;;) {
      const end = text.indexOf('\n');
      if (end >= 0) {
        const number = numberOf(text.slice(0, end), 'number of its map');
        text = text.slice(end + 1);
        return number;
      }
      if (text.length > MAX_DIGITS) throw new RangeError('it has no map');
      text += Buffer.from(await bytes.take(BLOCK)).toString('latin1');
    }
  };
  const count = await line();
  if (count > MAX_PIECES) throw new RangeError(`it says that it has ${count} pieces: ${MAX_PIECES} are the most`);
  const numbers: number[] = [];
  for (let index = 0; index < 2 * count; index += 1) numbers.push(await line());
  return { size, numbers };
}

function piecesOf(numbers: readonly number[], size: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const offset = numbers[index] ?? 0;
    const length = numbers[index + 1] ?? 0;
    if (offset < end) throw new RangeError(`its map overlaps itself at byte ${offset}`);
    if (offset + length > size) throw new RangeError(`its map goes on to byte ${offset + length} of ${size}`);
    end = offset + length;
    if (length > 0) pieces.push({ offset, length });
  }
  return pieces;
}

function safe(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`it has no ${what} that can be`);
  return value;
}

function numberOf(text: string | undefined, what: string): number {
  if (text === undefined || !/^\d{1,16}$/.test(text)) {
    throw new RangeError(`it has no ${what} that can be: ${JSON.stringify(text ?? '').slice(0, 40)}`);
  }
  return safe(Number(text), what);
}

/** Bytes of which the first ones are taken off. */
class Bytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);
  taken = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  /** @throws RangeError where there are fewer */
  async take(count: number): Promise<Uint8Array> {
    while (this.#left.length < count) {
      const next = await this.#iterator.next();
      if (next.done === true) throw new RangeError('its map has no end');
      this.#left = Buffer.concat([this.#left, next.value]);
    }
    const taken = this.#left.subarray(0, count);
    this.#left = this.#left.subarray(count);
    this.taken += count;
    return taken;
  }

  async *rest(): AsyncGenerator<Uint8Array, void, void> {
    if (this.#left.length > 0) yield this.#left;
    for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
      yield next.value;
    }
  }
}
