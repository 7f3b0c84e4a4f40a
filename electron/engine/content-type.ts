/** Bytes that are looked at: enough to tell text from what only begins like it. */
export const SNIFF_BYTES = 4096;

interface Signature {
  readonly type: string;
  /** Latin-1. */
  readonly magic: string;
  /** A second one, further on. */
  readonly also?: { readonly offset: number; readonly magic: string };
}

/**
 * First bytes of the types that the window shows, or that people look for in an image. A table rather than a library:
 * those know hundreds of types and parse into the files to tell them apart, which is a lot of code to let loose on bytes
 * of unknown origin, and none of them tells text.
 *
 * @see https://mimesniff.spec.whatwg.org/ and, for what browsers do not know, the formats' own specifications
 */
const signatures: readonly Signature[] = [
  { type: 'image/png', magic: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', magic: '\xff\xd8\xff' },
  { type: 'image/gif', magic: 'GIF87a' },
  { type: 'image/gif', magic: 'GIF89a' },
  { type: 'image/webp', magic: 'RIFF', also: { offset: 8, magic: 'WEBP' } },
  { type: 'image/bmp', magic: 'BM', also: { offset: 6, magic: '\0\0\0\0' } },
  { type: 'image/x-icon', magic: '\0\0\x01\0' },
  { type: 'application/pdf', magic: '%PDF-' },
  { type: 'application/x-elf', magic: '\x7fELF' },
  { type: 'application/gzip', magic: '\x1f\x8b\x08' },
  { type: 'application/zstd', magic: '\x28\xb5\x2f\xfd' },
  { type: 'application/x-xz', magic: '\xfd7zXZ\0' },
  { type: 'application/x-bzip2', magic: 'BZh' },
  { type: 'application/zip', magic: 'PK\x03\x04' },
  { type: 'application/zip', magic: 'PK\x05\x06' },
  { type: 'application/x-archive', magic: '!<arch>\n' },
  { type: 'application/x-sqlite3', magic: 'SQLite format 3\0' },
  { type: 'application/x-tar', magic: '', also: { offset: 257, magic: 'ustar' } },
  { type: 'application/wasm', magic: '\0asm' },
  { type: 'font/ttf', magic: '\0\x01\0\0\0' },
  { type: 'font/otf', magic: 'OTTO' },
  { type: 'font/woff2', magic: 'wOF2' },
];

/**
 * The MIME type of content, told from its first bytes; never from its name, which anybody may choose. SVG is text here:
 * it is shown as what it says.
 *
 * @param head the first `SNIFF_BYTES`, or all there are
 * @param isWhole whether that is all of the content
 */
export function contentTypeOf(head: Uint8Array, isWhole: boolean): string {
  if (head.length === 0 && isWhole) return 'application/x-empty';
  const known = signatures.find(
    ({ magic, also }) => holds(head, 0, magic) && (also === undefined || holds(head, also.offset, also.magic)),
  );
  if (known !== undefined) return known.type;
  return isText(head, isWhole) ? 'text/plain' : 'application/octet-stream';
}

function holds(head: Uint8Array, offset: number, magic: string): boolean {
  for (let i = 0; i < magic.length; i += 1) if (head[offset + i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** UTF-8 without control characters but those that text is laid out with, and the escapes of coloured logs. */
function isText(head: Uint8Array, isWhole: boolean): boolean {
  for (const byte of head) {
    if (byte === 0x7f || (byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b)) return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole }); // it may end within a letter
    return true;
  } catch {
    return false;
  }
}
