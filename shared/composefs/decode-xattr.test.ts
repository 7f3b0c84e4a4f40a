import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { decodeXattr, effectiveName } from './decode-xattr.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const digest = 'ab'.repeat(32);

describe('decodeXattr', () => {
  it.each<[string, Uint8Array, string | undefined]>([
    ['security.selinux', text('system_u:object_r:lib_t:s0\0'), 'system_u:object_r:lib_t:s0'],
    ['security.selinux', text('a\0b'), 'a\\x00b'],
    ['security.capability', bytes('0100000200200000000000000000000000000000'), 'cap_net_raw+ep'],
    ['system.posix_acl_default', bytes('02000000'), 'no entries'],
    ['user.note', text('größe'), 'größe'],
    ['user.note', text('two\nlines\twide'), 'two\\x0alines\\x09wide'],
    ['user.note', text('a\\x00'), 'a\\\\x00'],
    ['user.note', bytes('00ff'), undefined],
    ['user.note', text(''), undefined],
    ['user.note', text('é'.repeat(5000)), `${'é'.repeat(2048)}…`],
    ['user.note', text(`x${'é'.repeat(5000)}`), `x${'é'.repeat(2047)}…`],
    ['security.ima', bytes(`0404${digest}`), `digest sha256 ${digest}`],
    ['security.ima', bytes(`01${'00'.repeat(20)}`), `digest sha1 ${'00'.repeat(20)}`],
    [
      'security.ima',
      bytes('03020401020304000211'),
      'signature version 2 over sha256, key 01020304 (malformed: 1 bytes follow, it says 2)',
    ],
    ['security.ima', bytes('0603060102030400021122'), 'fs-verity signature version 3 over sha512, key 01020304'],
    ['security.ima', bytes('03'), 'malformed: a signature of 1 bytes'],
    ['security.ima', bytes('99'), undefined],
    ['security.evm', bytes('020a0b'), 'HMAC 0a0b'],
    ['security.evm', bytes('0502040a0b0c0d0000'), 'portable signature version 2 over sha256, key 0a0b0c0d'],
    ['trusted.overlay.metacopy', bytes(''), 'no digest'],
    ['trusted.overlay.metacopy', bytes('00040000'), 'no digest'],
    ['trusted.overlay.metacopy', bytes(`00240001${digest}`), `sha256 ${digest}`],
    ['trusted.overlay.metacopy', bytes(`00440002${digest}${digest}`), `sha512 ${digest}${digest}`],
    ['trusted.overlay.metacopy', bytes('0024'), 'malformed: 2 bytes, at least 4 are needed (EIO)'],
    ['trusted.overlay.metacopy', bytes(`01240001${digest}`), 'malformed: version 1, expected 0 (EIO)'],
    ['trusted.overlay.metacopy', bytes(`00250001${digest}`), 'malformed: length 37, the value has 36 bytes (EIO)'],
    ['trusted.overlay.metacopy', bytes(`00240101${digest}`), 'malformed: flags 1, expected 0 (EIO)'],
    ['trusted.overlay.metacopy', bytes(`00240003${digest}`), 'malformed: digest algorithm 3 is unknown (EIO)'],
    ['trusted.overlay.metacopy', bytes(`00240002${digest}`), 'malformed: 32 bytes of digest, sha512 has 64 (EIO)'],
    ['trusted.overlay.redirect', text('/6f/1e33'), '/6f/1e33'],
    ['trusted.overlay.redirect', text('sibling'), 'sibling'],
    ['trusted.overlay.redirect', text(''), 'malformed: empty (EINVAL)'],
    ['trusted.overlay.redirect', text('//x/y'), '//x/y (malformed: an empty name (EINVAL))'],
    ['trusted.overlay.redirect', text('a/b'), 'a/b (malformed: relative, and holds a / (EINVAL))'],
    ['trusted.overlay.redirect', text('/a\0'), '/a\\x00 (malformed: holds a NUL)'],
    ['trusted.overlay.opaque', text('y'), 'y: opaque, lower layers do not show'],
    ['user.overlay.opaque', text('x'), 'x: not opaque, may hold whiteouts as xattrs'],
    ['user.overlay.opaque', text('z'), 'z: means nothing'],
    ['trusted.overlay.overlay.opaque', text('x'), 'escaped: x: not opaque, may hold whiteouts as xattrs'],
    ['trusted.overlay.overlay.whiteout', text(''), 'escaped: whiteout, where the file is empty'],
    ['user.overlay.whiteouts', text(''), 'holds whiteouts as xattrs'],
    [
      'trusted.overlay.origin',
      bytes(`00fb1d0081${'0123456789abcdef'.repeat(2)}0102030405060708`),
      'file handle of type 129, version 0, file system 01234567-89ab-cdef-0123-456789abcdef',
    ],
    ['trusted.overlay.upper', bytes('00fb'), 'malformed: 2 bytes'],
    ['trusted.overlay.origin', bytes(''), 'unknown'],
    ['trusted.overlay.impure', text('y'), 'y: holds entries that come from lower layers'],
    ['trusted.overlay.uuid', bytes('0123456789abcdef0123456789abcdef'), '01234567-89ab-cdef-0123-456789abcdef'],
    ['trusted.overlay.nlink', text('U+1'), 'U+1: link count, against the upper (U) or lower (L) inode'],
    ['trusted.overlay.protattr', text('ai'), 'ai: append only, immutable'],
    ['trusted.overlay.verity', bytes(digest), `sha256 ${digest} (as composefs 0.1 stored it)`],
    ['trusted.overlay.unheard', text('y'), undefined],
  ])('says of %s what it means: %#', (name, value, words) => {
    expect(decodeXattr(name, value)).toBe(words);
  });

  it('takes any bytes under any name', () => {
    const random = new Random(11);
    const names = [
      'metacopy',
      'redirect',
      'origin',
      'uuid',
      'protattr',
      'nlink',
      'overlay.verity',
      'constructor',
      '__proto__',
    ];
    const all = [
      ...names.map((name) => `trusted.overlay.${name}`),
      'security.ima',
      'security.capability',
      'system.posix_acl_access',
      'user.x',
    ];
    for (let i = 0; i < 5000; i += 1) {
      const value = Uint8Array.from({ length: random.int(90) }, () =>
        random.chance(0.5) ? random.int(6) : random.int(256),
      );
      expect(['string', 'undefined']).toContain(typeof decodeXattr(random.pick(all), value));
    }
  });
});

describe('effectiveName', () => {
  it.each([
    ['security.selinux', 'security.selinux'],
    ['trusted.overlay.metacopy', undefined],
    ['trusted.overlay.origin', undefined],
    ['trusted.overlay.overlay.opaque', 'trusted.overlay.opaque'],
    ['trusted.overlay.overlay.overlay.x', 'trusted.overlay.overlay.x'],
    ['user.overlay.opaque', 'user.overlay.opaque'],
    ['trusted.overlayfs', 'trusted.overlayfs'],
  ])('is, in a composefs mount, for %s: %s', (raw, effective) => {
    expect(effectiveName(raw, 'composefs')).toBe(effective);
  });

  it('is the raw name where no overlay is in between', () => {
    expect(effectiveName('trusted.overlay.metacopy', 'erofs')).toBe('trusted.overlay.metacopy');
  });
});
