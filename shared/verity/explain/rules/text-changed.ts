import { finding, type Change, type Rule } from '../evidence.ts';

const CR = 0x0d;
const LF = 0x0a;
const BOM = [0xef, 0xbb, 0xbf];

interface TextChange {
  /** What was done to the right content, for a sentence. */
  readonly name: string;
  /** Undoes it. */
  readonly undo: Change;
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
};

/** CRLF becomes LF; other CRs stay. */
async function* toLf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let held = false; // a CR at the end of the chunk before
  for await (const chunk of chunks) {
    const out = new Uint8Array(chunk.length + 1);
    let length = 0;
    for (const byte of chunk) {
      if (held && byte !== LF) out[length++] = CR;
      held = byte === CR;
      if (!held) out[length++] = byte;
    }
    yield out.subarray(0, length);
  }
  if (held) yield Uint8Array.of(CR);
}

/** LF becomes CRLF; those that are CRLF already stay. */
async function* toCrlf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let before = 0;
  for await (const chunk of chunks) {
    const out = new Uint8Array(chunk.length * 2);
    let length = 0;
    for (const byte of chunk) {
      if (byte === LF && before !== CR) out[length++] = CR;
      out[length++] = byte;
      before = byte;
    }
    yield out.subarray(0, length);
  }
}

/** All but the last bytes, where those are `end`; where they are not, nothing comes. */
const withoutEnd = (end: readonly number[]): Change =>
  async function* cut(chunks) {
    let held: Uint8Array = new Uint8Array(0);
    for await (const chunk of chunks) {
      const all = concat(held, chunk);
      const keep = Math.max(0, all.length - end.length);
      yield all.slice(0, keep);
      held = all.slice(keep);
    }
    if (!end.every((byte, at) => held[at] === byte)) yield held;
  };

/** All newlines at the end are taken away. */
async function* withoutNewlines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const all = held.length === 0 ? chunk : concat(held, chunk);
    let end = all.length;
    while (end > 0 && (all[end - 1] === LF || all[end - 1] === CR)) end -= 1;
    yield all.slice(0, end);
    held = all.slice(end);
  }
}

const withEnd = (end: readonly number[]): Change =>
  async function* append(chunks) {
    yield* chunks;
    yield Uint8Array.from(end);
  };

async function* withBom(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield Uint8Array.from(BOM);
  yield* chunks;
}

async function* withoutBom(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let left = BOM.length;
  for await (const chunk of chunks) {
    const cut = Math.min(left, chunk.length);
    left -= cut;
    if (cut < chunk.length) yield chunk.subarray(cut);
  }
}

const changes: readonly TextChange[] = [
  { name: 'its line endings were changed from LF to CRLF', undo: toLf },
  { name: 'its line endings were changed from CRLF to LF', undo: toCrlf },
  { name: 'a newline was added at its end', undo: withoutEnd([LF]) },
  { name: 'a CRLF was added at its end', undo: withoutEnd([CR, LF]) },
  { name: 'newlines were added at its end', undo: withoutNewlines },
  { name: 'the newline at its end was taken away', undo: withEnd([LF]) },
  { name: 'the CRLF at its end was taken away', undo: withEnd([CR, LF]) },
  { name: 'a UTF-8 byte order mark was put in front', undo: withoutBom },
  { name: 'its UTF-8 byte order mark was taken away', undo: withBom },
];

/** An editor, git's autocrlf or a transfer in text mode went over it. */
export const textChanged: Rule = {
  id: 'text-changed',
  examine: async ({ status, expected, found, content, measureChanged, passLimit }) => {
    if (status !== 'digest-mismatch' && status !== 'size-mismatch') return undefined;
    if (found === undefined) return undefined;
    // each of the changes changes the size: by a newline at most for every byte
    if (found.size === expected.size || found.size > 2 * expected.size + 4096 || expected.size > 2 * found.size + 3) {
      return undefined;
    }
    const facts = await content();
    if (facts === undefined || found.size > passLimit) {
      return { notTried: 'Whether its line endings were changed: it is too large to be read again for it.' };
    }
    if (facts.verity[expected.algorithm] === expected.digest || facts.head.includes(0)) return undefined;
    for (const { name, undo } of changes) {
      if (undo === withoutBom && !BOM.every((byte, at) => facts.head[at] === byte)) continue;
      if ((undo === toCrlf || undo === withBom || found.size < expected.size) !== found.size < expected.size) continue;
      const digest = await measureChanged(undo, expected.size);
      if (digest === undefined || digest !== expected.digest) continue;
      return finding(
        'text-changed',
        'certain',
        `It is the right text, but ${name}.`,
        [
          ['Size', `${found.size} bytes in place of ${expected.size}`],
          ['Digest with that undone', digest],
        ],
        'Look for an editor, git’s autocrlf, or a transfer in text mode: objects must be copied byte for byte.',
      );
    }
    return { ruledOut: 'It is not that line endings, a newline at the end or a byte order mark were changed.' };
  },
};
