import { verityAlgorithms, type VerityAlgorithm } from './fs-verity.ts';

/**
 * The bytes that a built-in signature is over: `struct fsverity_formatted_digest`, 44 or 76 of them.
 * @param digest 32 or 64 bytes
 * @see Linux include/uapi/linux/fsverity.h
 */
export function formattedDigest(algorithm: VerityAlgorithm, digest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + digest.length);
  for (const [at, letter] of [...'FSVerity'].entries()) bytes[at] = letter.charCodeAt(0);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, verityAlgorithms[algorithm].id, true);
  view.setUint16(10, digest.length, true);
  bytes.set(digest, 12);
  return bytes;
}
