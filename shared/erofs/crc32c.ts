/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, initial value and no final inversion as EROFS has it.
 *
 * @returns the raw register as u32: callers that want the usual CRC-32C start with 0xffffffff and invert the result
 * @see Linux lib/crc32.c, crc32c(); fs/erofs/super.c, erofs_superblock_csum_verify
 */
export function crc32c(bytes: Uint8Array, register = 0xffffffff): number {
  let crc = register | 0;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return crc >>> 0;
}

const TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});
