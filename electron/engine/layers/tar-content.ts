import { stat } from 'node:fs/promises';
import type { ContentSource } from '../content.ts';
import { StoreError, storeError } from '../stores/store-error.ts';
import { compressionOf, decompress, MAGIC_LENGTH } from './decompress.ts';
import { withHoles, type Piece } from './sparse-files.ts';

/** Where the bytes of a file lie in a tar that is unpacked. */
export interface TarPlace {
  readonly at: number;
  /** Of a sparse file: what of it has bytes. */
  readonly pieces?: readonly Piece[] | undefined;
}

/** A compressed file is unpacked up to where a part of it lies: one that is no larger is kept for the next part. */
const MAX_KEPT = 16 * 2 ** 20;

/** The bytes of a layer's tar, as long as the file that they are in stays the same. */
export class TarBytes {
  readonly #path: string;
  readonly #stored: (start: number) => AsyncIterable<Uint8Array>;
  readonly #identity: string;
  #isCompressed: boolean | undefined;
  #kept: { readonly at: number; readonly bytes: Uint8Array } | undefined;

  /** @param path of the file in which they lie @param stored bytes of the layer as it is stored, from one on */
  static async of(path: string, stored: (start: number) => AsyncIterable<Uint8Array>): Promise<TarBytes> {
    return new TarBytes(path, stored, await identityOf(path));
  }

  private constructor(path: string, stored: (start: number) => AsyncIterable<Uint8Array>, identity: string) {
    this.#path = path;
    this.#stored = stored;
    this.#identity = identity;
  }

  /** @param size of the file, with its holes */
  contentOf(place: TarPlace, size: number): ContentSource {
    return {
      size,
      read: (offset, length) => this.#part(place, size, offset, length),
      all: (signal) => this.#content(place, size, 0, signal),
    };
  }

  async #part(place: TarPlace, size: number, offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(size, offset + length);
    if (end <= offset) return new Uint8Array(0);
    if (this.#kept?.at === place.at) return this.#kept.bytes.slice(offset, end);
    if (size > MAX_KEPT || !(await this.#findCompressed())) return this.#collect(place, size, offset, end);
    const bytes = await this.#collect(place, size, 0, size);
    this.#kept = { at: place.at, bytes };
    return bytes.slice(offset, end);
  }

  async #collect(place: TarPlace, size: number, offset: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - offset);
    let at = 0;
    for await (const piece of this.#content(place, size, offset)) {
      bytes.set(piece.subarray(0, bytes.length - at), at);
      at += piece.length;
      if (at >= bytes.length) break;
    }
    return bytes;
  }

  /** Bytes of a file from `offset` on. @throws StoreError `ESTALE` where the tar is another one by now */
  async *#content(
    { at, pieces = [{ offset: 0, length: Infinity }] }: TarPlace,
    size: number,
    offset: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    if ((await identityOf(this.#path)) !== this.#identity) {
      throw new StoreError('ESTALE', this.#path, `${this.#path} has changed since it was opened: open it again`);
    }
    let before = 0;
    let left = 0;
    const shown: Piece[] = [];
    for (const piece of pieces) {
      const end = Math.min(size, piece.offset + piece.length);
      const start = Math.max(piece.offset, offset);
      before += Math.max(0, Math.min(end, offset) - piece.offset);
      if (start >= end) continue;
      left += end - start;
      shown.push({ offset: start - offset, length: end - start });
    }
    for await (const bytes of withHoles(shown, size - offset, this.#from(at + before, left))) {
      signal?.throwIfAborted();
      yield bytes;
    }
  }

  /** Bytes of the tar when it is unpacked. */
  async *#from(at: number, length: number): AsyncGenerator<Uint8Array, void, void> {
    if (length === 0) return;
    const isCompressed = await this.#findCompressed();
    let skip = isCompressed ? at : 0;
    let left = length;
    for await (const chunk of isCompressed ? decompress(this.#stored(0)) : this.#stored(at)) {
      const part = chunk.subarray(skip, skip + left);
      skip = Math.max(0, skip - chunk.length);
      left -= part.length;
      if (part.length > 0) yield part;
      if (left === 0) return;
    }
    throw new StoreError('EBADMSG', this.#path, `${this.#path} ends before the file does`);
  }

  async #findCompressed(): Promise<boolean> {
    if (this.#isCompressed !== undefined) return this.#isCompressed;
    let head: Uint8Array = new Uint8Array(0);
    for await (const chunk of this.#stored(0)) {
      head = Buffer.concat([head, chunk.subarray(0, MAGIC_LENGTH)]);
      if (head.length >= MAGIC_LENGTH) break;
    }
    return (this.#isCompressed = compressionOf(head) !== undefined);
  }
}

async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(' ');
  } catch (error) {
    throw storeError(error, path);
  }
}
