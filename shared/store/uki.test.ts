import { expect, test } from 'vitest';
import { cmdlineSection, isPe, UkiError } from './uki.ts';
import { peOf } from './testing/pe.ts';

test('the command line of a unified kernel image, without what it is padded with', () => {
  const image = peOf({ '.osrel': 'ID=linux\n', '.cmdline': 'root=UUID=1 composefs=abc', '.linux': 'x'.repeat(900) });
  expect(isPe(image)).toBe(true);
  const section = cmdlineSection(image);
  if (section === undefined) throw new Error('no section');
  const { offset, length } = section;
  expect(Buffer.from(image.subarray(offset, offset + length)).toString()).toBe('root=UUID=1 composefs=abc');
});

test('none, where it has no such section', () => {
  expect(cmdlineSection(peOf({ '.linux': 'x' }))).toBeUndefined();
});

test.each([
  ['a file that is too short', new Uint8Array([0x4d, 0x5a]), /DOS header ends at byte 64/],
  ['a PE header that lies elsewhere', peOf({}).fill(0xff, 0x3c, 0x40), /PE header ends at byte/],
  ['no PE header', peOf({}).fill(0, 0x80, 0x84), /expected PE at byte 128/],
  ['more sections than there are bytes', peOf({}).fill(0xff, 0x86, 0x88), /section table ends/],
])('refuses %s', (_, bytes, message) => {
  expect(() => cmdlineSection(bytes)).toThrow(UkiError);
  expect(() => cmdlineSection(bytes)).toThrow(message);
});
