import { expect, test } from 'vitest';
import { safeFileName } from './safe-file-name.ts';

test.each([
  ['libssl.so.3', 'libssl.so.3'],
  ['.bashrc', '.bashrc'],
  ['für €', 'für €'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['a\\b:c*?"<>|', 'a_b_c______'],
  ['a\0b\nc\u007f', 'a_b_c_'],
  ['..', '_'],
  ['.', '_'],
  ['', 'content'],
])('offers %j as %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});
