import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { extract } from 'tar-stream';
import { StoreError } from '../stores/store-error.ts';

/** Entries of one layer, and bytes that may come out of it: more is no layer but a bomb. */
const MAX_ENTRIES = 5_000_000;
const MAX_BYTES = 2 ** 40;
/** Layers in an archive in a layer: an OCI archive holds tars, those hold none. */
const MAX_DEPTH = 2;

/** A regular file of a layer. */
export interface LayerFile {
  /** As the tar has it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** To be read before the next file is asked for; what is not read is skipped. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

type Compression = 'tar' | 'gzip' | 'zstd';

/** What the first bytes of a file say: a tar, maybe compressed; undefined: neither. @param head 512 bytes or more */
export function layerKind(head: Uint8Array): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar' ? 'tar' : undefined;
}

/**
 * The regular files of a layer, or of the layers in an OCI or docker archive, in the order in which they lie.
 * @throws StoreError `EBADMSG` where it cannot be unpacked, `EFBIG` where it never ends
 */
export async function* layerFiles(path: string, kind: Compression): AsyncGenerator<LayerFile, void, void> {
  yield* entriesOf(createReadStream(path, { highWaterMark: 1 << 20 }), kind, path, 0);
}

async function* entriesOf(
  bytes: AsyncIterable<Uint8Array>,
  kind: Compression,
  path: string,
  depth: number,
): AsyncGenerator<LayerFile, void, void> {
  const unpacked = Readable.from(limited(unpack(bytes, kind), path), { objectMode: false });
  const tar = extract();
  pipeline(unpacked, tar, () => {}); // who reads it gets the error
  let entries = 0;
  try {
    for await (const entry of tar) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw new StoreError('EFBIG', path, `${path}: more than ${MAX_ENTRIES} entries`);
      const { name, size = 0, type } = entry.header;
      const content = entry as AsyncIterable<Uint8Array>; // its types do not say of what it is a stream
      const isLayer = /(?:^|\/)(?:blobs\/sha256\/[0-9a-f]{64}|layer\.tar)$/.test(name);
      if (type !== 'file' && type !== 'contiguous-file') entry.resume();
      else if (isLayer && depth < MAX_DEPTH) yield* nestedEntries(content, path, depth);
      else {
        yield { name, size, chunks: content };
        entry.resume(); // what nobody read
      }
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('EBADMSG', path, `${path} cannot be unpacked: ${why}`, error);
  } finally {
    unpacked.destroy();
  }
}

async function* nestedEntries(
  entry: AsyncIterable<Uint8Array>,
  path: string,
  depth: number,
): AsyncGenerator<LayerFile, void, void> {
  const iterator = entry[Symbol.asyncIterator]();
  const heads: Uint8Array[] = [];
  let length = 0;
  while (length < 512) {
    const next = await iterator.next();
    if (next.done === true) break;
    heads.push(next.value);
    length += next.value.length;
  }
  const kind = layerKind(Buffer.concat(heads));
  const all = async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield* heads;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  if (kind !== undefined) yield* entriesOf(all(), kind, path, depth + 1);
  for await (const bytes of all()) if (bytes.length < 0) return; // to its end: manifests and configs
}

async function* unpack(bytes: AsyncIterable<Uint8Array>, kind: Compression): AsyncGenerator<Uint8Array, void, void> {
  if (kind === 'tar') yield* bytes;
  else if (kind === 'gzip') {
    const source = Readable.from(bytes, { objectMode: false });
    yield* pipeline(source, createGunzip(), () => {}); // who reads it gets the error
  } else yield* unpackZstd(bytes);
}

async function* unpackZstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let out: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => out.push(chunk));
  for await (const chunk of bytes) {
    decompress.push(chunk);
    yield* out;
    out = [];
  }
  decompress.push(new Uint8Array(0), true);
  yield* out;
}

async function* limited(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array, void, void> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > MAX_BYTES) throw new StoreError('EFBIG', path, `${path}: more than ${MAX_BYTES} bytes when unpacked`);
    yield chunk;
  }
}
