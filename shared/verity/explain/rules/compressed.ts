import { Gunzip } from 'fflate';
import { Decompress } from 'fzstd';
import { count } from '../words.ts';
import { finding, type Change, type Rule } from '../evidence.ts';

interface Format {
  readonly name: string;
  readonly magic: readonly number[];
  /** undefined: it is recognised, but cannot be unpacked here. */
  readonly unpack: Change | undefined;
}

interface Unpacker {
  readonly push: (chunk: Uint8Array, isLast: boolean) => void;
}

/** Feeds chunks through a library that calls back. Bad data ends it: what came so far is not the right content. */
const unpackWith = (make: (emit: (bytes: Uint8Array) => void) => Unpacker): Change =>
  async function* unpack(chunks) {
    let out: Uint8Array[] = [];
    const unpacker = make((bytes) => out.push(bytes));
    const push = (chunk: Uint8Array, isLast: boolean): boolean => {
      try {
        unpacker.push(chunk, isLast);
        return true;
      } catch {
        return false;
      }
    };
    for await (const chunk of chunks) {
      // a little at a time, so that little can come out of it
      for (let at = 0; at < chunk.length; at += PIECE) {
        if (!push(chunk.slice(at, at + PIECE), false)) return;
        yield* out;
        out = [];
      }
    }
    if (push(new Uint8Array(0), true)) yield* out;
  };
const PIECE = 4096;

const formats: readonly Format[] = [
  {
    name: 'gzip',
    magic: [0x1f, 0x8b],
    unpack: unpackWith((emit) => {
      const gunzip = new Gunzip((bytes) => emit(bytes));
      return { push: (chunk, isLast) => gunzip.push(chunk, isLast) };
    }),
  },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    unpack: unpackWith((emit) => {
      const decompress = new Decompress((bytes) => emit(bytes));
      return { push: (chunk, isLast) => decompress.push(chunk, isLast) };
    }),
  },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], unpack: undefined },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: undefined },
];

/** The right content, compressed: a blob of a layer or a registry, stored as it came. */
export const compressed: Rule = {
  id: 'compressed',
  examine: async ({ status, expected, found, content, measureChanged, passLimit }) => {
    if (status !== 'digest-mismatch' && status !== 'size-mismatch') return undefined;
    const facts = await content();
    if (facts === undefined || found === undefined) return { notTried: 'Whether it is compressed: it was not read.' };
    if (facts.verity[expected.algorithm] === expected.digest) return undefined;
    const format = formats.find(({ magic }) => magic.every((byte, at) => facts.head[at] === byte));
    if (format === undefined) return { ruledOut: 'It is not compressed by gzip, zstd, bzip2 or xz.' };
    const { name, unpack } = format;
    const sizes = [['Size', `${count(found.size, 'byte')}; ${count(expected.size, 'byte')} are expected`]] as const;
    if (unpack === undefined || expected.size > passLimit) {
      const why = unpack === undefined ? `${name} is not unpacked here` : 'it is too large to be unpacked for it';
      const sentence = `It begins as ${name} does: it may be the right content compressed, but ${why}.`;
      return finding('compressed', 'possible', sentence, sizes);
    }
    const digest = await measureChanged(unpack, expected.size);
    if (digest === expected.digest) {
      return finding(
        'compressed',
        'certain',
        `It is the right content, compressed by ${name}.`,
        [...sizes, ['Digest when unpacked', digest ?? '']],
        `Unpack it (\`${name} -d\`): what comes out is the object.`,
      );
    }
    return { ruledOut: `It is ${name}, but what comes out of it is not the right content.` };
  },
};
