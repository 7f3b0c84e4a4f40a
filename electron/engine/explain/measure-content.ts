import { createHash } from 'node:crypto';
import { DEFAULT_VERITY_BLOCK, hashBlocks, VerityDigester } from '../../../shared/verity/fs-verity.ts';
import type { VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import type { ContentFacts } from '../../../shared/verity/explain/evidence.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { slices } from '../slices.ts';

const HEAD = 64 * 1024;
/** Objects up to this many bytes keep the hashes of their blocks: 8 MiB of them. */
const MAX_LISTED = 2 ** 30;

/** All that rules ask of an object's bytes, in one pass. */
export async function measureContent(
  chunks: AsyncIterable<Uint8Array>,
  { algorithm, size: expectedSize }: { readonly algorithm: VerityAlgorithm; readonly size: number },
  fileSize: number,
): Promise<ContentFacts> {
  const verity = { sha256: digesterOf('sha256'), sha512: digesterOf('sha512') };
  const plain = { sha256: createHash('sha256'), sha512: createHash('sha512') };
  const prefix = fileSize > expectedSize ? digesterOf(algorithm) : undefined;
  const hash = nativeHash(algorithm);
  const heads: Uint8Array[] = [];
  const hashes: Uint8Array[] | undefined = fileSize <= MAX_LISTED ? [] : undefined;
  const breathe = slices();
  let size = 0;
  let zeroFrom = 0;
  for await (const chunk of inWholeBlocks(chunks)) {
    if (size < HEAD) heads.push(chunk.slice(0, HEAD - size));
    verity.sha256.update(chunk);
    verity.sha512.update(chunk);
    plain.sha256.update(chunk);
    plain.sha512.update(chunk);
    if (size < expectedSize) prefix?.update(chunk.subarray(0, expectedSize - size));
    hashes?.push(hashBlocks(chunk, { algorithm, hash }));
    const last = lastNonZero(chunk);
    if (last >= 0) zeroFrom = size + last + 1;
    size += chunk.length;
    await breathe();
  }
  return {
    size,
    verity: { sha256: hexOfBytes(verity.sha256.digest()), sha512: hexOfBytes(verity.sha512.digest()) },
    plain: { sha256: plain.sha256.digest('hex'), sha512: plain.sha512.digest('hex') },
    ofExpectedSize: prefix && size > expectedSize ? hexOfBytes(prefix.digest()) : undefined,
    zeroFrom,
    head: concatenate(heads),
    blockHashes: hashes && concatenate(hashes),
  };
}

/** Hash of each block of a content, as `ContentFacts.blockHashes`. */
export async function measureBlocks(
  chunks: AsyncIterable<Uint8Array>,
  algorithm: VerityAlgorithm,
): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  const breathe = slices();
  for await (const chunk of inWholeBlocks(chunks)) {
    hashes.push(hashBlocks(chunk, { algorithm, hash: nativeHash(algorithm) }));
    await breathe();
  }
  return concatenate(hashes);
}

const digesterOf = (algorithm: VerityAlgorithm): VerityDigester =>
  new VerityDigester({ algorithm, hash: nativeHash(algorithm) });

/** The same bytes in chunks of whole blocks, but for the last one. */
async function* inWholeBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : concatenate([rest, chunk]);
    const whole = all.length - (all.length % DEFAULT_VERITY_BLOCK);
    if (whole > 0) yield all.subarray(0, whole);
    rest = all.slice(whole);
  }
  if (rest.length > 0) yield rest;
}

function lastNonZero(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at >= 0 && bytes[at] === 0) at -= 1;
  return at;
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
