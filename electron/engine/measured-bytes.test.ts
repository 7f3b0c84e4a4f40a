import { expect, test } from 'vitest';
import { openImage } from '../../shared/composefs/open-image.ts';
import { validImage } from '../../shared/testing/images.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { fsVerityDigest } from '../../shared/verity/fs-verity.ts';
import { measuredBytes } from './measured-bytes.ts';
import { nativeHash } from '../kernel/native-hash.ts';

test('a dump has the digest of the image that mkcomposefs makes of it', () => {
  const dump = openImage(Buffer.from('/ 0 40755 2 0 0 0 0.0 - - -\n'));
  const digest = fsVerityDigest(measuredBytes(dump), { algorithm: 'sha256', hash: nativeHash('sha256') });
  expect(hexOfBytes(digest)).toBe('8f589e8f57ecb88823736b0d857ddca1e1068a23e264fad164b28f7038eb3682');
});

test('an image has that of its file', () => {
  const bytes = validImage('everything-v0.cfs');
  expect(measuredBytes(openImage(bytes))).toBe(bytes);
});
