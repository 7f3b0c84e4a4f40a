import { expect, test } from 'vitest';
import { meaningOf } from './known-messages.ts';

// as the tools and the kernel print them
test.each([
  ["overlayfs: lower file '00d95735d1bf9fa8' has no fs-verity digest", /not sealed/],
  ['Enabling verity digest: Filesystem does not support fs-verity', /not sealed/],
  ['Image has no fs-verity', /not sealed/],
  ['Error: fs-verity content mismatch', /named by/],
  [
    'fs-verity (dm-0, inode 249306): FILE CORRUPTED! pos=1966080, level=-1, want_hash=sha512:40, real_hash=sha512:2d',
    /damaged/,
  ],
  ['splitstream 1f2e differs from 3a4b', /compressed bytes/],
  ['Error: Image 4a5b not found', /another format/],
  ['opening images/4a5b: No such file or directory', /another format/],
  [
    "error: Setting up UKI boot: Writing 6.12.efi to ESP: The UKI has the wrong composefs= parameter (is 'sha512:1c88, should be sha512:5c8b)",
    /sealed for an image/,
  ],
  ['-/usr 4096 40755 12 0 0 0 0.0 - - -\n+/usr 0 40755 12 0 0 0 0.0 - - -', /text diff of two dumps/],
  ['< /usr/bin/ls 0 @120000 - - - - 0.0 /usr/bin/dir - -', /text diff of two dumps/],
])('%s', (text, meaning) => {
  expect(meaningOf(text)?.meaning).toMatch(meaning);
  expect(meaningOf(text)?.advice).not.toBe('');
});

test.each(['', 'ab'.repeat(32), 'root=UUID=1 composefs=?abcd quiet', 'an image of composefs', '/usr 0 40755'])(
  'nothing is known of: %s',
  (text) => {
    expect(meaningOf(text)).toBeUndefined();
  },
);
