/** Verity status of an entry, the same words in window, command line and JSON (DESIGN.md, "Verity status"). */
export const verityStatuses = [
  /** Content lies in the image itself; the image's own digest protects it. */
  'inline',
  /** Has a digest; nobody looked yet. */
  'unchecked',
  /** The object's computed fs-verity digest is the expected one. */
  'ok',
  /** As `ok`, and the kernel has fs-verity enabled on the object with that digest. */
  'sealed',
  /** Content is right but fs-verity is not enabled: a `verity=require` mount refuses it. */
  'unsealed',
  /** Redirect without a digest: nothing protects this file. */
  'no-digest',
  /** No such object in any attached store. */
  'missing',
  /** The object is there with another size than the image says. */
  'size-mismatch',
  /** The object is there with other content than the image says. */
  'digest-mismatch',
  /** fs-verity is enabled with another digest than the image asks for. */
  'wrong-seal',
  /** Permission, I/O error, or not a regular file: with the errno. */
  'unreadable',
] as const;

export type VerityStatus = (typeof verityStatuses)[number];

/** The statuses that mean: a mount would fail, or give wrong bytes. */
export const badStatuses: ReadonlySet<VerityStatus> = new Set<VerityStatus>([
  'missing',
  'size-mismatch',
  'digest-mismatch',
  'wrong-seal',
  'unreadable',
]);
