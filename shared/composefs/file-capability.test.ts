import { describe, expect, it } from 'vitest';
import { decodeFileCapability, parseFileCapabilities } from './file-capability.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('decodeFileCapability', () => {
  // The values are those that setcap of libcap 2.66 wrote for the text on the right, `=` and `+` aside.
  it.each([
    ['0100000200200000000000000000000000000000', 'cap_net_raw+ep'],
    ['0000000200200000000000000000000000000000', 'cap_net_raw+p'],
    ['0100000200000000000000008001000080010000', 'cap_bpf,cap_checkpoint_restore+eip'],
    ['0000000201000000200000000000000000000000', 'cap_chown+p cap_kill+i'],
    ['01000002ffffffff00000000ff01000000000000', '=ep'],
    ['01000002dfffffffdfffffffff010000ff010000', '=eip cap_kill-eip'],
    ['0000000200000000000000000000000000000000', '='],
    ['0100000300200000000000000000000000000000e8030000', 'cap_net_raw+ep [rootid=1000]'],
  ])('reads %s as %s', (hex, text) => {
    expect(decodeFileCapability(bytes(hex))).toBe(text);
  });

  it.each([
    ['010000010120000020000000', 'cap_chown,cap_net_raw+ep cap_kill+ei'],
    ['0000000200000000000000000002000000000000', '41+p'],
    ['00000002ffffffff00000000ff03000000000000', '=p 41+p'],
  ])('reads %s, which setcap does not write, as %s', (hex, text) => {
    expect(decodeFileCapability(bytes(hex))).toBe(text);
  });

  it.each([
    ['', 'malformed: 0 bytes, at least 12 are needed'],
    ['01000002', 'malformed: 4 bytes, revision 2 has 20'],
    ['0100000400200000000000000000000000000000', 'malformed: revision 4 is unknown'],
    ['010000020020000000000000000000000000000000', 'malformed: 21 bytes, revision 2 has 20'],
    ['0100000300200000000000000000000000000000', 'malformed: 20 bytes, revision 3 has 24'],
  ])('says what is wrong with “%s”', (hex, text) => {
    expect(decodeFileCapability(bytes(hex))).toBe(text);
  });

  it('gives the sets, and the root of the name space', () => {
    expect(parseFileCapabilities(bytes('0100000300200000000000000000000001000000e8030000'))).toEqual({
      revision: 3,
      effective: true,
      permitted: 0x2000n,
      inheritable: 0x1_0000_0000n,
      rootid: 1000,
    });
  });
});
