import { displayBytes } from '../../shared/tree/text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes as a string for JSON: exactly the text that they are where they are UTF-8, whatever is in it, since JSON can
 * carry everything; else with `\xNN` for what is not UTF-8, as `displayBytes` has it.
 */
export function textOfBytes(bytes: Uint8Array): string {
  return utf8Text(bytes) ?? displayBytes(bytes);
}

/** The text that bytes are in UTF-8; undefined where they are not. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  // almost all names are ASCII, for which a call of the decoder takes four times as long
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if ((bytes[index] ?? 0) >= 0x80) return false;
  return true;
}
