import type { VerityStatus } from '../contract/status.ts';
import { equalBytes } from '../tree/text.ts';
import type { VerityAlgorithm } from './fs-verity.ts';

/** What an image wants of an object. */
export interface Wanted {
  /** Bytes; undefined: nobody says. */
  readonly size: number | undefined;
  readonly algorithm: VerityAlgorithm;
  /** undefined: it names none. */
  readonly digest: Uint8Array | undefined;
}

/** What was seen of it. */
export interface Seen {
  /** Bytes. */
  readonly size: number;
  /** Computed fs-verity digest by the wanted algorithm; undefined: not read. */
  readonly digest: Uint8Array | undefined;
  /** Digest of the kernel's own; undefined: it is not sealed, or nobody asked. */
  readonly seal: { readonly algorithm: VerityAlgorithm; readonly digest: Uint8Array } | undefined;
  /** Whether the kernel that looked has fs-verity: else a missing seal says nothing about the object. */
  readonly kernelSeals: boolean;
}

/**
 * The status of an object (DESIGN.md, "Verity status of an entry"). A wrong size is told before all else, as nobody needs
 * to hash to see it; a wrong seal before wrong content, as a mount fails by it whatever the content.
 */
export function judge(wanted: Wanted, seen: Seen): VerityStatus {
  if (wanted.size !== undefined && seen.size !== wanted.size) return 'size-mismatch';
  if (wanted.digest === undefined) return 'no-digest';
  if (seen.seal !== undefined) {
    const isRight = seen.seal.algorithm === wanted.algorithm && equalBytes(seen.seal.digest, wanted.digest);
    if (!isRight) return 'wrong-seal';
    return seen.digest === undefined || equalBytes(seen.digest, wanted.digest) ? 'sealed' : 'digest-mismatch';
  }
  if (seen.digest === undefined) return 'unchecked';
  if (!equalBytes(seen.digest, wanted.digest)) return 'digest-mismatch';
  return seen.kernelSeals ? 'unsealed' : 'ok';
}
