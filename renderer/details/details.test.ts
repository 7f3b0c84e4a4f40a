import { describe, expect, it } from 'vitest';
import { asciiBytes, hexBytes, parseOffset } from './hex.ts';
import { modeWords } from './mode-words.ts';

describe('hex', () => {
  it('shows bytes as digits and as letters', () => {
    const bytes = Uint8Array.of(0, 0x41, 0x7f, 0xff, 0x20);
    expect(hexBytes(bytes)).toBe('00 41 7f ff 20');
    expect(asciiBytes(bytes)).toBe('.A.. ');
  });

  it('takes offsets in both bases and nothing else', () => {
    expect([' 0x1F ', '31', '1f', '-1', '', '0x'].map(parseOffset)).toEqual([
      31,
      31,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('mode in words', () => {
  it.each([
    [0o104755, ['set-uid']],
    [0o102755, ['set-gid']],
    [0o041777, ['sticky']],
    [0o100666, ['writable by all']],
    [0o120777, []],
    [0o100644, []],
  ])('%o', (mode, words) => expect(modeWords(mode)).toEqual(words));
});
