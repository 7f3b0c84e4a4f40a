import { expect, test } from 'vitest';
import { parseDigest } from './parse-digest.ts';

const hex = '0123456789abcdef'.repeat(4);
const long = hex + hex;

test.each([
  [hex, 'sha256', hex, false],
  [`  ${hex.toUpperCase()}\n`, 'sha256', hex, false],
  [long, 'sha512', long, false],
  [`sha256:${hex}`, 'sha256', hex, false],
  [`sha256:${hex} image.cfs`, 'sha256', hex, false],
  [`${hex}  image.cfs`, 'sha256', hex, false],
  [`composefs=${hex}`, 'sha256', hex, false],
  [`root=UUID=1 ro composefs=?${long} quiet`, 'sha512', long, true],
  [`composefs.digest=v1-sha512-12:${long}`, 'sha512', long, false],
  [`quiet composefs.digest=?v1-sha256-12:${hex}`, 'sha256', hex, true],
  [`basedir=/x,digest=${hex},verity`, 'sha256', hex, false],
  [`containers.composefs.fsverity=${long}`, 'sha512', long, false],
  [`"containers.composefs.fsverity": "${hex}"`, 'sha256', hex, false],
  [
    `error: Writing 6.12.efi to ESP: The UKI has the wrong composefs= parameter (is 'sha512:${long}, should be sha512:${'ab'.repeat(64)})`,
    'sha512',
    long,
    false,
  ],
  [`Error: Image ${hex} not found`, 'sha256', hex, false],
])('%s', (text, algorithm, digest, optional) => {
  expect(parseDigest(text)).toEqual({ algorithm, digest, optional });
});

test.each([
  ['', 'There is no digest in it.'],
  [
    `FILE CORRUPTED! want_hash=sha256:${hex}, real_hash=sha256:${'ab'.repeat(32)}`,
    '“i” at place 2 is no hexadecimal digit.',
  ],
  [hex.slice(1), 'It has 63 digits; a digest has 64 (SHA-256) or 128 (SHA-512).'],
  [`${hex.slice(0, 9)}z${hex.slice(10)}`, '“z” at place 10 is no hexadecimal digit.'],
  [`sha512:${hex}`, 'It says sha512, which has 128 digits; this has 64.'],
  [
    `quay.io/heron/os:latest@sha256:${hex}`,
    'What stands behind @ is the digest of a container image’s manifest, not of a composefs image.',
  ],
  [`composefs.digest=v1-sha256-10:${hex}`, 'Its block size is 2^10; composefs takes blocks of 4096 bytes (2^12).'],
])('refused: %s', (text, fault) => {
  expect(parseDigest(text)).toEqual({ fault });
});
