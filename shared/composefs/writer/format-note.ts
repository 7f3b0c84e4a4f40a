import type { FormatVersion } from './format-rules.ts';

/** How sure the bytes of an image are, where they are not the C tool's: a sentence for who makes one. */
export function formatNote(version: FormatVersion, hasSha512: boolean): string | undefined {
  if (version === 2) {
    return (
      'Format 2 is what composefs-rs 0.5 to 0.9 write: checked against the digests that it pins for an empty tree and for a file ' +
      'of each kind, and compared byte for byte with its own writer on random trees; files without a digest follow the ' +
      'source of 0.9, and are not checked. The C tools read it, and do not write it.'
    );
  }
  return hasSha512
    ? `Format ${version} with SHA-512 objects is composefs-rs’s alone; its digest follows from the source of 0.9, and is not pinned there.`
    : undefined;
}
