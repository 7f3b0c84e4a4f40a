/** How tars lie on disk, as far as tar-stream does not tell (POSIX pax, “ustar Interchange Format”; GNU tar, “Basic Tar Format”). */

export const BLOCK = 512;
export const TYPE_AT = 156;
export const TYPE_PAX = 0x78; // x
export const TYPE_PAX_GLOBAL = 0x67; // g
/** GNU's long names: the library reads those. */
export const TYPES_LONG: ReadonlySet<number> = new Set([0x4b, 0x4c, 0x4e]); // K, L, N

/** Zeros as long as pieces of a tar are at the most. */
export const ZEROS: Uint8Array = new Uint8Array(2 ** 20);

/** How many bytes of content take in the archive: whole blocks. */
export const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/** @param bytes as many as `ZEROS` at the most */
export const isZero = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && Buffer.compare(bytes, ZEROS.subarray(0, bytes.length)) === 0;

/** A number as tar has them: octal digits, or GNU's big-endian two's complement with the highest bit set. */
export function headerNumber(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = BigInt(`0x${Buffer.from(field).toString('hex')}`);
    return Number(BigInt.asIntN(field.length * 8 - 1, value));
  }
  const digits = Buffer.from(field).toString('latin1').replaceAll('\0', ' ').trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}
