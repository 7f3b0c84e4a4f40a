import { VerityDigester } from '../../shared/verity/fs-verity.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import type { JobContext } from './job-list.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { slices } from './slices.ts';

/** Some ms of hashing. */
const CHUNK = 1 << 20;

/** The fs-verity digest of bytes in memory, as hex, computed a little at a time. @throws the signal's reason */
export async function verityDigestOf(
  bytes: Uint8Array,
  algorithm: VerityAlgorithm,
  { signal, progress }: JobContext,
): Promise<string> {
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  const breathe = slices();
  for (let at = 0; at < bytes.length; at += CHUNK) {
    digester.update(bytes.subarray(at, at + CHUNK));
    progress(Math.min(at + CHUNK, bytes.length), bytes.length);
    await breathe();
    signal.throwIfAborted();
  }
  return hexOfBytes(digester.digest());
}
