import { displayBytes, hexOfBytes } from '../tree/text.ts';

/**
 * Values of `overlay.*` in words, malformed ones as the kernel answers them (overlay-metacopy.md, sections 1, 2 and 4;
 * Linux fs/overlayfs/).
 */

const digestAlgorithms: Readonly<Record<number, { readonly name: string; readonly length: number }>> = {
  1: { name: 'sha256', length: 32 },
  2: { name: 'sha512', length: 64 },
};

const METACOPY_HEADER = 4;

function decodeMetacopy(value: Uint8Array): string {
  if (value.length === 0) return 'no digest';
  if (value.length < METACOPY_HEADER) return `malformed: ${value.length} bytes, at least 4 are needed (EIO)`;
  const [version = 0, length = 0, flags = 0, algorithm = 0] = value;
  if (version !== 0) return `malformed: version ${version}, expected 0 (EIO)`;
  if (length !== value.length) return `malformed: length ${length}, the value has ${value.length} bytes (EIO)`;
  if (flags !== 0) return `malformed: flags ${flags}, expected 0 (EIO)`;
  const digest = value.subarray(METACOPY_HEADER);
  if (algorithm === 0 && digest.length === 0) return 'no digest';
  const known = digestAlgorithms[algorithm];
  if (known === undefined) return `malformed: digest algorithm ${algorithm} is unknown (EIO)`;
  if (digest.length !== known.length) {
    return `malformed: ${digest.length} bytes of digest, ${known.name} has ${known.length} (EIO)`;
  }
  return `${known.name} ${hexOfBytes(digest)}`;
}

function decodeRedirect(value: Uint8Array): string {
  const text = displayBytes(value);
  const components = text.split('/');
  if (value.length === 0) return 'malformed: empty (EINVAL)';
  if (value.includes(0)) return `${text} (malformed: holds a NUL)`;
  if (components[0] !== '' && components.length > 1) return `${text} (malformed: relative, and holds a / (EINVAL))`;
  if (components[0] === '' && components.slice(1).includes('')) return `${text} (malformed: an empty name (EINVAL))`;
  return text;
}

function decodeOpaque(value: Uint8Array): string {
  const text = displayBytes(value);
  if (text === 'y') return 'y: opaque, lower layers do not show';
  if (text === 'x') return 'x: not opaque, may hold whiteouts as xattrs';
  return `${text}: means nothing`;
}

/** A file handle of overlayfs: struct ovl_fb, 21 bytes before the handle of the file system below. */
function decodeHandle(value: Uint8Array): string {
  if (value.length === 0) return 'unknown';
  const [version, magic, length, , type] = value;
  if (value.length < 21 || magic !== 0xfb || length !== value.length) return `malformed: ${value.length} bytes`;
  return `file handle of type ${type}, version ${version}, file system ${formatUuid(value.subarray(5, 21))}`;
}

function formatUuid(bytes: Uint8Array): string {
  return hexOfBytes(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decodeProtected(value: Uint8Array): string {
  const meanings: Readonly<Record<string, string>> = { a: 'append only', i: 'immutable' };
  const text = displayBytes(value);
  return `${text}: ${[...text].map((letter) => meanings[letter] ?? 'unknown').join(', ')}`;
}

const decoders: Readonly<Record<string, (value: Uint8Array) => string>> = {
  metacopy: decodeMetacopy,
  redirect: decodeRedirect,
  opaque: decodeOpaque,
  whiteout: () => 'whiteout, where the file is empty',
  whiteouts: () => 'holds whiteouts as xattrs',
  origin: decodeHandle,
  upper: decodeHandle,
  impure: (value) => `${displayBytes(value)}: holds entries that come from lower layers`,
  uuid: (value) => (value.length === 16 ? formatUuid(value) : `malformed: ${value.length} bytes, expected 16`),
  nlink: (value) => `${displayBytes(value)}: link count, against the upper (U) or lower (L) inode`,
  protattr: decodeProtected,
  verity: (value) =>
    value.length === 32
      ? `sha256 ${hexOfBytes(value)} (as composefs 0.1 stored it)`
      : `malformed: ${value.length} bytes, expected 32`,
};

const ESCAPE = 'overlay.';

/** The value of `overlay.KEY` in words; undefined: a key that overlayfs does not know. */
export function decodeOverlay(key: string, value: Uint8Array): string | undefined {
  if (key.startsWith(ESCAPE)) {
    const inner = decodeOverlay(key.slice(ESCAPE.length), value);
    return inner === undefined ? undefined : `escaped: ${inner}`;
  }
  return Object.hasOwn(decoders, key) ? decoders[key]?.(value) : undefined;
}
