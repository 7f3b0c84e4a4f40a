import { bytesOfText } from '../../tree/text.ts';

const [HEADER, TABLE, ALIGNMENT] = [0x80, 0x80 + 24 + 240, 512];

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/** A PE image with these sections, and nothing that runs: what a UKI is but for the stub. */
export function peOf(sections: Readonly<Record<string, string>>): Uint8Array {
  const all = Object.entries(sections);
  const dataFrom = aligned(TABLE + 40 * all.length);
  const bytes = new Uint8Array(dataFrom + all.reduce((sum, [, text]) => sum + aligned(text.length), 0));
  const view = new DataView(bytes.buffer);
  const put = (text: string, at: number): void => bytes.set(bytesOfText(text), at);
  put('MZ', 0);
  view.setUint32(0x3c, HEADER, true);
  put('PE', HEADER);
  view.setUint16(HEADER + 4, 0x8664, true);
  view.setUint16(HEADER + 6, all.length, true);
  view.setUint16(HEADER + 20, 240, true); // of the optional header
  let data = dataFrom;
  for (const [index, [name, text]] of all.entries()) {
    const at = TABLE + 40 * index;
    put(name, at);
    view.setUint32(at + 8, text.length, true);
    view.setUint32(at + 16, aligned(text.length), true);
    view.setUint32(at + 20, data, true);
    put(text, data);
    data += aligned(text.length);
  }
  return bytes;
}
