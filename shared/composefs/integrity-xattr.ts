import { hexOfBytes } from '../tree/text.ts';

/**
 * `security.ima` and `security.evm`: a byte for the type, then a digest or a signature.
 *
 * @see Linux security/integrity/integrity.h, enum evm_ima_xattr_type and struct signature_v2_hdr (big-endian)
 */

/** By number, include/uapi/linux/hash_info.h. */
const hashNames = [
  'md4',
  'md5',
  'sha1',
  'rmd160',
  'sha256',
  'sha384',
  'sha512',
  'sha224',
  'rmd128',
  'rmd256',
  'rmd320',
  'wp256',
  'wp384',
  'wp512',
  'tgr128',
  'tgr160',
  'tgr192',
  'sm3',
  'streebog256',
  'streebog512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
] as const;

const hashName = (algorithm: number | undefined): string =>
  algorithm === undefined ? 'no algorithm' : (hashNames[algorithm] ?? `hash algorithm ${algorithm}`);

function signature(value: Uint8Array): string {
  const [, version, algorithm] = value;
  if (value.length < 9) return `malformed: a signature of ${value.length} bytes`;
  const keyId = hexOfBytes(value.subarray(3, 7));
  const length = ((value[7] ?? 0) << 8) | (value[8] ?? 0);
  const fault = length === value.length - 9 ? '' : ` (malformed: ${value.length - 9} bytes follow, it says ${length})`;
  return `signature version ${version} over ${hashName(algorithm)}, key ${keyId}${fault}`;
}

/** The value in words; undefined: an unknown type. */
export function decodeIntegrity(value: Uint8Array): string | undefined {
  switch (value[0]) {
    case 0x01:
      // The type of the first release: what the digest is, its length tells.
      return `digest ${value.length === 17 ? 'md5' : 'sha1'} ${hexOfBytes(value.subarray(1))}`;
    case 0x02:
      return `HMAC ${hexOfBytes(value.subarray(1))}`;
    case 0x03:
      return signature(value);
    case 0x04:
      return `digest ${hashName(value[1])} ${hexOfBytes(value.subarray(2))}`;
    case 0x05:
      return `portable ${signature(value)}`;
    case 0x06:
      return `fs-verity ${signature(value)}`;
    default:
      return undefined;
  }
}
