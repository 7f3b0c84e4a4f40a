import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';

export const MAGIC_LENGTH = 6;
/** What zstd takes at a time: four bytes of it can stand for 128 KiB, and all that come out are held. */
const ZSTD_STEP = 1024;
const magics: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b] },
  { name: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
];

/** How bytes are compressed, by the first `MAGIC_LENGTH` of them; undefined: they are not. */
export const compressionOf = (head: Uint8Array): string | undefined =>
  magics.find((magic) => magic.bytes.every((byte, index) => head[index] === byte))?.name;

/**
 * Bytes as they were before they were compressed, by their first bytes and whatever a media type says: gzip, zstd, or as
 * they are.
 *
 * @param onCompressed called first where they are compressed
 * @throws RangeError where they are compressed otherwise; what the decompressors throw
 */
export async function* decompress(
  bytes: AsyncIterable<Uint8Array>,
  onCompressed?: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  const { head, all } = await peek(bytes);
  const name = compressionOf(head);
  if (name !== undefined) onCompressed?.();
  switch (name) {
    case undefined:
      yield* all;
      return;
    case 'gzip':
      yield* pipeline(Readable.from(all, { objectMode: false }), createGunzip(), () => {}); // who reads it gets the error
      return;
    case 'zstd':
      yield* unpackZstd(all);
      return;
    default:
      for await (const chunk of all) if (chunk.length > 0) break; // closes what it comes from
      throw new RangeError(`it is compressed with ${name}, which cannot be read here`);
  }
}

async function peek(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const heads: Uint8Array[] = [];
  let length = 0;
  while (length < MAGIC_LENGTH) {
    const next = await iterator.next();
    if (next.done === true) break;
    heads.push(next.value);
    length += next.value.length;
  }
  const all = async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* heads;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(heads), all: all() };
}

async function* unpackZstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let out: Uint8Array[] = [];
  const unpack = new Decompress((chunk) => out.push(chunk));
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += ZSTD_STEP) {
      unpack.push(chunk.subarray(at, at + ZSTD_STEP));
      yield* out;
      out = [];
    }
  }
  unpack.push(new Uint8Array(0), true);
  yield* out;
}
