import { pipeline, Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { paxEntries, readPax } from './pax-records.ts';
import { SPARSE, type SparseHeader } from './sparse-files.ts';
import { SparseHeaders } from './sparse-headers.ts';
import {
  BLOCK,
  headerNumber,
  isZero,
  padded,
  TYPE_AT,
  TYPE_PAX,
  TYPE_PAX_GLOBAL,
  TYPES_LONG,
  ZEROS,
} from './tar-header.ts';

/**
 * What tar-stream does not tell of an entry: it decodes pax records as UTF-8, in which xattr values lose bytes, knows no
 * fractions of seconds, and reads on behind the end of an archive. It does say at which byte an entry's content starts:
 * so the bytes that go to it are kept up to there, and the headers are looked at again.
 */

/** Headers before one entry: long names, pax records, padding. Honest ones have some KiB. */
const MAX_GAP = 64 * 2 ** 20;
const STEP = ZEROS.length;

export interface RawHeaders extends SparseHeader {
  /** Names of the records of global pax headers before the entry. */
  readonly globals: readonly string[];
  /** As the header has it: whole seconds. */
  readonly mtime: number;
  /** Whether two blocks of zeros, which end an archive, lie before it. */
  readonly behindEnd: boolean;
}

/** A header as the library reads it; names are Latin-1. */
export interface TarHeader extends Omit<Header, 'type' | 'linkname' | 'pax'> {
  /** `null`: a type that the library does not know. */
  readonly type: Header['type'] | null;
  readonly linkname: string | null;
  /** Where the content starts in the tar. */
  readonly byteOffset: number;
}

export interface TarEntry {
  readonly header: TarHeader;
  readonly raw: RawHeaders;
  /** To be read before the next entry is asked for; what is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The entries of a tar in their order. Throws what the bytes' source throws, else errors that say why it is no tar. */
export async function* tarEntries(
  bytes: AsyncIterable<Uint8Array>,
  window = new TarWindow(),
): AsyncGenerator<TarEntry, void, void> {
  const sparse = new SparseHeaders();
  const unpacked = Readable.from(sparse.through(window.watch(bytes)), { objectMode: false });
  const options = { filenameEncoding: 'latin1', allowUnknownFormat: true }; // its types do not say
  const tar = extract(options as Parameters<typeof extract>[0]);
  pipeline(unpacked, tar, () => {}); // who reads it gets the error
  try {
    for await (const entry of tar) {
      const header = entry.header as unknown as TarHeader;
      const size = header.type === 'directory' ? 0 : header.size; // as the library goes on
      if (!Number.isSafeInteger(size)) throw new RangeError('an entry has no size that can be');
      const mapBlocks = sparse.blocksOf(header.byteOffset - BLOCK);
      const raw = { ...window.next(header.byteOffset, size), mapBlocks };
      yield { header, raw, content: entry as AsyncIterable<Uint8Array> };
      entry.resume(); // what nobody read
    }
    sparse.blocksOf(undefined);
  } finally {
    unpacked.destroy();
  }
}

/** Keeps the bytes of a tar from the end of one entry's content to the start of the next one's. */
export class TarWindow {
  #chunks: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #kept = 0;
  #from = 0;
  /** Bytes that came so far. */
  size = 0;

  /** @throws RangeError where the headers of one entry never end */
  async *watch(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const whole of bytes) {
      for (let at = 0; at < whole.length; at += STEP) {
        const chunk = whole.subarray(at, at + STEP);
        // zeros, as they lie behind the end, need not be kept to be known
        if (this.size + chunk.length > this.#from && !isZero(chunk)) {
          this.#chunks.push({ at: this.size, bytes: chunk });
          this.#kept += chunk.length;
          if (this.#kept > MAX_GAP) throw new RangeError(`more than ${MAX_GAP} bytes of headers before an entry`);
        }
        this.size += chunk.length;
        yield chunk;
      }
    }
  }

  /**
   * The headers before an entry, and on to the next.
   * @param contentAt where its content starts @param size bytes of the content that follows
   * @throws RangeError where they are none
   */
  next(contentAt: number, size: number): Omit<RawHeaders, 'mapBlocks'> {
    const headers = readHeaders(this.#bytes(contentAt));
    this.#from = contentAt + padded(size);
    this.#chunks = this.#chunks.filter(({ at, bytes }) => at + bytes.length > this.#from);
    this.#kept = this.#chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return headers;
  }

  /** Whether there is an end-of-archive mark behind the last entry: a block of zeros, or two. */
  get hasEnd(): boolean {
    return this.size - this.#from >= BLOCK && isZero(this.#bytes(this.#from + BLOCK));
  }

  #bytes(to: number): Uint8Array {
    const from = this.#from;
    if (to < from || to - from > MAX_GAP) throw new RangeError(`more than ${MAX_GAP} bytes of headers before an entry`);
    const bytes = new Uint8Array(to - from);
    for (const chunk of this.#chunks) {
      if (chunk.at >= to || chunk.at + chunk.bytes.length <= from) continue;
      const start = Math.max(from - chunk.at, 0);
      bytes.set(chunk.bytes.subarray(start, Math.min(to - chunk.at, chunk.bytes.length)), chunk.at + start - from);
    }
    return bytes;
  }
}

/** @param bytes of which the last block is the entry's own header */
function readHeaders(bytes: Uint8Array): Omit<RawHeaders, 'mapBlocks'> {
  let records: RawHeaders['sparse'] = [];
  const globals: string[] = [];
  let behindEnd = false;
  let zeros = 0;
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const header = bytes.subarray(at, at + BLOCK);
    const content = at + BLOCK;
    const type = header[TYPE_AT] ?? 0;
    if (isZero(header)) {
      zeros += 1;
      behindEnd ||= zeros > 1;
      at += BLOCK;
      continue;
    }
    zeros = 0;
    if (content === bytes.length) {
      const mtime = headerNumber(header.subarray(136, 148));
      const sparse = records.filter(([name]) => name.startsWith(SPARSE));
      const own = { pax: new Map(records), sparse, header, type: String.fromCharCode(type) };
      return { ...own, globals, mtime, behindEnd };
    }
    const size = headerNumber(header.subarray(124, 136));
    if (type === TYPE_PAX) records = paxEntries(bytes.subarray(content, content + size));
    else if (type === TYPE_PAX_GLOBAL) globals.push(...readPax(bytes.subarray(content, content + size)).keys());
    else if (!TYPES_LONG.has(type)) break;
    at = content + padded(size);
  }
  throw new RangeError('headers that contradict each other');
}
