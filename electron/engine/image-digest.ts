import { VerityDigester } from '../../shared/verity/fs-verity.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import type { Steps } from '../../shared/steps.ts';
import type { JobContext } from './job-list.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { inSlices } from './slices.ts';

/** Some ms of hashing. */
const CHUNK = 1 << 20;

/** The fs-verity digest of bytes in memory, as hex, computed a little at a time. @throws the signal's reason */
export const verityDigestOf = (
  bytes: Uint8Array,
  algorithm: VerityAlgorithm,
  { signal, progress }: JobContext,
): Promise<string> => inSlices(digestInSteps(bytes, algorithm, progress), signal);

/** The same, in steps. */
export function* digestInSteps(
  bytes: Uint8Array,
  algorithm: VerityAlgorithm,
  progress: (done: number, total: number) => void = () => undefined,
): Steps<string> {
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  for (let at = 0; at < bytes.length; at += CHUNK) {
    digester.update(bytes.subarray(at, at + CHUNK));
    progress(Math.min(at + CHUNK, bytes.length), bytes.length);
    yield;
  }
  return hexOfBytes(digester.digest());
}
