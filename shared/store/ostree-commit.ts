/**
 * The digest that an ostree commit says its composefs image has. A commit is a GVariant `(a{sv}aya(say)sstayay)`, big-
 * endian in its numbers but not in its framing, which is always little-endian.
 * @see GVariant specification, section 2 (serialisation); ostree src/libostree/ostree-core.h
 */

/** A commit that is not what it must be: what was expected at which byte. */
export class CommitError extends Error {
  override readonly name = 'CommitError';
  /** Bytes from the start of the commit. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (byte ${offset})`);
    this.offset = offset;
  }
}

const KEY = 'ostree.composefs.digest.v0';
const DIGEST_SIZE = 32;
/** Entries of the metadata that are looked at; honest commits have a dozen. */
const MAX_ENTRIES = 65_536;

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads `ostree.composefs.digest.v0` from a commit object.
 * @param commit the bytes of a `.commit` file
 * @returns 32 bytes; undefined: the commit has no such metadata
 * @throws CommitError
 */
export function composefsDigestOf(commit: Uint8Array): Uint8Array | undefined {
  const metadata = firstMember(commit);
  for (const entry of arrayOf(commit, metadata)) {
    const { key, value } = dictEntry(commit, entry);
    if (key !== KEY) continue;
    const found = variantOf(commit, value);
    if (found.type !== 'ay') throw new CommitError(`${KEY} is of type ${found.type}, not ay`, value.from);
    const length = found.range.to - found.range.from;
    if (length !== DIGEST_SIZE) throw new CommitError(`${KEY} has ${length} bytes, not 32`, found.range.from);
    return commit.slice(found.range.from, found.range.to);
  }
  return undefined;
}

/** Framing offsets have as many bytes as the container needs (GVariant specification, section 2.3.6). */
const offsetSize = (length: number): number =>
  length <= 0xff ? 1 : length <= 0xffff ? 2 : length <= 0xffff_ffff ? 4 : 8;

function readOffset(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index -= 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}

/** The `a{sv}` in front: its end is the last of the tuple's framing offsets, since they stand in reverse. */
function firstMember(commit: Uint8Array): Range {
  const size = offsetSize(commit.length);
  // seven of the members but the fixed-size t and the last one have no size of their own: a{sv} ay a(say) s s ay
  if (commit.length < 6 * size) throw new CommitError('a commit is longer than this', commit.length);
  const to = readOffset(commit, commit.length - size, size);
  if (to > commit.length - 6 * size) throw new CommitError(`the metadata would end at ${to}`, commit.length - size);
  return { from: 0, to };
}

/** Elements of an array whose elements differ in size and are aligned to 8. */
function* arrayOf(bytes: Uint8Array, { from, to }: Range): Generator<Range, void, void> {
  const length = to - from;
  if (length === 0) return;
  const size = offsetSize(length);
  const last = length < size ? length : readOffset(bytes, to - size, size);
  if (last > length - size || (length - last) % size !== 0) {
    throw new CommitError(`the array’s elements would end at ${last}`, Math.max(from, to - size));
  }
  const count = (length - last) / size;
  if (count > MAX_ENTRIES) throw new CommitError(`${count} entries of metadata`, from);
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const at = from + last + index * size;
    const end = readOffset(bytes, at, size);
    if (end < start || end > last) throw new CommitError(`an element would end at ${end}`, at);
    yield { from: from + start, to: from + end };
    start = align8(end);
  }
}

const align8 = (offset: number): number => Math.ceil(offset / 8) * 8;

/** `{sv}`: the key’s end is framed, the value is the rest, aligned to 8. */
function dictEntry(bytes: Uint8Array, { from, to }: Range): { readonly key: string; readonly value: Range } {
  const size = offsetSize(to - from);
  if (to - from < size + 1) throw new CommitError('a dictionary entry is longer than this', from);
  const end = readOffset(bytes, to - size, size);
  if (end < 1 || end > to - from - size) throw new CommitError(`a key would end at ${end}`, to - size);
  let key = '';
  for (let at = from; at < from + end - 1 && key.length <= KEY.length; at += 1)
    key += String.fromCharCode(bytes[at] ?? 0);
  const value = { from: from + align8(end), to: to - size };
  if (value.from > value.to) throw new CommitError('a value would begin behind its end', from + end);
  return { key, value };
}

/** `v`: the value, a NUL, and its type. */
function variantOf(bytes: Uint8Array, { from, to }: Range): { readonly type: string; readonly range: Range } {
  for (let at = to - 1; at >= from && to - at <= 256; at -= 1) {
    if (bytes[at] !== 0) continue;
    return { type: String.fromCharCode(...bytes.subarray(at + 1, to)), range: { from, to: at } };
  }
  throw new CommitError('a variant without a type', from);
}
