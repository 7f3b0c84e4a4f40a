/** Bytes a row of the hex view shows. */
export const HEX_ROW = 16;

/** `00 1f …`, two digits a byte. */
export const hexBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Printable ASCII as itself, all else as a dot. */
export const asciiBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');

/** An offset that a person typed: decimal, or hex with 0x; undefined where it is neither. */
export function parseOffset(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(trimmed)) return undefined;
  return Number(trimmed);
}
