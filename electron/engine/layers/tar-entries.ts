import { pipeline, Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';

/**
 * What tar-stream does not tell of an entry: it decodes pax records as UTF-8, in which xattr values lose bytes, knows no
 * fractions of seconds, and reads on behind the end of an archive. It does say at which byte an entry's content starts:
 * so the bytes that go to it are kept up to there, and the headers are looked at again.
 */

const BLOCK = 512;
/** Headers before one entry: long names, pax records, padding. Honest ones have some KiB. */
const MAX_GAP = 64 * 2 ** 20;
const STEP = 2 ** 20;

const TYPE_AT = 156;
const TYPE_PAX = 0x78; // x
const TYPE_PAX_GLOBAL = 0x67; // g
/** GNU's long names: the library reads those. */
const TYPES_LONG: ReadonlySet<number> = new Set([0x4b, 0x4c, 0x4e]); // K, L, N

export interface RawHeaders {
  /** Records of the entry's own pax header, Latin-1: a letter a byte. */
  readonly pax: ReadonlyMap<string, string>;
  /** Names of the records of global pax headers before the entry. */
  readonly globals: readonly string[];
  /** The header's typeflag, a letter. */
  readonly type: string;
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
  const unpacked = Readable.from(window.watch(bytes), { objectMode: false });
  const options = { filenameEncoding: 'latin1', allowUnknownFormat: true }; // its types do not say
  const tar = extract(options as Parameters<typeof extract>[0]);
  pipeline(unpacked, tar, () => {}); // who reads it gets the error
  try {
    for await (const entry of tar) {
      const header = entry.header as unknown as TarHeader;
      const size = header.type === 'directory' ? 0 : header.size; // as the library goes on
      if (!Number.isSafeInteger(size)) throw new RangeError('an entry has no size that can be');
      const raw = window.next(header.byteOffset, size);
      yield { header, raw, content: entry as AsyncIterable<Uint8Array> };
      entry.resume(); // what nobody read
    }
  } finally {
    unpacked.destroy();
  }
}

/** How many bytes of content take in the archive: whole blocks. */
const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;
const ZEROS = new Uint8Array(STEP);
/** @param bytes `STEP` at the most */
const isZero = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) === 0;

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
  next(contentAt: number, size: number): RawHeaders {
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
function readHeaders(bytes: Uint8Array): RawHeaders {
  let pax: ReadonlyMap<string, string> = new Map();
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
      return { pax, globals, type: String.fromCharCode(type), mtime, behindEnd };
    }
    const size = headerNumber(header.subarray(124, 136));
    if (type === TYPE_PAX) pax = readPax(bytes.subarray(content, content + size));
    else if (type === TYPE_PAX_GLOBAL) globals.push(...readPax(bytes.subarray(content, content + size)).keys());
    else if (!TYPES_LONG.has(type)) break;
    at = content + padded(size);
  }
  throw new RangeError('headers that contradict each other');
}

/** Records of a pax header: `LENGTH NAME=VALUE\n`, where values are any bytes. The last one of a name counts. */
function readPax(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const text = Buffer.from(bytes).toString('latin1');
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(' ', at);
    const digits = space < 0 ? '' : text.slice(at, space);
    const end = at + Number(digits);
    const equals = text.indexOf('=', space);
    const isRecord = /^\d{1,8}$/.test(digits) && end <= text.length && text[end - 1] === '\n';
    if (!isRecord || equals < 0 || equals >= end) throw new RangeError('a pax header that is none');
    records.set(text.slice(space + 1, equals), text.slice(equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** A number as tar has them: octal digits, or GNU's big-endian two's complement with the highest bit set. */
function headerNumber(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = BigInt(`0x${Buffer.from(field).toString('hex')}`);
    return Number(BigInt.asIntN(field.length * 8 - 1, value));
  }
  const digits = Buffer.from(field).toString('latin1').replaceAll('\0', ' ').trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
