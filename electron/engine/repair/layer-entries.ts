import { createReadStream } from 'node:fs';
import { compressionOf, decompress } from '../layers/decompress.ts';
import { isSparse, readSparse, sparseName } from '../layers/sparse-files.ts';
import { tarEntries } from '../layers/tar-entries.ts';
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

/** Whether the first bytes of a file are those of a tar, maybe compressed. @param head 512 bytes or more */
export function isLayer(head: Uint8Array): boolean {
  const compression = compressionOf(head);
  if (compression !== undefined) return compression === 'gzip' || compression === 'zstd';
  return Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar';
}

/**
 * The regular files of a layer, or of the layers in an OCI or docker archive, in the order in which they lie.
 * @throws StoreError `EBADMSG` where it cannot be unpacked, `EFBIG` where it never ends
 */
export async function* layerFiles(path: string): AsyncGenerator<LayerFile, void, void> {
  yield* entriesOf(createReadStream(path, { highWaterMark: 1 << 20 }), path, 0);
}

async function* entriesOf(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  depth: number,
): AsyncGenerator<LayerFile, void, void> {
  let entries = 0;
  try {
    for await (const { header, raw, content } of tarEntries(limited(decompress(bytes), path))) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw new StoreError('EFBIG', path, `${path}: more than ${MAX_ENTRIES} entries`);
      const type = raw.type === 'S' ? 'file' : header.type;
      if (type !== 'file' && type !== 'contiguous-file') continue;
      const name = Buffer.from(sparseName(raw) ?? raw.pax.get('path') ?? header.name, 'latin1').toString();
      const isBlob = /(?:^|\/)(?:blobs\/sha256\/[0-9a-f]{64}|layer\.tar|[0-9a-f]{64}\.tar)$/.test(name);
      if (isBlob && depth < MAX_DEPTH) yield* nestedEntries(content, path, depth);
      else if (isSparse(raw)) {
        const { size, content: chunks } = await readSparse(raw, header.size, content);
        yield { name, size, chunks };
      } else yield { name, size: header.size, chunks: content };
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('EBADMSG', path, `${path} cannot be unpacked: ${why}`, error);
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
  const all = async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield* heads;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  if (isLayer(Buffer.concat(heads))) yield* entriesOf(all(), path, depth + 1);
  for await (const bytes of all()) if (bytes.length < 0) return; // to its end: manifests and configs
}

async function* limited(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array, void, void> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > MAX_BYTES) throw new StoreError('EFBIG', path, `${path}: more than ${MAX_BYTES} bytes when unpacked`);
    yield chunk;
  }
}
