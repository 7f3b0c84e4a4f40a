import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { bytesOfText, compareBytes, displayBytes, equalBytes, hexOfBytes } from './text.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('displayBytes', () => {
  it.each<[string, Uint8Array, string]>([
    ['plain ASCII', bytes(0x6c, 0x69, 0x62, 0x20, 0x7e), 'lib ~'],
    ['UTF-8 of two, three and four bytes', bytes(0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x90, 0xa7), 'ä€🐧'],
    ['a backslash doubled', bytes(0x5c, 0x78, 0x34, 0x31), '\\\\x41'],
    ['control characters', bytes(0x00, 0x0a, 0x1b, 0x7f), '\\x00\\x0a\\x1b\\x7f'],
    ['C1 controls, byte by byte', bytes(0xc2, 0x85), '\\xc2\\x85'],
    ['an override of text direction', bytes(0xe2, 0x80, 0xae, 0x67), '\\xe2\\x80\\xaeg'],
    ['a line separator', bytes(0xe2, 0x80, 0xa8), '\\xe2\\x80\\xa8'],
    ['a lone continuation byte', bytes(0x80, 0x61), '\\x80a'],
    ['a truncated sequence', bytes(0xe2, 0x82), '\\xe2\\x82'],
    ['a sequence that an ASCII letter breaks', bytes(0xe2, 0x82, 0x61), '\\xe2\\x82a'],
    ['an overlong slash', bytes(0xc0, 0xaf), '\\xc0\\xaf'],
    ['an overlong form of three bytes', bytes(0xe0, 0x80, 0xaf), '\\xe0\\x80\\xaf'],
    ['half a surrogate pair', bytes(0xed, 0xa0, 0x80), '\\xed\\xa0\\x80'],
    ['what lies above U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), '\\xf4\\x90\\x80\\x80'],
    ['bytes that begin no sequence', bytes(0xf5, 0xff), '\\xf5\\xff'],
    ['markup as the text it is', new Uint8Array(Buffer.from('<img src=x onerror=a>')), '<img src=x onerror=a>'],
  ])('shows %s', (_, input, text) => {
    expect(displayBytes(input)).toBe(text);
  });

  it('loses nothing: the text gives the bytes back', () => {
    const random = new Random(1);
    // Mostly bytes that begin or continue sequences, and those of the escape itself.
    const likely = [0x5c, 0x78, 0x30, 0x66, 0x80, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xa0, 0x90, 0x00, 0xff];
    for (let i = 0; i < 5000; i += 1) {
      const input = Uint8Array.from({ length: random.int(12) }, () =>
        random.chance(0.7) ? random.pick(likely) : random.int(256),
      );
      expect(bytesOfText(displayBytes(input)), hexOfBytes(input)).toEqual(input);
    }
  });

  it('agrees with the decoder of the platform on valid UTF-8', () => {
    const text = 'Größe – 日本語 – 🇪🇺 – ﷽';
    expect(displayBytes(new TextEncoder().encode(text))).toBe(text);
  });
});

describe('bytesOfText', () => {
  it.each<[string, string, number[]]>([
    ['an escape in upper case', '\\xFF', [0xff]],
    ['a backslash that begins no escape', '\\n', [0x5c, 0x6e]],
    ['an escape with one digit', '\\x4', [0x5c, 0x78, 0x34]],
    ['a backslash at the end', 'a\\', [0x61, 0x5c]],
    ['half a surrogate pair', '\ud83d', [0xef, 0xbf, 0xbd]],
  ])('takes %s', (_, text, expected) => {
    expect([...bytesOfText(text)]).toEqual(expected);
  });
});

describe('comparing bytes', () => {
  it('orders by unsigned value, and a prefix first', () => {
    expect(compareBytes(bytes(0x7f), bytes(0x80))).toBeLessThan(0);
    expect(compareBytes(bytes(1, 2), bytes(1, 2, 0))).toBeLessThan(0);
    expect(compareBytes(bytes(1, 3), bytes(1, 2, 0))).toBeGreaterThan(0);
    expect(compareBytes(bytes(1, 2), bytes(1, 2))).toBe(0);
  });

  it('finds equal what is equal, and nothing else', () => {
    expect(equalBytes(bytes(1, 2), bytes(1, 2))).toBe(true);
    expect(equalBytes(bytes(1, 2), bytes(1, 3))).toBe(false);
    expect(equalBytes(bytes(1, 2), bytes(1))).toBe(false);
  });

  it('writes hex in lower case, two digits each', () => {
    expect(hexOfBytes(bytes(0, 10, 255))).toBe('000aff');
  });
});
